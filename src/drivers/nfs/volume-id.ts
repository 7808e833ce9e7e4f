import type { OnDelete } from './settings.ts';

/** Where a volume lies, and what becomes of it when it is deleted. */
export interface NfsVolume {
  readonly server: string;
  /** What the server exports, absolute. */
  readonly share: string;
  /** The directory in it, without slashes at its ends. */
  readonly subDir: string;
  /** The name that it was made under. */
  readonly name: string;
  readonly onDelete: OnDelete;
}

/** Parts of an id, between `#`. */
export const ID_PARTS = 5;

const CHOICES: readonly OnDelete[] = ['delete', 'retain', 'archive'];

/** `server#share#subDir#name#onDelete`, as csi-driver-nfs writes it (pkg/nfs/controllerserver.go, getVolumeIDFromNfsVol). Pure. */
export function formatVolumeId({ server, share, subDir, name, onDelete }: NfsVolume): string {
  return [server, share.replace(/^\/+|\/+$/g, ''), subDir, name, onDelete].join('#');
}

/** Reads it; undefined where it is no id of this driver. Pure. */
export function parseVolumeId(id: string): NfsVolume | undefined {
  const [server, share, subDir, name = '', choice = ''] = id.split('#');
  if (server === undefined || server === '' || share === undefined || subDir === undefined || subDir === '') return undefined;
  // why: what leads out of the share is nobody's to delete
  if (subDir.split('/').some((part) => part === '' || part === '.' || part === '..')) return undefined;
  const onDelete = CHOICES.find((known) => known === choice) ?? 'delete';
  return { server, share: `/${share}`, subDir, name, onDelete };
}
