import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { formatKeyOf, parseKey } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes, volumeAttributesClasses } from '#api/resources.ts';
import { attributesClassesOf } from '#api/storage/modification.ts';
import { claimKeyOf } from '#api/storage/volume.ts';
import { type Controller, done, trigger } from '#machinery/runtime/controller.ts';
import type { DriverControllerDeps } from '../driver-work/drivers.ts';
import { CLAIM_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';
import { driverOfClaim } from '../../migrated-volume.ts';
import { DriverLadder } from '../driver-work/ladder.ts';
import { modificationSteps } from './modification-steps.ts';
import { type ModificationParts, reconcileModification } from './reconcile.ts';

/** Volumes of one driver that are changed at a time (external-resizer's `--workers`). */
const CONCURRENCY = 10;
/** external-resizer's `--timeout`. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** Gives the volumes of claims the attributes of the VolumeAttributesClass that the claims name. */
export function createModificationController(deps: DriverControllerDeps): Controller<PersistentVolumeClaim> {
  const { informers, drivers, clock, timeoutMs = DEFAULT_TIMEOUT_MS } = deps;
  const parts: ModificationParts = {
    volumes: informers.for(persistentVolumes, VOLUME_INDEXES),
    classes: informers.for(volumeAttributesClasses),
    ladder: new DriverLadder({ drivers, clock, timeoutMs, operations: deps.operations }),
    steps: modificationSteps(),
  };
  const claims = informers.for(persistentVolumeClaims, CLAIM_INDEXES);
  return {
    name: 'modification',
    resource: persistentVolumeClaims,
    informer: claims,
    triggers: [
      trigger(parts.volumes, (volume) => {
        const key = claimKeyOf(volume);
        return key === undefined || volume.spec.volumeAttributesClassName === undefined ? [] : [key];
      }),
      trigger(parts.classes, ({ metadata }) => claims.byIndex('attributesClass', metadata.name).map(formatKeyOf)),
    ],
    wakeUps: parts.ladder.wakeUps({
      driverOf: (key) => driverOfClaim(parts.volumes, claims.get(parseKey(key))),
      // why all are looked at: a driver comes seldom
      waitingFor: (driverName) =>
        [...claims.all()].filter((claim) => isModified(claim) && driverOfClaim(parts.volumes, claim) === driverName).map(formatKeyOf),
    }),
    concurrency: CONCURRENCY,
    concerns: isModified,
    laneOf: (claim) => driverOfClaim(parts.volumes, claim) ?? '',
    reconcile: (ctx, claim) => reconcileModification(ctx, parts, claim),
    reconcileGone: async (_ctx, key) => {
      parts.ladder.forget(key);
      return done;
    },
  };
}

/** Has a class of attributes, wants one, or did. */
function isModified(claim: PersistentVolumeClaim): boolean {
  return attributesClassesOf(claim).length > 0 || claim.status?.modifyVolumeStatus !== undefined;
}
