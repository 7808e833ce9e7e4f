import { isDeleting } from '#api/meta/finalizers.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { Clock } from '#kit/clock.ts';
import type { Gauge, Histogram, Metrics } from '#kit/metrics.ts';

/** Seconds (external-snapshotter pkg/metrics). */
const BUCKETS: readonly number[] = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 120, 300, 600];
/** Upstream's names of operations, by kind (`operation_name`). */
const NAMES = {
  snapshot: { taken: 'CreateSnapshot', ready: 'CreateSnapshotAndReady', deleted: 'DeleteSnapshot' },
  group: { taken: 'CreateGroupSnapshot', ready: 'CreateGroupSnapshotAndReady', deleted: 'DeleteGroupSnapshot' },
} as const;

type Stage = keyof (typeof NAMES)['snapshot'];

/** What is looked at of a snapshot or a group. */
interface Observed extends KubeObject {
  readonly status?: { readonly creationTime?: string | undefined; readonly readyToUse?: boolean | undefined } | undefined;
}

/** What is known beside the object. */
export interface ObservedWith {
  readonly kind: keyof typeof NAMES;
  /** Undefined where nobody knows it yet. */
  readonly driverName: string | undefined;
  /** Whether a content was given, or is made. */
  readonly type: 'dynamic' | 'pre-provisioned';
  /** Its deletion waits for something else. */
  readonly isHeld: boolean;
}

interface Begun extends Pick<ObservedWith, 'kind' | 'type'> {
  readonly beganMs: number;
  readonly driverName: string;
}

/**
 * How long snapshots and groups take to be taken, to be ready and to go, in upstream's metrics of it: from when it was first seen to be wanted to when it was
 * seen to be so. Remembers what is under way, and that only as long as its object is there.
 */
export class SnapshotOperations {
  readonly #clock: Clock;
  readonly #durations: Histogram;
  readonly #inFlight: Gauge;
  readonly #begun = new Map<string, Map<Stage, Begun>>();
  #count = 0;

  constructor({ metrics, clock }: { readonly metrics: Metrics; readonly clock: Clock }) {
    this.#clock = clock;
    this.#durations = metrics.histogram(
      {
        name: 'snapshot_controller_operation_total_seconds',
        help: 'Seconds from when an operation with a snapshot or a group was first seen to be wanted to its end.',
        labels: ['driver_name', 'operation_name', 'snapshot_type', 'operation_status'],
      },
      BUCKETS,
    );
    this.#inFlight = metrics.gauge({
      name: 'snapshot_controller_operations_in_flight',
      help: 'Operations with snapshots and groups that are under way.',
      labels: [],
    });
  }

  /** It was looked at. */
  observe(object: Observed, known: ObservedWith): void {
    const { uid } = object.metadata;
    if (isDeleting(object)) {
      if (!known.isHeld) this.#begin(uid, 'deleted', known);
      return;
    }
    // why not one that is given: it was taken elsewhere
    if (known.type === 'dynamic') this.#follow(object, 'taken', { isOver: object.status?.creationTime !== undefined, known });
    this.#follow(object, 'ready', { isOver: object.status?.readyToUse === true, known });
  }

  /** The object has gone: its deletion is over, and what was not has been given up. */
  gone({ metadata: { uid } }: Observed): void {
    this.#end(uid, 'deleted', { status: 'success' });
    this.#end(uid, 'taken', { status: 'cancel' });
    this.#end(uid, 'ready', { status: 'cancel' });
  }

  #follow(
    { metadata: { uid } }: Observed,
    stage: Stage,
    { isOver, known }: { readonly isOver: boolean; readonly known: ObservedWith },
  ): void {
    if (isOver) this.#end(uid, stage, { status: 'success', driverName: known.driverName });
    else this.#begin(uid, stage, known);
  }

  #begin(uid: string, stage: Stage, { kind, driverName = 'unknown', type }: ObservedWith): void {
    const stages = this.#begun.get(uid) ?? new Map<Stage, Begun>();
    this.#begun.set(uid, stages);
    const before = stages.get(stage);
    if (before === undefined) this.#add(1);
    stages.set(stage, { kind, type, driverName, beganMs: before?.beganMs ?? this.#clock.nowMs() });
  }

  #end(
    uid: string,
    stage: Stage,
    { status, driverName }: { readonly status: 'success' | 'cancel'; readonly driverName?: string | undefined },
  ): void {
    const stages = this.#begun.get(uid);
    const begun = stages?.get(stage);
    if (stages === undefined || begun === undefined) return;
    const seconds = Math.max(0, this.#clock.nowMs() - begun.beganMs) / 1_000;
    this.#durations.observe([driverName ?? begun.driverName, NAMES[begun.kind][stage], begun.type, status], seconds);
    stages.delete(stage);
    if (stages.size === 0) this.#begun.delete(uid);
    this.#add(-1);
  }

  #add(difference: number): void {
    this.#count += difference;
    this.#inFlight.set([], this.#count);
  }
}
