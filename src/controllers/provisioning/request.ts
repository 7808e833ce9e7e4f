import type { PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import { attributesClassOf, requestedBytesOf, volumeModeOf } from '#api/storage/claim.ts';
import { provisionedNameOf } from '#api/storage/names.ts';
import { fail, ok, type Result } from '#kit/errors.ts';
import type { CreateVolumeRequest, TopologyRequirement, VolumeCapability } from '#protocols/csi/generated/messages.ts';
import { csiAccessModeOf } from '../csi-access-mode.ts';
import { type ClassParameters, sortParameters } from './parameters.ts';

/** What a driver can do, as far as the request depends on it. */
export interface DriverCapabilities {
  /** VOLUME_ACCESSIBILITY_CONSTRAINTS */
  readonly hasTopology: boolean;
  /** SINGLE_NODE_MULTI_WRITER */
  readonly hasSingleNodeMultiWriter: boolean;
}

/** Why nobody needs to be asked: this claim can't be provisioned with this class. Undefined where it may. Pure. */
export function whyRefused(claim: PersistentVolumeClaim, storageClass: StorageClass): string | undefined {
  if (claim.spec.selector !== undefined)
    return 'claim Selector is not supported: leave spec.selector out, or create a PersistentVolume that it selects';
  const source = claim.spec.dataSourceRef ?? claim.spec.dataSource;
  if (source !== undefined)
    return `spec.dataSource ${source.kind} ${JSON.stringify(source.name)}: provisioning from a source is not supported yet: leave it out and fill the volume from a pod`;
  if (attributesClassOf(claim.spec) !== '')
    return `spec.volumeAttributesClassName ${JSON.stringify(attributesClassOf(claim.spec))}: not supported yet: leave it out`;
  const parameters = sortParameters(storageClass, claim);
  return parameters.ok ? undefined : parameters.error;
}

/** What goes to the driver, secrets aside, and what of the class goes into the PersistentVolume. */
export interface ProvisionRequest {
  readonly message: Omit<CreateVolumeRequest, 'secrets'>;
  readonly parameters: ClassParameters;
}

/** The CreateVolume message for `claim`; made anew from the same objects it is the same, as idempotency wants. Pure. */
export function buildRequest(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  driver: { readonly capabilities: DriverCapabilities; readonly topology: TopologyRequirement | undefined },
): Result<ProvisionRequest> {
  const refusal = whyRefused(claim, storageClass);
  if (refusal !== undefined) return fail(refusal);
  const parameters = sortParameters(storageClass, claim);
  if (!parameters.ok) return parameters;
  const { forDriver, fsType } = parameters.value;
  const message = {
    name: provisionedNameOf(claim.metadata.uid),
    capacityRange: { requiredBytes: requestedBytesOf(claim) },
    volumeCapabilities: (claim.spec.accessModes ?? []).map((mode): VolumeCapability => {
      const accessMode = { mode: csiAccessModeOf(mode, driver.capabilities) };
      if (volumeModeOf(claim.spec) === 'Block') return { block: {}, accessMode };
      return { mount: { fsType, mountFlags: storageClass.mountOptions ?? [] }, accessMode };
    }),
    parameters: forDriver,
    ...(driver.topology === undefined ? {} : { accessibilityRequirements: driver.topology }),
  };
  return ok({ message, parameters: parameters.value });
}
