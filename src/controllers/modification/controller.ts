import type { CSINode, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { csiNodes, persistentVolumeClaims, persistentVolumes, volumeAttributesClasses } from '#api/resources.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { claimKeyOf } from '#api/storage/volume.ts';
import type { Clock } from '#kit/clock.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, done } from '#machinery/runtime/controller.ts';
import { Attempts } from '../attempts.ts';
import type { ConnectedDrivers } from '../drivers.ts';
import { CLAIM_INDEXES, VOLUME_INDEXES } from '../indexes.ts';
import { triggerOn } from '../trigger.ts';
import { VolumeModifier } from './modify-volume.ts';
import { type ModificationParts, reconcileModification } from './reconcile.ts';

/** What modification needs. */
export interface ModificationDeps {
  readonly informers: InformerFactory;
  readonly drivers: ConnectedDrivers;
  readonly clock: Clock;
  /** How long one call of a driver may take; default 10 s (external-resizer's `--timeout`). */
  readonly timeoutMs?: number;
}

/** Volumes of one driver that are changed at a time (external-resizer's `--workers`). */
const CONCURRENCY = 10;
const DEFAULT_TIMEOUT_MS = 10_000;

/** Gives the volumes of claims the attributes of the VolumeAttributesClass that the claims name. */
export function createModificationController(deps: ModificationDeps): Controller<PersistentVolumeClaim> {
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
      triggerOn(parts.volumes, (volume) => {
        const key = claimKeyOf(volume);
        return key === undefined || volume.spec.volumeAttributesClassName === undefined ? [] : [key];
      }),
      triggerOn(parts.classes, ({ metadata }) => claims.byIndex('attributesClass', metadata.name).map((claim) => formatKey(keyOf(claim)))),
      // why without keys: claims that wait for a driver look again by themselves
      triggerOn<CSINode>(informers.for(csiNodes), () => []),
    ],
    concurrency: CONCURRENCY,
    laneOf: (claim) => parts.volumes.get({ namespace: '', name: volumeNameOf(claim) })?.spec.csi?.driver ?? '',
    reconcile: (ctx, claim) => reconcileModification(ctx, parts, claim),
    reconcileGone: async (_ctx, key) => {
      parts.attempts.forget(key);
      return done;
    },
  };
}
