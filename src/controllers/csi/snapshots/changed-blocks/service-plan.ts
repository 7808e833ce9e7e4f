import type { SnapshotMetadataService } from '#api/generated/definitions.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { BLOCKS_AUDIENCE } from './caller.ts';

/** Says of an object that Stowage made it, and takes it away again. */
export const MANAGED_BY_STOWAGE = { 'app.kubernetes.io/managed-by': 'stowage' } as const;

/** Where the service is reached. */
export interface ServiceAddress {
  /** `HOST:PORT`, as gRPC clients take it. */
  readonly address: string;
  /** The certificate of its authority, PEM. */
  readonly caPem: string;
}

/** What is known of a driver. */
export interface DriverState {
  readonly isRegistered: boolean;
  /** Whether it tells of blocks; undefined where it is not connected, or has not said. */
  readonly tracks: boolean | undefined;
}

/** What becomes of a driver's SnapshotMetadataService. */
export type ServicePlan =
  | { readonly kind: 'leave' }
  | { readonly kind: 'remove' }
  | { readonly kind: 'make' | 'mend'; readonly spec: SnapshotMetadataService['spec'] };

/** Says where the blocks of a driver's snapshots are told; one that somebody else made, for a sidecar of the driver, is his. Pure. */
export function planService(
  found: SnapshotMetadataService | undefined,
  driver: DriverState,
  { address, caPem }: ServiceAddress,
): ServicePlan {
  if (found !== undefined && (!isOwnService(found) || isDeleting(found))) return { kind: 'leave' };
  const spec = { address, audience: BLOCKS_AUDIENCE, caCert: Buffer.from(caPem).toString('base64') };
  if (driver.tracks === true) {
    if (found === undefined) return { kind: 'make', spec };
    const isTrue = found.spec.address === spec.address && found.spec.audience === spec.audience && found.spec.caCert === spec.caCert;
    return isTrue ? { kind: 'leave' } : { kind: 'mend', spec };
  }
  // why not one that is only away: it comes back, and its clients would have to look for it anew
  const isGone = driver.tracks === false || !driver.isRegistered;
  return found !== undefined && isGone ? { kind: 'remove' } : { kind: 'leave' };
}

/** True for one that Stowage made. */
export function isOwnService({ metadata }: Pick<SnapshotMetadataService, 'metadata'>): boolean {
  return Object.entries(MANAGED_BY_STOWAGE).every(([key, value]) => metadata.labels?.[key] === value);
}
