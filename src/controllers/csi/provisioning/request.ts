import type { PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import { attributesClassOf, cloneSourceKeyOf, requestedBytesOf, volumeModeOf } from '#api/storage/claim.ts';
import { dataSourceOf, describeSource } from '#api/storage/data-source.ts';
import { provisionedNameOf } from '#api/storage/names.ts';
import { restoreSourceKeyOf } from '#api/storage/snapshot.ts';
import { fail, ok, type Result } from '#kit/errors.ts';
import type { CreateVolumeRequest, TopologyRequirement, VolumeCapability } from '#protocols/csi/generated/messages.ts';
import { csiAccessModeOf } from '#protocols/csi/volume-capability.ts';
import { contentOf } from './content-source.ts';
import type { PlannedOrder } from './order.ts';

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
  /** CREATE_DELETE_SNAPSHOT */
  readonly hasSnapshots: boolean;
}

function whyNoCopies(claim: PersistentVolumeClaim, { provisioner }: StorageClass): string | undefined {
  const source = cloneSourceKeyOf(claim) === undefined ? undefined : dataSourceOf(claim);
  if (source === undefined) return undefined;
  return `${describeSource(source)}: the CSI driver ${JSON.stringify(provisioner)} makes no copies of volumes (no CLONE_VOLUME): leave it out and fill the volume from a pod`;
}

function whyNoRestores(claim: PersistentVolumeClaim, { provisioner }: StorageClass): string | undefined {
  const source = restoreSourceKeyOf(claim) === undefined ? undefined : dataSourceOf(claim);
  if (source === undefined) return undefined;
  return `${describeSource(source)}: the CSI driver ${JSON.stringify(provisioner)} has no snapshots (no CREATE_DELETE_SNAPSHOT): leave it out and fill the volume from a pod`;
}

function whyUnmodifiable(claim: PersistentVolumeClaim, { provisioner }: StorageClass): string | undefined {
  const name = attributesClassOf(claim.spec);
  if (name === '') return undefined;
  return `spec.volumeAttributesClassName ${JSON.stringify(name)}: the CSI driver ${JSON.stringify(provisioner)} has no attributes that can be changed (no MODIFY_VOLUME): make a claim without it`;
}

/** What of the claim this driver has no call for. */
function whyIncapable(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  capabilities: ProvisioningCapabilities,
): string | undefined {
  return (
    (capabilities.hasModification ? undefined : whyUnmodifiable(claim, storageClass)) ??
    (capabilities.hasCloning ? undefined : whyNoCopies(claim, storageClass)) ??
    (capabilities.hasSnapshots ? undefined : whyNoRestores(claim, storageClass))
  );
}

/** The CreateVolume message for `claim` without secrets, or why this driver can't be asked; made anew from the same order it is the same, as idempotency wants. Pure. */
export function buildRequest(
  claim: PersistentVolumeClaim,
  { storageClass, parameters, attributesClass, source }: PlannedOrder,
  driver: { readonly capabilities: ProvisioningCapabilities; readonly topology: TopologyRequirement | undefined },
): Result<Omit<CreateVolumeRequest, 'secrets'>> {
  const { capabilities, topology } = driver;
  const refusal = whyIncapable(claim, storageClass, capabilities);
  if (refusal !== undefined) return fail(refusal);
  const content = source && contentOf(source);
  return ok({
    name: provisionedNameOf(claim.metadata.uid),
    capacityRange: { requiredBytes: requestedBytesOf(claim) },
    volumeCapabilities: (claim.spec.accessModes ?? []).map((mode): VolumeCapability => {
      const accessMode = { mode: csiAccessModeOf(mode, capabilities) };
      if (volumeModeOf(claim.spec) === 'Block') return { block: {}, accessMode };
      return { mount: { fsType: parameters.fsType, mountFlags: storageClass.mountOptions ?? [] }, accessMode };
    }),
    parameters: parameters.forDriver,
    ...(attributesClass === undefined ? {} : { mutableParameters: attributesClass.parameters ?? {} }),
    ...(content === undefined ? {} : { volumeContentSource: content }),
    ...(topology === undefined ? {} : { accessibilityRequirements: topology }),
  });
}
