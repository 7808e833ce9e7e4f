/** A volume that is ready on the host. */
export interface PreparedVolume {
  /** The directory or file that goes into containers; for `device` the block device's file. */
  readonly hostPath: string;
  readonly kind: 'directory' | 'file' | 'device';
  /** Read-only for every container, whatever its mount says. */
  readonly isReadOnly: boolean;
  /** Whether the pod's fsGroup is to own it. */
  readonly takesFsGroup: boolean;
}

/** A plain writable directory, with `overrides`. */
export function preparedDirectory(hostPath: string, overrides: Partial<PreparedVolume> = {}): PreparedVolume {
  return { hostPath, kind: 'directory', isReadOnly: false, takesFsGroup: false, ...overrides };
}
