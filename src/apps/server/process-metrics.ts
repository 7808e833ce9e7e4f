import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { Metrics } from '#kit/metrics.ts';

const MS_PER_SEC = 1_000;
const US_PER_SEC = 1_000_000;
const NS_PER_SEC = 1_000_000_000;
/** How often the event loop is asked whether it turns, milliseconds. */
const LAG_RESOLUTION_MS = 10;

/** Watches how long pieces of work hold up the event loop. */
interface LagMonitor {
  /** The longest so far, nanoseconds. */
  readonly max: number;
  disable(): void;
}

/** The metrics of this process, with what Prometheus' client libraries tell of every process already in. `monitorLag` begins to watch the event loop. */
export function processMetrics(version: string, monitorLag: () => LagMonitor = monitorEventLoop): Metrics {
  const metrics = new Metrics();
  const gauge = (name: string, help: string): ((value: number) => void) => {
    const made = metrics.gauge({ name, help, labels: [] });
    return (value) => made.set([], value);
  };
  metrics.gauge({ name: 'stowage_build_info', help: 'Always 1; the label has the version.', labels: ['version'] }).set([version], 1);
  gauge('process_start_time_seconds', 'When the process started, in seconds since the Unix epoch.')(performance.timeOrigin / MS_PER_SEC);
  const cpu = metrics.counter({ name: 'process_cpu_seconds_total', help: 'User and system time used, in seconds.', labels: [] });
  const resident = gauge('process_resident_memory_bytes', 'Resident memory in bytes.');
  const heap = gauge('nodejs_heap_size_used_bytes', 'JavaScript heap in use, in bytes.');
  const external = gauge('nodejs_external_memory_bytes', 'Buffers outside the JavaScript heap, in bytes.');
  const busy = gauge('nodejs_eventloop_utilization', 'Share of the time since the last scrape in which the event loop was busy, 0 to 1.');
  const lag = gauge(
    'nodejs_eventloop_lag_max_seconds',
    'Longest time since the last scrape but one that one piece of work held up the event loop, in seconds.',
  );
  const longestLagNs = watchLag(monitorLag);
  let countedSec = 0;
  let loop = performance.eventLoopUtilization();
  metrics.beforeScrape(() => {
    const { user, system } = process.cpuUsage();
    const usedSec = (user + system) / US_PER_SEC;
    cpu.increase([], usedSec - countedSec);
    countedSec = usedSec;
    const memory = process.memoryUsage();
    resident(memory.rss);
    heap(memory.heapUsed);
    external(memory.external);
    busy(performance.eventLoopUtilization(loop).utilization);
    loop = performance.eventLoopUtilization();
    lag(longestLagNs() / NS_PER_SEC);
  });
  return metrics;
}

/** Answers the longest delay since the last call but one, nanoseconds. */
function watchLag(begin: () => LagMonitor): () => number {
  let [older, newer] = [begin(), begin()];
  return () => {
    const longest = Math.max(older.max, newer.max);
    older.disable();
    // why two: a monitor does not tell its first delay, and the one that a scrape waits for comes after it
    [older, newer] = [newer, begin()];
    return longest;
  };
}

function monitorEventLoop(): LagMonitor {
  const monitor = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  monitor.enable();
  return monitor;
}
