import { describe, expect, it } from 'vitest';
import { Metrics } from '#kit/metrics.ts';
import { StorageOperations } from '#protocols/csi/storage-operations.ts';
import { ERROR_CODES, type ErrorCode, isErrorCode } from '#kit/error-codes.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { driverError, FakeDriver } from '#testing/fakes/fake-driver.ts';
import { DriverCapabilities } from './driver-capabilities.ts';
import { type Failure, WorkRefused } from './failure.ts';
import { DriverLadder, tryAgain, untilGone } from './ladder.ts';
import type { DriverOrder, DriverSteps, Request, Work } from './steps.ts';

const DRIVER = 'disk.example';
const TIMEOUT_MS = 7_000;
const LONGEST_MS = 300_000;
const CODES: readonly ErrorCode[] = Object.keys(ERROR_CODES).filter(isErrorCode);
const NON_FINAL: readonly ErrorCode[] = ['Canceled', 'DeadlineExceeded', 'Unavailable', 'Aborted'];

interface Order extends DriverOrder {
  readonly name: string;
}

interface Naming extends Work {
  readonly order: Order;
  readonly capabilities: string;
  readonly message: string;
  readonly answer: string;
}

const order: Order = { driverName: DRIVER, name: 'one', attempt: { key: 'default/one', uid: 'u-1', wish: 'w' } };
const notTold = new WorkRefused({ code: 'FailedPrecondition', reason: 'Refused', message: 'nobody can' });
const refuse = (code: ErrorCode) => (): never => {
  throw driverError(code, 'out of order');
};

/** A ladder, and steps that write down that they were taken. */
class Bench {
  readonly clock = new FakeClock();
  readonly metrics = new Metrics();
  readonly log: string[] = [];
  readonly failures: Failure[] = [];
  readonly abort = new AbortController();
  readonly drivers = new Map([[DRIVER, new FakeDriver()]]);
  readonly secrets = new Map<string, Readonly<Record<string, string>>>();
  readonly listeners = new Set<(driverName: string) => void>();
  readonly ladder = new DriverLadder({
    drivers: {
      find: (name) => this.drivers.get(name),
      names: () => [...this.drivers.keys()],
      onBack: (listener) => {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
    },
    clock: this.clock,
    timeoutMs: TIMEOUT_MS,
    operations: new StorageOperations({ metrics: this.metrics, clock: this.clock }),
  });
  readonly steps: DriverSteps<Naming>;

  constructor(overrides: Partial<DriverSteps<Naming>> = {}) {
    this.steps = {
      infeasible: new Set<ErrorCode>(['OutOfRange']),
      capabilities: new DriverCapabilities(async () => {
        this.log.push('ask');
        return 'everything';
      }),
      away: (_ctx, { driverName }, connected) => {
        this.log.push(`away ${driverName} of ${connected.join()}`);
        return after(60_000, 'waiting for the driver');
      },
      prepare: async (_ctx, planned) => {
        this.log.push('prepare');
        return { kind: 'ready', order: { ...planned, name: `${planned.name}, written down` } };
      },
      request: ({ name }, capabilities) => ({ kind: 'send', message: `${name} with ${capabilities}` }),
      send: async (_order, { message, secrets, call }) => {
        this.log.push(`send ${message}${secrets === undefined ? '' : ` and ${Object.keys(secrets).join()}`} in ${call.timeoutMs} ms`);
        return 'made';
      },
      finish: async (_ctx, { name }, answer) => {
        this.log.push(`finish ${name}: ${answer}`);
        return done;
      },
      fail: async (_ctx, { name }, failure) => {
        this.log.push(`fail ${name}: ${failure.problem}`);
        this.failures.push(failure);
        return tryAgain;
      },
      ...overrides,
    };
  }

  climb(planned: Order = order): Promise<Outcome> {
    const client = trusted<Client>({
      get: async (_resource: unknown, { namespace, name }: { readonly namespace: string; readonly name: string }) => {
        const data = this.secrets.get(`${namespace}/${name}`);
        if (data === undefined) throw new PlatformError({ code: 'NotFound', reason: 'NotFound', message: `secrets "${name}" not found` });
        return { data };
      },
    });
    return this.ladder.climb(trusted<Ctx>({ client, clock: this.clock, signal: this.abort.signal }), this.steps, planned);
  }
}

const waits = (delayMs: number): Outcome => after(delayMs, 'waiting before the next try');

describe('DriverLadder', () => {
  it('takes the steps in their order, and asks a driver only once what it can do', async () => {
    const bench = new Bench();
    expect(await bench.climb()).toEqual(done);
    await bench.climb();
    const [prepare, send, finish] = ['prepare', 'send one, written down with everything in 7000 ms', 'finish one, written down: made'];
    expect(bench.log).toEqual([prepare, 'ask', send, finish, prepare, send, finish]);
  });

  it('VOL-19: counts each try, and the time from the first one to the success, by upstream’s names', async () => {
    let refusals = 1;
    const bench = new Bench({
      operation: 'volume_provision',
      send: async () => {
        await bench.clock.step(250);
        if (refusals-- > 0) throw driverError('Unavailable', 'out of order');
        return 'made';
      },
    });
    await bench.climb();
    await bench.clock.step(1_000);
    await bench.climb();
    await bench.climb();
    await bench.climb({ ...order, isMigrated: true });
    const text = bench.metrics.render();
    const labels = (status: string, isMigrated = false): string =>
      `{volume_plugin="kubernetes.io/csi:${DRIVER}",operation_name="volume_provision",status="${status}",migrated="${isMigrated}"}`;
    expect(text).toContain(`storage_operation_duration_seconds_count${labels('success', true)} 1\n`);
    expect(text).toContain(`storage_operation_duration_seconds_count${labels('fail-unknown')} 1\n`);
    expect(text).toContain(`storage_operation_duration_seconds_count${labels('success')} 2\n`);
    const total = `{plugin_name="kubernetes.io/csi:${DRIVER}",operation_name="provision"}`;
    expect(text).toContain(`volume_operation_total_seconds_count${total} 3\n`);
    expect(text).toContain(`volume_operation_total_seconds_sum${total} 2\n`);
  });

  it('writes nothing down while the driver is away', async () => {
    const bench = new Bench();
    bench.drivers.clear();
    bench.drivers.set('other.example', new FakeDriver());
    expect(await bench.climb()).toEqual(after(60_000, 'waiting for the driver'));
    expect(bench.log).toEqual(['away disk.example of other.example']);
  });

  it.each<{ name: string; overrides: Partial<DriverSteps<Naming>>; outcome: Outcome; log: readonly string[] }>([
    {
      name: 'does not call where something stands against it now',
      overrides: { prepare: async () => ({ kind: 'stop', outcome: after(5_000, 'in use') }) },
      outcome: after(5_000, 'in use'),
      log: [],
    },
    {
      name: 'does not call where the driver has nothing to do',
      overrides: { request: () => ({ kind: 'answered', answer: 'as it was' }) },
      outcome: done,
      log: ['prepare', 'ask', 'finish one, written down: as it was'],
    },
    {
      name: 'does not call where the driver can not do it',
      overrides: { request: () => ({ kind: 'refused', error: notTold }) },
      outcome: waits(1_000),
      log: ['prepare', 'ask', 'fail one, written down: nobody can'],
    },
    {
      name: 'has failed where a step refuses before the trace is written',
      overrides: { prepare: () => Promise.reject(notTold) },
      outcome: waits(1_000),
      log: ['fail one: nobody can'],
    },
    {
      name: 'has failed where the answer can not be used',
      overrides: { finish: async () => tryAgain },
      outcome: waits(1_000),
      log: ['prepare', 'ask', 'send one, written down with everything in 7000 ms'],
    },
    {
      name: 'is over where the failure says that nothing is left to do',
      overrides: { send: refuse('NotFound'), fail: async () => done },
      outcome: done,
      log: ['prepare', 'ask'],
    },
  ])('$name', async ({ overrides, outcome, log }) => {
    const bench = new Bench(overrides);
    expect(await bench.climb()).toEqual(outcome);
    expect(bench.log).toEqual(log);
  });

  it.each<{ name: string; secret: Extract<Request<Naming>, { kind: 'send' }>['secret']; last: string }>([
    { name: 'sends what it holds', secret: { key: { namespace: 'a', name: 'known' } }, last: 'finish one, written down: made' },
    {
      name: 'fails where it is not there',
      secret: { key: { namespace: 'a', name: 'none' } },
      last: 'fail one, written down: rpc error: code = NotFound desc = secrets "none" not found',
    },
    {
      name: 'says in its own words that it is not there',
      secret: { key: { namespace: 'a', name: 'none' }, refusal: () => notTold },
      last: 'fail one, written down: nobody can',
    },
    {
      name: 'goes without an optional one',
      secret: { key: { namespace: 'a', name: 'none' }, isOptional: true },
      last: 'finish one, written down: made',
    },
  ])('with a secret: $name', async ({ secret, last }) => {
    const bench = new Bench({ request: () => ({ kind: 'send', message: 'it', secret }) });
    bench.secrets.set('a/known', { token: 'c2VjcmV0' });
    await bench.climb();
    expect(bench.log.at(-1)).toBe(last);
    expect(bench.log.includes('send it and token in 7000 ms')).toBe(secret?.key.name === 'known');
  });

  it.each(CODES)('after %s of the driver it says so in its words, and waits', async (code) => {
    const bench = new Bench({ send: refuse(code) });
    expect(await bench.climb()).toEqual(waits(code === 'OutOfRange' ? LONGEST_MS : 1_000));
    expect(bench.failures).toMatchObject([
      {
        problem: `rpc error: code = ${code} desc = out of order`,
        isFinal: !NON_FINAL.includes(code),
        isInfeasible: code === 'OutOfRange',
        error: { code },
      },
    ]);
  });

  it('waits longer each time, however often it is woken, and starts anew after a success', async () => {
    let isBroken = true;
    const bench = new Bench({ send: async () => (isBroken ? refuse('Internal')() : 'made') });
    for (const delayMs of [1_000, 2_000, 4_000]) {
      expect(await bench.climb()).toEqual(waits(delayMs));
      expect(await bench.climb()).toEqual(waits(delayMs));
      await bench.clock.step(delayMs);
    }
    expect(bench.failures).toHaveLength(3);
    isBroken = false;
    expect(await bench.climb()).toEqual(done);
    isBroken = true;
    expect(await bench.climb()).toEqual(waits(1_000));
  });

  it.each([
    { name: 'another wish', other: { ...order, attempt: { ...order.attempt, wish: 'another' } } },
    { name: 'an object that was made anew', other: { ...order, attempt: { ...order.attempt, uid: 'u-2' } } },
    { name: 'another object', other: { ...order, attempt: { ...order.attempt, key: 'default/two' } } },
  ])('$name does not wait for what failed before', async ({ other }) => {
    const bench = new Bench({ send: refuse('Internal') });
    await bench.climb();
    await bench.climb(other);
    expect(bench.failures).toHaveLength(2);
  });

  it('lets what failed after the driver had done its part wait though the driver does it again', async () => {
    const bench = new Bench();
    const failed = { ...order, hasFailedSince: true };
    expect(await bench.climb(failed)).toEqual(done);
    expect(await bench.climb(failed)).toEqual(waits(1_000));
    await bench.clock.step(1_000);
    expect(await bench.climb(failed)).toEqual(done);
    expect(await bench.climb(failed)).toEqual(waits(2_000));
  });

  it('says nothing of a call that its own stop cut off', async () => {
    const bench = new Bench({ send: refuse('Canceled') });
    bench.abort.abort();
    await expect(bench.climb()).rejects.toMatchObject({ code: 'Canceled' });
    expect(bench.failures).toEqual([]);
  });

  it.each(['prepare', 'finish', 'fail'] as const)('leaves to the runtime what the API answers in %s', async (step) => {
    const conflict = new PlatformError({ code: 'Aborted', reason: 'Conflict', message: 'somebody else wrote' });
    const send = step === 'fail' ? { send: refuse('Internal') } : {};
    const bench = new Bench({ ...send, [step]: () => Promise.reject(conflict) });
    await expect(bench.climb()).rejects.toBe(conflict);
    expect(bench.failures).toEqual([]);
  });

  it('wakes what failed and what waits as soon as their driver is back, and lets it be tried at once', async () => {
    const bench = new Bench({ send: refuse('Unavailable') });
    const woken: string[] = [];
    const driverOf = (key: string): string => (key === 'default/one' ? DRIVER : 'other.example');
    const stop = bench.ladder.wakeUps({ driverOf, waitingFor: (name) => [`waits for ${name}`] })((key) => woken.push(key));
    await bench.climb();
    await bench.climb({ ...order, attempt: { ...order.attempt, key: 'default/two' } });
    for (const listener of bench.listeners) listener(DRIVER);
    expect(woken).toEqual(['default/one', 'waits for disk.example']);
    await bench.climb();
    expect(bench.failures).toHaveLength(3);
    stop();
    expect(bench.listeners.size).toBe(0);
  });
});

describe('untilGone', () => {
  const fails = (code: ErrorCode) => (): Promise<Outcome> => Promise.reject(driverError(code, 'it is so'));
  it('has nothing left to do for an object that is gone', async () => {
    expect(await untilGone(async () => after(1, 'later'))).toEqual(after(1, 'later'));
    expect(await untilGone(fails('NotFound'))).toEqual(done);
    await expect(untilGone(fails('Aborted'))).rejects.toMatchObject({ code: 'Aborted' });
  });
});
