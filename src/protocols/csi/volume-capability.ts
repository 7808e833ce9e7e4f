import type { VolumeCapability, VolumeCapabilityAccessModeMode } from './generated/messages.ts';

/** A volume as far as its capability goes. */
export interface CapableVolume {
  /** The first counts, as for upstream's sidecars and kubelet (csi_mounter.go). */
  readonly accessModes?: readonly string[] | undefined;
  /** `Block`, or anything else for a file system. */
  readonly volumeMode?: string | undefined;
  readonly mountOptions?: readonly string[] | undefined;
  readonly csi?: { readonly fsType?: string | undefined } | undefined;
}

/** What the driver claims (SINGLE_NODE_MULTI_WRITER): then its modes for one node are told apart. */
export interface KnownModes {
  readonly hasSingleNodeMultiWriter: boolean;
}

/** CSI's name of an access mode (external-provisioner; csi-lib-utils accessmodes). Pure. */
export function csiAccessModeOf(mode: string, { hasSingleNodeMultiWriter }: KnownModes): VolumeCapabilityAccessModeMode {
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

/** The capability of a volume that exists, as sidecars and kubelets tell it. Pure. */
export function csiCapabilityOf(volume: CapableVolume, known: KnownModes): VolumeCapability {
  const accessMode = { mode: csiAccessModeOf(volume.accessModes?.[0] ?? 'ReadWriteOnce', known) };
  if (volume.volumeMode === 'Block') return { block: {}, accessMode };
  return { mount: { fsType: volume.csi?.fsType ?? '', mountFlags: [...(volume.mountOptions ?? [])] }, accessMode };
}

const MODES: ReadonlyMap<string, string> = new Map<VolumeCapabilityAccessModeMode, string>([
  ['SINGLE_NODE_WRITER', 'ReadWriteOnce'],
  ['SINGLE_NODE_MULTI_WRITER', 'ReadWriteOnce'],
  ['SINGLE_NODE_SINGLE_WRITER', 'ReadWriteOncePod'],
  ['MULTI_NODE_READER_ONLY', 'ReadOnlyMany'],
  ['MULTI_NODE_MULTI_WRITER', 'ReadWriteMany'],
]);

/** The access mode of the Kubernetes API that a capability is about; undefined where it names none that the API has. Pure. */
export function accessModeOf(capability: VolumeCapability | undefined): string | undefined {
  return MODES.get(capability?.accessMode?.mode ?? '');
}
