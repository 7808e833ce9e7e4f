import {
  type SnapshotSchedule,
  snapshotSchedules,
  type VolumeGroupSnapshot,
  volumeGroupSnapshots,
  type VolumeRollback,
  volumeRollbacks,
  type VolumeSnapshot,
  volumeSnapshots,
} from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { formatKey, formatKeyOf, type KubeObject } from '#api/meta/object.ts';
import { matchesLabelSelector } from '#api/meta/selector.ts';
import { persistentVolumeClaims, pods } from '#api/resources.ts';
import { deepEqual } from '#kit/json.ts';
import type { Metrics } from '#kit/metrics.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import { CLAIM_INDEXES, NAMESPACE_INDEX, POD_INDEXES } from '../../indexes.ts';
import { ROLLBACK_INDEXES } from '../rollback/indexes.ts';
import { ScheduleRuns } from './metrics.ts';
import { reconcileSchedule, type ScheduleView } from './reconcile.ts';
import type { PodCommands } from './run-hook.ts';
import { scheduleNameOf, type Taken } from './run.ts';

/** How what schedules took is found: by the schedule. */
const TAKEN_INDEX = {
  scheduled: (taken: Taken): readonly string[] => {
    const name = scheduleNameOf(taken);
    return name === undefined ? [] : [at(taken, name)];
  },
};

/** The same for groups: an index belongs to one kind. */
const GROUP_INDEX = {
  scheduled: (taken: VolumeGroupSnapshot): readonly string[] => TAKEN_INDEX.scheduled(taken),
};

/** Schedules that are looked at at a time. */
const CONCURRENCY = 10;

interface Parts {
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly snapshots: Informer<VolumeSnapshot>;
  readonly groups: Informer<VolumeGroupSnapshot>;
  readonly rollbacks: Informer<VolumeRollback>;
  readonly pods: Informer<Pod>;
  readonly commands: PodCommands | undefined;
  readonly runs: ScheduleRuns;
}

/** What the controller is made with. */
export interface ScheduleDeps {
  readonly informers: InformerFactory;
  readonly metrics: Metrics;
  /** How commands are run in pods; absent where nothing can be. */
  readonly pods?: PodCommands | undefined;
}

/** Takes snapshots by schedules, and lets them go again (requirement SNAP-8). */
export function createSnapshotScheduleController({ informers, metrics, pods: commands }: ScheduleDeps): Controller<SnapshotSchedule> {
  const parts: Parts = {
    claims: informers.for(persistentVolumeClaims, { ...CLAIM_INDEXES, ...NAMESPACE_INDEX }),
    snapshots: informers.for(volumeSnapshots, TAKEN_INDEX),
    groups: informers.for(volumeGroupSnapshots, GROUP_INDEX),
    rollbacks: informers.for(volumeRollbacks, ROLLBACK_INDEXES),
    runs: new ScheduleRuns(metrics),
    pods: informers.for(pods, POD_INDEXES),
    commands,
  };
  const schedules = informers.for(snapshotSchedules, NAMESPACE_INDEX);
  return {
    name: 'snapshot-schedule',
    resource: snapshotSchedules,
    informer: schedules,
    triggers: [
      trigger(parts.claims, (claim, previous) =>
        isNews(claim, previous) ? schedules.byIndex('ofNamespace', claim.metadata.namespace ?? '').map(formatKeyOf) : [],
      ),
      trigger(parts.snapshots, TAKEN_INDEX.scheduled),
      trigger(parts.groups, GROUP_INDEX.scheduled),
    ],
    reads: [parts.rollbacks, parts.pods],
    concurrency: CONCURRENCY,
    // why: commands in pods take their time, and hold up the schedules of their own namespace only
    laneOf: ({ metadata }) => metadata.namespace ?? '',
    reconcile: (ctx, schedule) => reconcileSchedule(ctx, viewOf(parts, schedule), schedule),
  };
}

function viewOf({ claims, snapshots, groups, rollbacks, pods: users, commands, runs }: Parts, schedule: SnapshotSchedule): ScheduleView {
  const { metadata, spec } = schedule;
  const series = new Map<string, Taken[]>();
  const put = (name: string, taken: Taken): void => void series.set(name, [...(series.get(name) ?? []), taken]);
  for (const taken of snapshots.byIndex('scheduled', formatKeyOf(schedule))) put(taken.spec.source.persistentVolumeClaimName ?? '', taken);
  for (const taken of groups.byIndex('scheduled', formatKeyOf(schedule))) put('', taken);
  const namespace = metadata.namespace ?? '';
  const selected = claims.byIndex('ofNamespace', namespace).filter((claim) => matchesLabelSelector(spec.selector, claim.metadata.labels));
  const byName = new Map(selected.flatMap((claim) => users.byIndex('claim', formatKeyOf(claim))).map((pod) => [pod.metadata.name, pod]));
  return {
    runs,
    claims: selected,
    hold: {
      users: [...byName.values()].toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1)),
      podOf: (name) => users.get({ namespace, name }),
      commands,
    },
    series,
    isUsed: (taken) =>
      claims.byIndex('restoreSource', formatKeyOf(taken)).length > 0 ||
      rollbacks.byIndex('openOfSnapshot', formatKeyOf(taken)).length > 0 ||
      rollbacks.byIndex('openOfGroup', formatKeyOf(taken)).length > 0,
  };
}

/** True where a schedule may select the claim from now on, or no more. */
function isNews(claim: PersistentVolumeClaim, previous: PersistentVolumeClaim | undefined): boolean {
  return claim.status?.phase !== previous?.status?.phase || !deepEqual(claim.metadata.labels, previous?.metadata.labels);
}

function at({ metadata }: KubeObject, name: string): string {
  return formatKey({ namespace: metadata.namespace ?? '', name });
}
