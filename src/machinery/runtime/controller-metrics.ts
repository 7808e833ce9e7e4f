import type { Metrics } from '#kit/metrics.ts';

/** How a reconcile ended, as the metric's label. */
export type OutcomeLabel = 'done' | 'after' | 'conflict' | 'error' | 'terminal';

/** What the runtime counts of one controller. */
export interface ControllerMetrics {
  outcome(outcome: OutcomeLabel): void;
  duration(seconds: number): void;
}

/** The metrics of outcomes that every controller has, for the one called `name`. */
export function controllerMetrics(metrics: Metrics, name: string): ControllerMetrics {
  const outcomes = metrics.counter({
    name: 'stowage_reconcile_total',
    help: 'Reconciles by controller and outcome.',
    labels: ['controller', 'outcome'],
  });
  const durations = metrics.histogram({
    name: 'stowage_reconcile_duration_seconds',
    help: 'Seconds that a reconcile took.',
    labels: ['controller'],
  });
  return {
    outcome: (outcome) => outcomes.increase([name, outcome]),
    duration: (seconds) => durations.observe([name], seconds),
  };
}
