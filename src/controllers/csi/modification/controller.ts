import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { formatKeyOf, parseKey } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes, volumeAttributesClasses } from '#api/resources.ts';
import { attributesClassesOf } from '#api/storage/modification.ts';
import { claimKeyOf } from '#api/storage/volume.ts';
import { type Controller, done, trigger } from '#machinery/runtime/controller.ts';
import { Attempts } from '../driver-work/attempts.ts';
import type { DriverControllerDeps } from '../driver-work/drivers.ts';
import { CLAIM_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';
import { driverOfClaim } from '../../migrated-volume.ts';
import { retryWhenBack } from '../driver-work/retry-when-back.ts';
import { VolumeModifier } from './modify-volume.ts';
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
    drivers,
    modifier: new VolumeModifier({ timeoutMs }),
    attempts: new Attempts(clock),
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
    wakeUps: retryWhenBack({
      ...parts,
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
      parts.attempts.forget(key);
      return done;
    },
  };
}

/** Has a class of attributes, wants one, or did. */
function isModified(claim: PersistentVolumeClaim): boolean {
  return attributesClassesOf(claim).length > 0 || claim.status?.modifyVolumeStatus !== undefined;
}
