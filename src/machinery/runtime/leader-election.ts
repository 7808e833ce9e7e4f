import type { Lease, LeaseSpec } from '#api/generated/kubernetes.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import { leases } from '#api/resources.ts';
import { type Clock, formatMicroTime, sleep } from '#kit/clock.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Logger } from '#kit/log.ts';
import type { Client } from '../client/client.ts';
import type { Metrics } from '#kit/metrics.ts';

/** Times of an election in milliseconds; defaults are those of client-go's tools/leaderelection. */
export interface ElectionTimes {
  /** A lease that was not renewed for this long may be taken by another candidate. */
  readonly leaseDurationMs: number;
  /** A leader that could not renew for this long gives up; shorter than `leaseDurationMs`, so that it has stopped before another starts. */
  readonly renewDeadlineMs: number;
  /** Between two tries. */
  readonly retryPeriodMs: number;
}

const DEFAULT_TIMES: ElectionTimes = { leaseDurationMs: 15_000, renewDeadlineMs: 10_000, retryPeriodMs: 2_000 };

/** What a candidate needs. */
export interface ElectionOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  /** The Lease that candidates compete for. */
  readonly lease: ObjectKey;
  /** Unique among the candidates, for example `HOST_UUID`. */
  readonly identity: string;
  /** What runs while this candidate leads; it has to end soon after `signal` aborts. */
  readonly lead: (signal: AbortSignal) => Promise<void>;
  readonly times?: Partial<ElectionTimes>;
}

/** What a candidate saw of the lease, by its own clock: clocks of other machines decide nothing. */
interface Observed {
  readonly renewal: string;
  readonly atMs: number;
}

/**
 * Leads whenever the lease can be had, and again after it was lost, until `signal` aborts; then the lease is given back.
 * At any time at most one candidate leads, as long as clocks run at about the same speed.
 * @throws what `lead` throws, after the lease was given back
 */
export async function runElected(options: ElectionOptions, signal: AbortSignal): Promise<void> {
  await new Candidate(options).run(signal);
}

class Candidate {
  readonly #options: ElectionOptions;
  readonly #times: ElectionTimes;
  readonly #log: Logger;
  readonly #status: (isLeading: boolean) => void;
  #observed: Observed | undefined;

  constructor(options: ElectionOptions) {
    this.#options = options;
    this.#times = checkTimes({ ...DEFAULT_TIMES, ...options.times });
    this.#log = options.log.with({ component: 'leader-election', name: options.lease.name });
    const gauge = options.metrics.gauge({
      name: 'leader_election_master_status',
      help: 'Whether this process leads: 1 = it does.',
      labels: ['name'],
    });
    this.#status = (isLeading) => gauge.set([options.lease.name], isLeading ? 1 : 0);
    this.#status(false);
  }

  async run(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted) {
        if (await this.#tryToHold()) await this.#leadOnce(signal);
        else await sleep(this.#options.clock, this.#times.retryPeriodMs, signal);
      }
    } catch (thrown) {
      if (!(signal.aborted && hasCode(thrown, 'Canceled'))) throw thrown;
    }
  }

  /** Leads until the lease can't be renewed in time, `lead` ends, or `signal` aborts. */
  async #leadOnce(signal: AbortSignal): Promise<void> {
    const { lead, identity } = this.#options;
    const lost = new AbortController();
    const leading = AbortSignal.any([signal, lost.signal]);
    this.#log.info(`leading as ${identity}`);
    this.#status(true);
    const renewing = this.#renew(leading).finally(() => lost.abort());
    try {
      await lead(leading);
    } finally {
      lost.abort();
      await renewing;
      this.#status(false);
      await this.#giveBack();
      this.#log.info(`no longer leading as ${identity}`);
    }
  }

  /** Renews until the deadline passes without success, or `signal` aborts. */
  async #renew(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    let renewedMs = clock.nowMs();
    while (!signal.aborted) {
      try {
        await sleep(clock, this.#times.retryPeriodMs, signal);
      } catch {
        return;
      }
      const startedMs = clock.nowMs();
      if (await this.#within(renewedMs + this.#times.renewDeadlineMs - startedMs, this.#tryToHold())) renewedMs = startedMs;
      if (clock.nowMs() - renewedMs >= this.#times.renewDeadlineMs) {
        this.#log.warn('the lease could not be renewed in time', { durationMs: this.#times.renewDeadlineMs });
        return;
      }
    }
  }

  /** What `answer` says, or no when that takes longer. */
  async #within(limitMs: number, answer: Promise<boolean>): Promise<boolean> {
    const { promise: late, resolve } = Promise.withResolvers<boolean>();
    const timer = this.#options.clock.after(limitMs, () => resolve(false));
    try {
      return await Promise.race([answer, late]);
    } finally {
      timer.cancel();
    }
  }

  /** Takes or renews the lease. False where somebody else holds it, or the API refuses or can't be reached. */
  async #tryToHold(): Promise<boolean> {
    const { client, lease: key } = this.#options;
    try {
      const found = await this.#read();
      if (found === undefined) {
        const { namespace, name } = key;
        await client.create(leases, { metadata: { name, namespace }, spec: this.#heldSpec({}) });
        return true;
      }
      if (!this.#mayTake(found)) return false;
      await client.update(leases, { ...found, spec: this.#heldSpec(found.spec ?? {}) });
      return true;
    } catch (thrown) {
      // why quiet: of two that are equally fast one is refused, and that is how it should be
      if (!hasCode(thrown, 'Aborted') && !hasCode(thrown, 'AlreadyExists'))
        this.#log.warn('the lease could not be read or written', { err: PlatformError.from(thrown) });
      return false;
    }
  }

  #mayTake({ spec, metadata }: Lease): boolean {
    const { clock, identity } = this.#options;
    const holder = spec.holderIdentity ?? '';
    if (holder === '' || holder === identity) return true;
    const renewal = `${holder} ${metadata.resourceVersion}`;
    if (this.#observed?.renewal !== renewal) this.#observed = { renewal, atMs: clock.nowMs() };
    const durationMs = (spec.leaseDurationSeconds ?? 0) * 1_000;
    return clock.nowMs() - this.#observed.atMs >= Math.max(durationMs, this.#times.leaseDurationMs);
  }

  #heldSpec(before: LeaseSpec): LeaseSpec {
    const { clock, identity } = this.#options;
    const now = formatMicroTime(clock.nowMs());
    const isMine = before.holderIdentity === identity;
    return {
      ...before,
      holderIdentity: identity,
      leaseDurationSeconds: Math.ceil(this.#times.leaseDurationMs / 1_000),
      renewTime: now,
      acquireTime: isMine ? (before.acquireTime ?? now) : now,
      leaseTransitions: (before.leaseTransitions ?? -1) + (isMine ? 0 : 1),
    };
  }

  /** Lets the next candidate in at once. Failing is harmless: the lease ends by itself. */
  async #giveBack(): Promise<void> {
    const { client, clock, identity } = this.#options;
    try {
      const found = await this.#read();
      if (found?.spec?.holderIdentity !== identity) return;
      const spec = { ...found.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: formatMicroTime(clock.nowMs()) };
      await client.update(leases, { ...found, spec });
    } catch (thrown) {
      this.#log.warn('the lease was not given back; it ends by itself', { err: PlatformError.from(thrown) });
    }
  }

  async #read(): Promise<Lease | undefined> {
    try {
      return await this.#options.client.get(leases, this.#options.lease);
    } catch (thrown) {
      if (hasCode(thrown, 'NotFound')) return undefined;
      throw thrown;
    }
  }
}

function checkTimes(times: ElectionTimes): ElectionTimes {
  const { leaseDurationMs, renewDeadlineMs, retryPeriodMs } = times;
  if (leaseDurationMs > renewDeadlineMs && renewDeadlineMs > retryPeriodMs && retryPeriodMs > 0) return times;
  throw new PlatformError({
    code: 'InvalidArgument',
    reason: 'ElectionTimesInvalid',
    message: `the lease lasts ${leaseDurationMs} ms, is to be renewed within ${renewDeadlineMs} ms, and tried every ${retryPeriodMs} ms: each must be longer than the next`,
  });
}
