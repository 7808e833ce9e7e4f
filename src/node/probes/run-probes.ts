import type { Probe } from '#api/generated/kubernetes.ts';
import type { Clock, Timer } from '#kit/clock.ts';
import type { ContainerHealth } from '../containers/container-runtime.ts';
import type { HandlerOutcome } from '../handlers/handler-outcome.ts';
import { firstDelayMs, judge, periodMs, type Tally } from './judge.ts';

/** Which probe of a container. */
export type ProbeKind = 'startup' | 'liveness' | 'readiness';

/** What probing one run needs. */
export interface RunProbesOptions {
  readonly clock: Clock;
  readonly probes: Readonly<Partial<Record<ProbeKind, Probe>>>;
  readonly startedAtMs: number;
  /** What the API knows of this very run: one that was ready stays so until its probe says otherwise. */
  readonly known: { readonly isStarted: boolean; readonly isReady: boolean };
  readonly probe: (probe: Probe, signal: AbortSignal) => Promise<HandlerOutcome>;
  /** Called with each failure. */
  readonly onFailure: (kind: ProbeKind, message: string) => void;
  /** Called when the health changed. */
  readonly onChange: () => void;
}

const UNTRIED: Tally = { verdict: undefined, inRow: 0 };

/** Probes one run: the startup probe until it succeeds, from then on the others, each in its own period. One timer and at most one try per probe. */
export class RunProbes {
  readonly #options: RunProbesOptions;
  readonly #abort = new AbortController();
  readonly #timers = new Map<ProbeKind, Timer>();
  #isStarted: boolean;
  #isReady: boolean;
  #failure: ContainerHealth['failure'];
  #endsOnly = false;

  constructor(options: RunProbesOptions) {
    const { probes, known } = options;
    this.#options = options;
    this.#isStarted = probes.startup === undefined || known.isStarted;
    this.#isReady = this.#isStarted && (probes.readiness === undefined || known.isReady);
    if (this.#isStarted) this.#beginOthers();
    else this.#begin('startup');
  }

  get health(): ContainerHealth {
    return { isStarted: this.#isStarted, isReady: this.#isReady, failure: this.#failure };
  }

  /** The pod is to end: nothing restarts it any more, its readiness still counts. */
  endRestarts(): void {
    if (this.#endsOnly) return;
    this.#endsOnly = true;
    for (const kind of ['startup', 'liveness'] as const) this.#cancel(kind);
  }

  stop(): void {
    this.#abort.abort();
    for (const kind of this.#timers.keys()) this.#cancel(kind);
  }

  #beginOthers(): void {
    this.#begin('liveness');
    this.#begin('readiness');
  }

  #begin(kind: ProbeKind): void {
    const { clock, probes, startedAtMs, known } = this.#options;
    const probe = probes[kind];
    if (probe === undefined) return;
    // why: what is known counts as said, so that one failure after a restart of the platform is one failure
    const tally = kind === 'readiness' && known.isReady ? { ...UNTRIED, verdict: true } : UNTRIED;
    this.#plan({ kind, probe }, { tally, delayMs: firstDelayMs(probe, startedAtMs, clock.nowMs()) });
  }

  #plan(what: { readonly kind: ProbeKind; readonly probe: Probe }, next: { readonly tally: Tally; readonly delayMs: number }): void {
    const timer = this.#options.clock.after(next.delayMs, () => void this.#try(what, next.tally));
    this.#timers.set(what.kind, timer);
  }

  async #try(what: { readonly kind: ProbeKind; readonly probe: Probe }, before: Tally): Promise<void> {
    const { clock, probe, onFailure } = this.#options;
    const { kind } = what;
    const beganAtMs = clock.nowMs();
    const { isOk, message } = await probe(what.probe, this.#abort.signal);
    if (this.#abort.signal.aborted || (this.#endsOnly && kind !== 'readiness')) return;
    if (!isOk) onFailure(kind, message);
    const tally = judge(before, isOk, what.probe);
    if (this.#take(what, tally)) return;
    this.#plan(what, { tally, delayMs: Math.max(0, beganAtMs + periodMs(what.probe) - clock.nowMs()) });
  }

  /** Lets the verdict count; true where this probe has said its last word. */
  #take({ kind, probe }: { readonly kind: ProbeKind; readonly probe: Probe }, { verdict }: Tally): boolean {
    if (verdict === undefined) return false;
    if (kind === 'readiness') {
      this.#change({ isReady: verdict });
      return false;
    }
    if (!verdict) {
      this.#change({ failure: { probe: kind, graceSec: probe.terminationGracePeriodSeconds } });
      return true;
    }
    if (kind === 'liveness') return false;
    this.#change({ isStarted: true, isReady: this.#options.probes.readiness === undefined });
    this.#beginOthers();
    return true;
  }

  #change(to: Partial<ContainerHealth>): void {
    const { isStarted, isReady, failure } = this.health;
    if ((to.isStarted ?? isStarted) === isStarted && (to.isReady ?? isReady) === isReady && to.failure === undefined) return;
    this.#isStarted = to.isStarted ?? isStarted;
    this.#isReady = to.isReady ?? isReady;
    this.#failure = to.failure ?? failure;
    this.#options.onChange();
  }

  #cancel(kind: ProbeKind): void {
    this.#timers.get(kind)?.cancel();
    this.#timers.delete(kind);
  }
}
