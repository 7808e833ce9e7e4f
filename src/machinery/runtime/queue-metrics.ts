import type { Clock } from '#kit/clock.ts';
import type { Gauge, Metrics } from '#kit/metrics.ts';
import type { QueueObserver } from './work-queue.ts';

/** Seconds; those of client-go's workqueue from a millisecond on. */
const BUCKETS: readonly number[] = [0.001, 0.01, 0.1, 1, 10];
const LABELS = ['name'] as const;

/** Counts what the queue called `name` does, under the names that client-go gives (util/workqueue/metrics.go). */
export function queueMetrics(metrics: Metrics, { name, clock }: { readonly name: string; readonly clock: Clock }): QueueObserver {
  const labels = [name];
  const gauge = (metric: string, help: string): Gauge => metrics.gauge({ name: metric, help, labels: LABELS });
  const depth = gauge('workqueue_depth', 'Keys that wait for a worker.');
  const adds = metrics.counter({ name: 'workqueue_adds_total', help: 'Keys that were added.', labels: LABELS });
  const retries = metrics.counter({ name: 'workqueue_retries_total', help: 'Keys that were added again after a failure.', labels: LABELS });
  const waits = metrics.histogram(
    { name: 'workqueue_queue_duration_seconds', help: 'Seconds that a key waited for a worker.', labels: LABELS },
    BUCKETS,
  );
  const works = metrics.histogram(
    { name: 'workqueue_work_duration_seconds', help: 'Seconds that work on a key took.', labels: LABELS },
    BUCKETS,
  );
  const unfinished = gauge('workqueue_unfinished_work_seconds', 'Seconds that the work that goes on has taken so far, all keys together.');
  const longest = gauge('workqueue_longest_running_processor_seconds', 'Seconds that the longest work that goes on has taken so far.');
  const addedMs = new Map<string, number>();
  const startedMs = new Map<string, number>();
  const secondsSince = (ms: number | undefined): number => (ms === undefined ? 0 : (clock.nowMs() - ms) / 1_000);
  depth.set(labels, 0);
  metrics.beforeScrape(() => {
    const running = [...startedMs.values()].map(secondsSince);
    unfinished.set(
      labels,
      running.reduce((sum, seconds) => sum + seconds, 0),
    );
    longest.set(labels, Math.max(0, ...running));
  });
  return {
    depth: (keys) => depth.set(labels, keys),
    added(key) {
      adds.increase(labels);
      addedMs.set(key, clock.nowMs());
    },
    started(key) {
      waits.observe(labels, secondsSince(addedMs.get(key)));
      addedMs.delete(key);
      startedMs.set(key, clock.nowMs());
    },
    ended(key) {
      works.observe(labels, secondsSince(startedMs.get(key)));
      startedMs.delete(key);
    },
    retried: () => retries.increase(labels),
  };
}
