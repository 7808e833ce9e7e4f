import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { claimKeysOfPod } from '#api/claim-facts.ts';
import { formatKeyOf, parseKey } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes, pods } from '#api/resources.ts';
import { isGrowthOpen } from '#api/storage/growth.ts';
import { claimKeyOf } from '#api/storage/volume.ts';
import { type Controller, done, trigger } from '#machinery/runtime/controller.ts';
import type { DriverControllerDeps } from '../driver-work/drivers.ts';
import { CLAIM_INDEXES, POD_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';
import { driverOfClaim } from '../../migrated-volume.ts';
import { DriverLadder } from '../driver-work/ladder.ts';
import { growthSteps } from './growth-steps.ts';
import { isSizeNoted } from './plan.ts';
import { type ExpansionParts, reconcileExpansion } from './reconcile.ts';

/** Volumes of one driver that are grown at a time (external-resizer's `--workers`). */
const CONCURRENCY = 10;
/** external-resizer's `--timeout`. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** Grows the volumes of claims that ask for more, as far as that is not a node's work. */
export function createExpansionController(deps: DriverControllerDeps): Controller<PersistentVolumeClaim> {
  const { informers, drivers, clock, timeoutMs = DEFAULT_TIMEOUT_MS } = deps;
  const podInformer = informers.for(pods, POD_INDEXES);
  const offlineOnly = new Set<string>();
  const parts: ExpansionParts = {
    volumes: informers.for(persistentVolumes, VOLUME_INDEXES),
    ladder: new DriverLadder({ drivers, clock, timeoutMs, operations: deps.operations }),
    steps: growthSteps({ pods: podInformer, offlineOnly }),
    offlineOnly,
  };
  const claims = informers.for(persistentVolumeClaims, CLAIM_INDEXES);
  claims.subscribe({ onDelete: (claim) => offlineOnly.delete(claim.metadata.uid) });
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
      trigger(podInformer, (pod) => (offlineOnly.size === 0 ? [] : claimKeysOfPod(pod))),
    ],
    wakeUps: parts.ladder.wakeUps({
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
      parts.ladder.forget(key);
      return done;
    },
  };
}
