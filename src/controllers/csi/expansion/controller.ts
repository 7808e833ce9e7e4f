import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { claimKeysOfPod } from '#api/claim-facts.ts';
import { formatKeyOf, parseKey } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes, pods } from '#api/resources.ts';
import { isGrowthOpen } from '#api/storage/growth.ts';
import { claimKeyOf } from '#api/storage/volume.ts';
import { type Controller, done, trigger } from '#machinery/runtime/controller.ts';
import { Attempts } from '../driver-work/attempts.ts';
import type { DriverControllerDeps } from '../driver-work/drivers.ts';
import { CLAIM_INDEXES, POD_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';
import { driverOfClaim } from '../../migrated-volume.ts';
import { retryWhenBack } from '../driver-work/retry-when-back.ts';
import { VolumeGrower } from './grow-volume.ts';
import { isSizeNoted } from './plan.ts';
import { type ExpansionParts, forgetExpansion, reconcileExpansion } from './reconcile.ts';

/** Volumes of one driver that are grown at a time (external-resizer's `--workers`). */
const CONCURRENCY = 10;
/** external-resizer's `--timeout`. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** Grows the volumes of claims that ask for more, as far as that is not a node's work. */
export function createExpansionController(deps: DriverControllerDeps): Controller<PersistentVolumeClaim> {
  const { informers, drivers, clock, timeoutMs = DEFAULT_TIMEOUT_MS } = deps;
  const parts: ExpansionParts = {
    volumes: informers.for(persistentVolumes, VOLUME_INDEXES),
    pods: informers.for(pods, POD_INDEXES),
    drivers,
    grower: new VolumeGrower({ timeoutMs }),
    attempts: new Attempts(clock),
    offlineOnly: new Set(),
  };
  const claims = informers.for(persistentVolumeClaims, CLAIM_INDEXES);
  claims.subscribe({ onDelete: (claim) => parts.offlineOnly.delete(claim.metadata.uid) });
  return {
    name: 'expansion',
    resource: persistentVolumeClaims,
    informer: claims,
    triggers: [
      trigger(parts.volumes, (volume) => {
        const key = claimKeyOf(volume);
        if (key === undefined) return [];
        const claim = claims.get(parseKey(key));
        const isAwaited = claim !== undefined && isGrowthOpen(claim);
        return isAwaited || isSizeNoted(volume) ? [key] : [];
      }),
      // why: a volume that can't grow while it is used may grow when its last pod leaves
      trigger(parts.pods, (pod) => (parts.offlineOnly.size === 0 ? [] : claimKeysOfPod(pod))),
    ],
    wakeUps: retryWhenBack({
      ...parts,
      driverOf: (key) => driverOfClaim(parts.volumes, claims.get(parseKey(key))),
      // why all are looked at: a driver comes seldom
      waitingFor: (driverName) =>
        [...claims.all()].filter((claim) => isGrowthOpen(claim) && driverOfClaim(parts.volumes, claim) === driverName).map(formatKeyOf),
    }),
    concurrency: CONCURRENCY,
    concerns: isGrowthOpen,
    laneOf: (claim) => driverOfClaim(parts.volumes, claim) ?? '',
    reconcile: (ctx, claim) => reconcileExpansion(ctx, parts, claim),
    reconcileGone: async (_ctx, key) => {
      forgetExpansion(parts, key);
      return done;
    },
  };
}
