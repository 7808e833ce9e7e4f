import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { persistentVolumes, pods, volumeAttachments } from '#api/resources.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import type { DriverControllerDeps } from '../driver-work/drivers.ts';
import { ATTACHMENT_INDEXES, POD_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';
import { migrated } from '../../migrated-volume.ts';
import { DriverLadder } from '../driver-work/ladder.ts';
import { deletionSteps } from './deletion-steps.ts';
import { isReleased } from './plan.ts';
import { reconcileReclaim, type ReclaimParts } from './reconcile.ts';

/** What reclaiming needs. */
export interface ReclaimDeps extends DriverControllerDeps {
  /** Directories of this machine that the platform lives from, and that no recycling may empty. */
  readonly keptPaths?: readonly string[];
}

/** Volumes that one driver deletes at a time (external-provisioner's `--worker-threads`). */
const CONCURRENCY = 100;
/** external-provisioner's `--timeout`. */
const DEFAULT_TIMEOUT_MS = 10_000;

/** Does with volumes that were given up what their reclaim policy says. */
export function createReclaimController({
  informers,
  drivers,
  clock,
  timeoutMs,
  operations,
  keptPaths = [],
}: ReclaimDeps): Controller<PersistentVolume> {
  const volumes = informers.for(persistentVolumes, VOLUME_INDEXES);
  const attachments = informers.for(volumeAttachments, ATTACHMENT_INDEXES);
  const podInformer = informers.for(pods, POD_INDEXES);
  const parts: ReclaimParts = {
    attachments,
    pods: podInformer,
    keptPaths,
    drivers,
    ladder: new DriverLadder({ drivers, clock, timeoutMs: timeoutMs ?? DEFAULT_TIMEOUT_MS, operations }),
    steps: deletionSteps(),
  };
  volumes.subscribe({ onDelete: (volume) => parts.ladder.forget(volume.metadata.name) });
  return {
    name: 'reclaim',
    resource: persistentVolumes,
    informer: volumes,
    triggers: [
      trigger(attachments, ({ spec }) => (spec.source.persistentVolumeName === undefined ? [] : [spec.source.persistentVolumeName])),
      trigger(podInformer, POD_INDEXES.recycledVolume),
    ],
    wakeUps: parts.ladder.wakeUps({
      driverOf: (name) => driverOf(volumes.get({ namespace: '', name })),
      // why all are looked at: a driver comes seldom
      waitingFor: (driverName) =>
        [...volumes.all()].filter((volume) => isReleased(volume) && driverOf(volume) === driverName).map(({ metadata }) => metadata.name),
    }),
    concurrency: CONCURRENCY,
    laneOf: ({ spec }) => spec.csi?.driver ?? '',
    reconcile: (ctx, volume) => reconcileReclaim(ctx, parts, volume),
  };
}

function driverOf(volume: PersistentVolume | undefined): string | undefined {
  return migrated(volume)?.spec.csi?.driver;
}
