import type { Clock } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import { after, type Controller, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { StorageOperations } from '#protocols/csi/storage-operations.ts';
import { type Attempt, Attempts } from './attempts.ts';
import type { ConnectedDrivers } from './drivers.ts';
import { type Failure, failureOf, WorkRefused } from './failure.ts';
import { readSecret, type Secrets } from './read-secret.ts';
import { retryWhenBack, type Waiting } from './retry-when-back.ts';
import type { DriverSteps, End, SecretNeed, Work } from './steps.ts';

/** What waits for a person or a driver is looked at this often, beside the wake-ups by what changes. */
export const MENDING_POLL_MS = 60_000;

/** The try came to nothing: another follows after the wait. */
export const tryAgain: End = { kind: 'tryAgain' };

/** One rung above another: an order, its steps, and who is asked. */
interface Climb<W extends Work> {
  readonly steps: DriverSteps<W>;
  readonly order: W['order'];
  readonly driver: CsiClient;
}

/**
 * The way of every piece of work that a driver does: the driver is there, the wait since the last try is over, the trace is written, the driver can do it,
 * its secret is read, it is called with a deadline, what came of it is written. One for each controller; it remembers only when what may be tried again.
 */
export class DriverLadder {
  readonly #drivers: ConnectedDrivers;
  readonly #attempts: Attempts;
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #operations: StorageOperations | undefined;
  /** When what has not come to its end was first tried, in milliseconds of the clock, by key. As bounded as what may be tried again is. */
  readonly #begunMs = new Map<string, number>();

  constructor(options: {
    readonly drivers: ConnectedDrivers;
    readonly clock: Clock;
    readonly timeoutMs: number;
    readonly operations?: StorageOperations | undefined;
  }) {
    this.#clock = options.clock;
    this.#operations = options.operations;
    this.#drivers = options.drivers;
    this.#attempts = new Attempts(options.clock);
    this.#timeoutMs = options.timeoutMs;
  }

  /** Takes the steps of one order as far as they go now. @throws ApiError what a write of `away`, `prepare`, `finish` or `fail` answers */
  async climb<W extends Work>(ctx: Ctx, steps: DriverSteps<W>, order: W['order']): Promise<Outcome> {
    const driver = this.#drivers.find(order.driverName);
    if (driver === undefined) return steps.away(ctx, order, this.#drivers.names());
    const waitMs = this.#attempts.waitMs(order.attempt);
    if (waitMs > 0) return waiting(waitMs);
    // why before the call: after a restart the waits are forgotten, and what fails elsewhere must not be tried again and again without one
    if (order.hasFailedSince === true) this.#failed(order, false);
    try {
      return await this.#call(ctx, { steps, order, driver });
    } catch (thrown) {
      if (thrown instanceof WorkRefused) return this.#fail(ctx, { steps, order, driver }, thrown);
      throw thrown;
    }
  }

  /** What failed before is forgotten: the object may be tried at once, and its next failure is its first. */
  forget(key: string): void {
    for (const purpose of ['make', 'cleanUp'] as const) this.#begunMs.delete(begunKey({ key, purpose }));
    this.#attempts.forget(key);
  }

  /** Wake-ups of the controller: what waits is tried as soon as its driver answers again. */
  wakeUps(waiting: Pick<Waiting, 'driverOf' | 'waitingFor'>): NonNullable<Controller['wakeUps']> {
    return retryWhenBack({ drivers: this.#drivers, attempts: this.#attempts, ...waiting });
  }

  async #call<W extends Work>(ctx: Ctx, { steps, order, driver }: Climb<W>): Promise<Outcome> {
    const prepared = await steps.prepare(ctx, order);
    if (prepared.kind === 'stop') return prepared.outcome;
    const climb = { steps, order: prepared.order, driver };
    const beganMs = this.#clock.nowMs();
    const begun = begunKey(order.attempt);
    if (!this.#begunMs.has(begun)) this.#begunMs.set(begun, beganMs);
    let answer: W['answer'];
    try {
      answer = await this.#ask(ctx, climb);
    } catch (thrown) {
      this.#count(climb, { beganMs, hasFailed: true });
      return this.#fail(ctx, climb, thrown);
    }
    const end = await steps.finish(ctx, climb.order, answer);
    this.#count(climb, { beganMs, hasFailed: end.kind === 'tryAgain' });
    return this.#end(climb.order, end);
  }

  async #ask<W extends Work>(ctx: Ctx, { steps, order, driver }: Climb<W>): Promise<W['answer']> {
    const call = { timeoutMs: this.#timeoutMs, signal: ctx.signal };
    const request = steps.request(order, await steps.capabilities.of(driver, call));
    if (request.kind === 'refused') throw request.error;
    if (request.kind === 'answered') return request.answer;
    const secrets = request.secret === undefined ? undefined : await secretsFor(ctx, request.secret);
    return steps.send(order, { driver, message: request.message, secrets, call });
  }

  #count<W extends Work>({ steps: { operation }, order }: Climb<W>, { beganMs, hasFailed }: { beganMs: number; hasFailed: boolean }): void {
    if (operation === undefined) return;
    const { driverName, attempt, isMigrated } = order;
    this.#operations?.tried({ driverName, operation, isMigrated, beganMs, hasFailed });
    if (!hasFailed) this.#operations?.succeeded(driverName, operation, this.#begunMs.get(begunKey(attempt)) ?? beganMs);
  }

  async #fail<W extends Work>(ctx: Ctx, { steps, order }: Climb<W>, thrown: unknown): Promise<Outcome> {
    // why: the controller stops, and what the driver makes of it nobody here will hear
    if (ctx.signal.aborted) throw thrown;
    const failure: Failure = failureOf(thrown, steps.infeasible);
    return this.#end(order, await steps.fail(ctx, order, failure), failure.isInfeasible);
  }

  #end(order: Work['order'], end: End, isInfeasible = false): Outcome {
    if (end.kind !== 'tryAgain') this.#begunMs.delete(begunKey(order.attempt));
    if (end.kind === 'tryAgain') return waiting(this.#failed(order, isInfeasible));
    if (order.hasFailedSince !== true) this.#attempts.forget(order.attempt.key);
    return end;
  }

  #failed({ attempt }: Work['order'], isInfeasible: boolean): number {
    return this.#attempts.failed(attempt, { isInfeasible });
  }
}

/** What is made and then got rid of is two operations. */
function begunKey({ key, purpose = 'make' }: Pick<Attempt, 'key' | 'purpose'>): string {
  return `${purpose} ${key}`;
}

/** What `work` brings about; done where the object that it is for went meanwhile. */
export async function untilGone(work: () => Promise<Outcome>): Promise<Outcome> {
  try {
    return await work();
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return done;
    throw thrown;
  }
}

function waiting(delayMs: number): Outcome {
  return after(delayMs, 'waiting before the next try');
}

async function secretsFor(ctx: Ctx, { key, isOptional = false, refusal }: SecretNeed): Promise<Secrets | undefined> {
  try {
    return await readSecret(ctx.client, key);
  } catch (thrown) {
    if (isOptional && hasCode(thrown, 'NotFound')) return undefined;
    throw refusal === undefined ? thrown : refusal(thrown);
  }
}
