import type { Metrics } from '#kit/metrics.ts';
import type { FlowControl, FlowObserver } from './flow-control.ts';

/** Seconds; kube-apiserver's buckets of the wait, thinned. */
const WAIT_BUCKETS = [0, 0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15];
/** There is one priority level, and a flow for each user in it. */
const LABELS = { level: 'priority_level', schema: 'flow_schema' } as const;
const OF_USERS = ['global-default', 'users'];

/** Counts under the names that kube-apiserver gives them. */
export function flowObserver(metrics: Metrics): FlowObserver {
  const labels = [LABELS.level, LABELS.schema];
  const dispatched = metrics.counter({
    name: 'apiserver_flowcontrol_dispatched_requests_total',
    help: 'Requests that were let in.',
    labels,
  });
  const rejected = metrics.counter({
    name: 'apiserver_flowcontrol_rejected_requests_total',
    help: 'Requests that were refused with 429: too many waited, or they waited too long.',
    labels: [...labels, 'reason'],
  });
  const waits = metrics.histogram(
    { name: 'apiserver_flowcontrol_request_wait_duration_seconds', help: 'Seconds that requests waited before they were let in.', labels },
    WAIT_BUCKETS,
  );
  return {
    dispatched: (waitedMs) => {
      dispatched.increase(OF_USERS);
      if (waitedMs > 0) waits.observe(OF_USERS, waitedMs / 1_000);
    },
    rejected: (reason) => rejected.increase([...OF_USERS, reason]),
  };
}

/** Shows how many requests are worked on and wait. */
export function showFlows(metrics: Metrics, flows: FlowControl): void {
  const labels = [LABELS.level];
  const executing = metrics.gauge({
    name: 'apiserver_flowcontrol_current_executing_requests',
    help: 'Requests that are worked on.',
    labels,
  });
  const waiting = metrics.gauge({
    name: 'apiserver_flowcontrol_current_inqueue_requests',
    help: 'Requests that wait for their turn.',
    labels,
  });
  metrics.beforeScrape(() => {
    executing.set(OF_USERS.slice(0, 1), flows.executing);
    waiting.set(OF_USERS.slice(0, 1), flows.waiting);
  });
}
