/** Values of the labels, in the order in which the metric names them. */
export type LabelValues = readonly string[];

/** A metric's name, its sentence for people, and its labels. */
export interface MetricInit {
  /** Prometheus name with unit, for example `stowage_reconcile_duration_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly labels: readonly string[];
}

/** A number that only grows. */
export interface Counter {
  increase(labels: LabelValues, by?: number): void;
}

/** A number that goes up and down. */
export interface Gauge {
  set(labels: LabelValues, value: number): void;
  /** Forgets every value, for gauges whose label values come and go. */
  clear(): void;
}

/** A distribution. */
export interface Histogram {
  observe(labels: LabelValues, value: number): void;
}

/** Series per metric; further label values are counted under `other`, so that no input can fill the memory. */
const MAX_SERIES = 2_000;
/** Seconds; from a reconcile that does nothing to one that waits for a slow driver. */
const DURATION_BUCKETS: readonly number[] = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];

type MetricType = 'counter' | 'gauge' | 'histogram';

/** The metrics of one process, in Prometheus' text form (prometheus.io, "Exposition formats", version 0.0.4). */
export class Metrics {
  readonly #metrics = new Map<string, Metric>();
  readonly #collectors: (() => void)[] = [];

  /** The counter of that name; the same one each time it is asked for. @throws TypeError where the name stands for something else */
  counter(init: MetricInit): Counter {
    return this.#named(init, 'counter', []);
  }

  /** The gauge of that name; the same one each time it is asked for. @throws TypeError where the name stands for something else */
  gauge(init: MetricInit): Gauge {
    return this.#named(init, 'gauge', []);
  }

  /** The histogram of that name; `buckets` are upper bounds, ascending, by default durations in seconds. @throws TypeError where the name stands for something else */
  histogram(init: MetricInit, buckets: readonly number[] = DURATION_BUCKETS): Histogram {
    return this.#named(init, 'histogram', buckets);
  }

  /** Calls `collect` before each scrape, for gauges whose values are only worth finding out then. */
  beforeScrape(collect: () => void): void {
    this.#collectors.push(collect);
  }

  /** The text that a scrape gets. */
  render(): string {
    for (const collect of this.#collectors) collect();
    return [...this.#metrics.values()].map((metric) => metric.render()).join('');
  }

  #named(init: MetricInit, type: MetricType, buckets: readonly number[]): Metric {
    const known = this.#metrics.get(init.name);
    if (known !== undefined) {
      if (known.type !== type || known.labels.join() !== init.labels.join())
        throw new TypeError(`the metric ${init.name} is declared twice with different types or labels`);
      return known;
    }
    const made = new Metric(init, type, buckets);
    this.#metrics.set(init.name, made);
    return made;
  }
}

interface Series {
  readonly labels: LabelValues;
  /** Of a histogram: the sum of what was observed. */
  value: number;
  count: number;
  /** Observations per bucket, not cumulated. */
  readonly inBucket: number[];
}

class Metric implements Counter, Gauge, Histogram {
  readonly type: MetricType;
  readonly labels: readonly string[];
  readonly #init: MetricInit;
  readonly #buckets: readonly number[];
  readonly #series = new Map<string, Series>();

  constructor(init: MetricInit, type: MetricType, buckets: readonly number[]) {
    this.type = type;
    this.labels = init.labels;
    this.#init = init;
    this.#buckets = buckets;
  }

  increase(labels: LabelValues, by = 1): void {
    this.#of(labels).value += by;
  }

  set(labels: LabelValues, value: number): void {
    this.#of(labels).value = value;
  }

  clear(): void {
    this.#series.clear();
  }

  observe(labels: LabelValues, value: number): void {
    const series = this.#of(labels);
    series.value += value;
    series.count += 1;
    const bucket = this.#buckets.findIndex((bound) => value <= bound);
    if (bucket >= 0) series.inBucket[bucket] = (series.inBucket[bucket] ?? 0) + 1;
  }

  render(): string {
    const { name, help } = this.#init;
    const lines = [`# HELP ${name} ${help}`, `# TYPE ${name} ${this.type}`];
    for (const series of this.#series.values()) {
      if (this.type === 'histogram') lines.push(...this.#histogramLines(series));
      else lines.push(`${name}${this.#labelText(series.labels)} ${series.value}`);
    }
    return `${lines.join('\n')}\n`;
  }

  #histogramLines(series: Series): string[] {
    const { name } = this.#init;
    let below = 0;
    const lines = this.#buckets.map((bound, index) => {
      below += series.inBucket[index] ?? 0;
      return `${name}_bucket${this.#labelText(series.labels, bound)} ${below}`;
    });
    const labels = this.#labelText(series.labels);
    return [
      ...lines,
      `${name}_bucket${this.#labelText(series.labels, '+Inf')} ${series.count}`,
      `${name}_sum${labels} ${series.value}`,
      `${name}_count${labels} ${series.count}`,
    ];
  }

  #labelText(values: LabelValues, bound?: number | string): string {
    const pairs = this.labels.map((label, index) => `${label}="${escapeLabel(values[index] ?? '')}"`);
    if (bound !== undefined) pairs.push(`le="${bound}"`);
    return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
  }

  #of(labels: LabelValues): Series {
    const key = labels.join('\0');
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const others = this.labels.map(() => OTHER);
    if (this.#series.size >= MAX_SERIES && key !== others.join('\0')) return this.#of(others);
    const series = { labels, value: 0, count: 0, inBucket: this.#buckets.map(() => 0) };
    this.#series.set(key, series);
    return series;
  }
}

/** The label value of all series that are too many. */
const OTHER = 'other';

function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
