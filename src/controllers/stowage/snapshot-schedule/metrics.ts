import type { Counter, Metrics } from '#kit/metrics.ts';

/** What became of a time of a schedule. */
type RunResult =
  /** Snapshots are asked for. */
  | 'begun'
  /** No claim was selected. */
  | 'empty'
  /** It was not made up for. */
  | 'missed'
  /** A command before it failed, or was cut off: nothing was taken. */
  | 'refused';

/** What becomes of the times of schedules. */
export class ScheduleRuns {
  readonly #runs: Counter;

  constructor(metrics: Metrics) {
    const help =
      'Times of snapshot schedules, by what became of them: begun, empty (no claim was selected), missed, refused (a hook failed).';
    this.#runs = metrics.counter({ name: 'stowage_snapshot_schedule_runs_total', help, labels: ['result'] });
  }

  count(result: RunResult, times = 1): void {
    if (times > 0) this.#runs.increase([result], times);
  }
}
