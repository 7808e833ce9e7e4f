import type { PersistentVolumeClaim, StorageClass, VolumeAttributesClass } from '#api/generated/kubernetes.ts';
import { attributesClassOf, cloneSourceKeyOf, requestedBytesOf, volumeModeOf } from '#api/storage/claim.ts';
import { provisionedNameOf } from '#api/storage/names.ts';
import { fail, ok, type Result } from '#kit/errors.ts';
import type { CreateVolumeRequest, TopologyRequirement, VolumeCapability, VolumeContentSource } from '#protocols/csi/generated/messages.ts';
import { csiAccessModeOf } from '#protocols/csi/volume-capability.ts';
import { type ClassParameters, sortParameters } from './parameters.ts';

/** What a driver can do, as far as the request depends on it. */
export interface ProvisioningCapabilities {
  /** VOLUME_ACCESSIBILITY_CONSTRAINTS */
  readonly hasTopology: boolean;
  /** SINGLE_NODE_MULTI_WRITER */
  readonly hasSingleNodeMultiWriter: boolean;
  /** MODIFY_VOLUME */
  readonly hasModification: boolean;
  /** CLONE_VOLUME */
  readonly hasCloning: boolean;
}

/** Why nobody needs to be asked: this claim can't be provisioned with this class. Undefined where it may. Pure. */
export function whyRefused(claim: PersistentVolumeClaim, storageClass: StorageClass): string | undefined {
  if (claim.spec.selector !== undefined)
    return 'claim Selector is not supported: leave spec.selector out, or create a PersistentVolume that it selects';
  const source = claim.spec.dataSourceRef ?? claim.spec.dataSource;
  if (source !== undefined && cloneSourceKeyOf(claim) === undefined)
    return `spec.dataSource ${source.kind} ${JSON.stringify(source.name)}: only a PersistentVolumeClaim of the same namespace can be copied here: name one, or leave it out and fill the volume from a pod`;
  const parameters = sortParameters(storageClass, claim);
  return parameters.ok ? undefined : parameters.error;
}

/** Why the VolumeAttributesClass that `claim` names can't be its volume's; undefined where it can, or none is named. Pure. */
export function whyUnattributable(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  attributesClass: VolumeAttributesClass | undefined,
): string | undefined {
  const name = JSON.stringify(attributesClassOf(claim.spec));
  if (attributesClassOf(claim.spec) === '') return undefined;
  if (attributesClass === undefined) return `VAC ${name} does not exist: create it, or make a claim that names another`;
  if (attributesClass.driverName === storageClass.provisioner) return undefined;
  return `VAC ${name} is for the driver ${JSON.stringify(attributesClass.driverName)}, not for ${JSON.stringify(storageClass.provisioner)} of the class: name one of that driver`;
}

function whyNoCopies(claim: PersistentVolumeClaim, { provisioner }: StorageClass): string | undefined {
  const key = cloneSourceKeyOf(claim);
  if (key === undefined) return undefined;
  return `spec.dataSource PersistentVolumeClaim ${JSON.stringify(key.name)}: the CSI driver ${JSON.stringify(provisioner)} makes no copies of volumes (no CLONE_VOLUME): leave it out and fill the volume from a pod`;
}

function whyUnmodifiable(claim: PersistentVolumeClaim, { provisioner }: StorageClass): string | undefined {
  const name = attributesClassOf(claim.spec);
  if (name === '') return undefined;
  return `spec.volumeAttributesClassName ${JSON.stringify(name)}: the CSI driver ${JSON.stringify(provisioner)} has no attributes that can be changed (no MODIFY_VOLUME): make a claim without it`;
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
  driver: {
    readonly capabilities: ProvisioningCapabilities;
    readonly topology: TopologyRequirement | undefined;
    /** What the claim names, where it names one. */
    readonly attributesClass?: VolumeAttributesClass | undefined;
    /** What it is filled from, where it is. */
    readonly content?: VolumeContentSource | undefined;
  },
): Result<ProvisionRequest> {
  const { attributesClass, content, capabilities } = driver;
  const refusal =
    whyRefused(claim, storageClass) ??
    (capabilities.hasModification ? undefined : whyUnmodifiable(claim, storageClass)) ??
    (capabilities.hasCloning ? undefined : whyNoCopies(claim, storageClass));
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
    ...(attributesClass === undefined ? {} : { mutableParameters: attributesClass.parameters ?? {} }),
    ...(content === undefined ? {} : { volumeContentSource: content }),
    ...(driver.topology === undefined ? {} : { accessibilityRequirements: driver.topology }),
  };
  return ok({ message, parameters: parameters.value });
}
