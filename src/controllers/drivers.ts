import type { CsiClient } from '#protocols/csi/client.ts';

/** The CSI drivers that are connected right now. */
export interface ConnectedDrivers {
  find(driverName: string): CsiClient | undefined;
  /** For messages that say what there is. */
  names(): readonly string[];
}

/** `a, b` or `none`. */
export function listed(names: readonly string[]): string {
  return names.length === 0 ? 'none' : names.toSorted().join(', ');
}
