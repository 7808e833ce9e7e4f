import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { volumeModeOf } from '#api/storage/claim.ts';
import type { VolumeCapability, VolumeCapabilityAccessModeMode } from '#protocols/csi/generated/messages.ts';

/** CSI's name of an access mode (external-provisioner; csi-lib-utils accessmodes). */
export function csiAccessModeOf(
  mode: string,
  { hasSingleNodeMultiWriter }: { readonly hasSingleNodeMultiWriter: boolean },
): VolumeCapabilityAccessModeMode {
  switch (mode) {
    case 'ReadOnlyMany':
      return 'MULTI_NODE_READER_ONLY';
    case 'ReadWriteMany':
      return 'MULTI_NODE_MULTI_WRITER';
    case 'ReadWriteOncePod':
      return hasSingleNodeMultiWriter ? 'SINGLE_NODE_SINGLE_WRITER' : 'SINGLE_NODE_WRITER';
    default:
      return hasSingleNodeMultiWriter ? 'SINGLE_NODE_MULTI_WRITER' : 'SINGLE_NODE_WRITER';
  }
}

/** The capability of a volume that exists, by its first access mode, as upstream's sidecars tell it. */
export function csiCapabilityOf(
  { spec }: PersistentVolume,
  capabilities: { readonly hasSingleNodeMultiWriter: boolean },
): VolumeCapability {
  const accessMode = { mode: csiAccessModeOf(spec.accessModes?.[0] ?? 'ReadWriteOnce', capabilities) };
  if (volumeModeOf(spec) === 'Block') return { block: {}, accessMode };
  return { mount: { fsType: spec.csi?.fsType ?? '', mountFlags: spec.mountOptions ?? [] }, accessMode };
}
