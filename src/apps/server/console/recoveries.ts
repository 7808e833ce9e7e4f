import { type Words, words } from '#api/explanation.ts';
import { PassThrough, type Readable } from 'node:stream';
import type { RecoveryFrame } from '#api/console-recovery.ts';
import type { ConsoleRefusal } from '#api/console-session.ts';
import { formatKey, type ObjectKey } from '#api/meta/object.ts';
import { giveUpGrowth } from '#controllers/csi/expansion/give-up-growth.ts';
import type { Clock } from '#kit/clock.ts';
import { isRecord } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import { ConsoleRequestRefused } from './errors.ts';

/** What giving up one growth needs. */
export interface RecoveryRequest {
  /** The API as the signed-in user may use it. */
  readonly client: Client;
  readonly key: ObjectKey;
  /** What the user is told of an error after the first step. */
  readonly refusalOf: (thrown: unknown) => ConsoleRefusal;
}

/** Most growths that are given up at once. */
const MAX_RECOVERIES = 8;
/** One that takes longer has met something that does not pass by itself, in milliseconds. */
const LIMIT_MS = 300_000;

/** Growths that are being given up. They go on when the browser leaves or its user signs out: stopping half-way helps nobody. */
export class Recoveries {
  readonly #clock: Clock;
  readonly #running = new Set<string>();
  readonly #stop = new AbortController();

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
  }

  /**
   * Begins as `stowage recover` does; the answer has a {@link RecoveryFrame} a line and begins with the first step done.
   * @throws ConsoleRequestRefused `RecoveryBusy`; RecoveryRefused or ApiError where nothing was changed
   */
  async start(request: RecoveryRequest): Promise<Readable> {
    const name = formatKey(request.key);
    if (this.#running.has(name)) throw new ConsoleRequestRefused('RecoveryBusy', words('recoveryRunning', { claim: name }));
    if (this.#running.size >= MAX_RECOVERIES)
      throw new ConsoleRequestRefused('RecoveryBusy', words('recoveriesBusy', { limit: String(MAX_RECOVERIES) }));
    const lines = new PassThrough();
    const write = (frame: RecoveryFrame): void => void lines.write(`${JSON.stringify(frame)}\n`);
    const begun = Promise.withResolvers<Readable>();
    let hasBegun = false;
    const tell = (step: Words): void => {
      hasBegun = true;
      write({ type: 'step', words: step });
      begun.resolve(lines);
    };
    void this.#run(request, tell)
      .then(() => write({ type: 'done' }))
      .catch((thrown: unknown) => (hasBegun ? write({ type: 'refused', refusal: request.refusalOf(thrown) }) : begun.reject(thrown)))
      .finally(() => lines.end());
    return begun.promise;
  }

  /** Stops what runs; it is finished by asking again. */
  close(): void {
    this.#stop.abort();
  }

  async #run({ client, key }: RecoveryRequest, tell: (step: Words) => void): Promise<void> {
    const name = formatKey(key);
    const limit = new AbortController();
    const timer = this.#clock.after(LIMIT_MS, () => limit.abort());
    const signal = AbortSignal.any([this.#stop.signal, limit.signal]);
    this.#running.add(name);
    try {
      await giveUpGrowth({ client, clock: this.#clock, signal, tell }, key);
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
      const minutes = String(LIMIT_MS / 60_000);
      throw new ConsoleRequestRefused('RecoveryUnfinished', words('recoveryUnfinished', { claim: name, minutes, ...key }));
    } finally {
      timer.cancel();
      this.#running.delete(name);
    }
  }
}

/** The claim that the body of a request names. @throws ConsoleRequestRefused `RequestMalformed` */
export function claimKeyOf(body: unknown): ObjectKey {
  const { namespace, name } = isRecord(body) ? body : {};
  if (typeof namespace === 'string' && namespace !== '' && typeof name === 'string' && name !== '') return { namespace, name };
  throw new ConsoleRequestRefused('RequestMalformed', words('claimUnnamed'));
}
