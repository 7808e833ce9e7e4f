import type { VolumeCapabilityAccessModeMode } from '#protocols/csi/generated/messages.ts';

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
