/** Counts of requests, printed in Prometheus' text form. */
export class RequestMetrics {
  readonly #counts = new Map<string, number>();
  #openWatches = 0;

  /** One request was answered. Labels come from the registry and from fixed sets, so there are few. */
  count(labels: { readonly verb: string; readonly resource: string; readonly code: number }): void {
    const key = `verb="${labels.verb}",resource="${labels.resource}",code="${labels.code}"`;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** A watch was opened; call the answer when it ends. */
  watchOpened(): () => void {
    this.#openWatches += 1;
    return () => {
      this.#openWatches -= 1;
    };
  }

  /** Prometheus text exposition format 0.0.4. */
  text(): string {
    return [
      '# HELP apiserver_request_total Requests answered, by verb, resource and HTTP status.',
      '# TYPE apiserver_request_total counter',
      ...[...this.#counts].map(([labels, count]) => `apiserver_request_total{${labels}} ${count}`),
      '# HELP apiserver_longrunning_requests Watches that are open.',
      '# TYPE apiserver_longrunning_requests gauge',
      `apiserver_longrunning_requests{verb="WATCH"} ${this.#openWatches}`,
      '',
    ].join('\n');
  }
}
