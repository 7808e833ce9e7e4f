import { describe, expect, it } from 'vitest';
import { FakeClock } from '#testing/fake-clock.ts';
import { formatTime, sleep } from './clock.ts';
import { ERROR_CODES, errorCodeFromGrpc } from './error-codes.ts';
import { hasCode, PlatformError } from './errors.ts';
import { isCommandFailed, SystemExec } from './exec.ts';
import { deepEqual, deepFreeze } from './json.ts';
import { KeyedLock } from './keyed-lock.ts';
import { Limiter } from './limiter.ts';
import { backoffMs, RECONCILE_BACKOFF } from './retry.ts';
import { Secret } from './secret.ts';

describe('errors', () => {
  it('has one row per gRPC status but OK', () => {
    expect(
      Object.values(ERROR_CODES)
        .map((row) => row.grpc)
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
    expect(errorCodeFromGrpc(5)).toBe('NotFound');
    expect(errorCodeFromGrpc(99)).toBe('Unknown');
  });

  it.each([
    { name: 'an abort', thrown: new DOMException('stop', 'AbortError'), code: 'Canceled' },
    { name: 'an error', thrown: new TypeError('x'), code: 'Unknown' },
    { name: 'a text', thrown: 'x', code: 'Unknown' },
    { name: 'itself', thrown: new PlatformError({ code: 'NotFound', reason: 'Gone', message: 'm' }), code: 'NotFound' },
  ])('normalises $name', ({ thrown, code }) => {
    expect(PlatformError.from(thrown).code).toBe(code);
  });

  it('retries what passes by itself, and nothing else', () => {
    expect(new PlatformError({ code: 'Unavailable', reason: 'R', message: 'm' }).retry).toBe('backoff');
    expect(new PlatformError({ code: 'InvalidArgument', reason: 'R', message: 'm' }).retry).toBe('never');
  });
});

describe('clock', () => {
  it('wakes a sleeper at its time and not before', async () => {
    const clock = new FakeClock();
    let woke = false;
    const waiting = sleep(clock, 1_000).then(() => (woke = true));
    await clock.step(999);
    expect(woke).toBe(false);
    await clock.step(1);
    await waiting;
    expect(woke).toBe(true);
  });

  it('ends a wait when its signal aborts, and leaves no timer', async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const waiting = sleep(clock, 1_000, controller.signal);
    controller.abort();
    await expect(waiting).rejects.toSatisfy((error) => hasCode(error, 'Canceled'));
    expect(clock.timers).toBe(0);
  });

  it('prints times as the API does', () => {
    expect(formatTime(Date.parse('2026-01-02T03:04:05.678Z'))).toBe('2026-01-02T03:04:05Z');
  });
});

describe('locks and limits', () => {
  it('runs one work of a key at a time, in order, and keys side by side', async () => {
    const lock = new KeyedLock();
    const order: string[] = [];
    const gate = Promise.withResolvers<void>();
    const first = lock.run('a', async () => {
      await gate.promise;
      order.push('a1');
    });
    const second = lock.run('a', async () => void order.push('a2'));
    await lock.run('b', async () => void order.push('b'));
    gate.resolve();
    await Promise.all([first, second]);
    expect(order).toEqual(['b', 'a1', 'a2']);
    expect(lock.isBusy('a')).toBe(false);
  });

  it('goes on after a work that failed', async () => {
    const lock = new KeyedLock();
    await expect(lock.run('a', () => Promise.reject(new TypeError('x')))).rejects.toThrow('x');
    await expect(lock.run('a', async () => 1)).resolves.toBe(1);
  });

  it('never runs more works than its limit', async () => {
    const limiter = new Limiter(2);
    let running = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 10 }, () =>
        limiter.run(async () => {
          running += 1;
          most = Math.max(most, running);
          await Promise.resolve();
          running -= 1;
        }),
      ),
    );
    expect(most).toBe(2);
  });
});

describe('json', () => {
  it('treats an undefined field as absent', () => {
    expect(deepEqual({ a: 1, b: undefined }, { a: 1 })).toBe(true);
    expect(deepEqual({ a: undefined }, { b: undefined })).toBe(true);
    expect(deepEqual({ a: [1, { b: 2 }] }, { a: [1, { b: 3 }] })).toBe(false);
    expect(deepEqual([], {})).toBe(false);
  });

  it.each([
    { a: 9007199254740993n, b: 9007199254740993n, isSame: true },
    { a: 9007199254740993n, b: 9007199254740992, isSame: false },
    { a: 9007199254740992n, b: 9007199254740992, isSame: true },
    { a: 0, b: -0, isSame: true },
    { a: 1n, b: '1', isSame: false },
  ])('compares $a and $b as numbers', ({ a, b, isSame }) => {
    expect([deepEqual({ a }, { a: b }), deepEqual([b], [a])]).toEqual([isSame, isSame]);
  });

  it('freezes to the bottom', () => {
    const value = deepFreeze({ a: { b: [1] } });
    expect(Object.isFrozen(value.a.b)).toBe(true);
  });
});

describe('exec', () => {
  const exec = new SystemExec();

  it('answers output and exit code, and keeps what a failed command said', async () => {
    await expect(exec.run(['sh', '-c', 'cat; exit 3'], { stdin: 'in', okCodes: [3] })).resolves.toMatchObject({
      stdout: 'in',
      exitCode: 3,
    });
    const failed = await exec.run(['sh', '-c', 'echo no >&2; exit 4']).catch((error: unknown) => error);
    expect(isCommandFailed(failed) && failed).toMatchObject({ exitCode: 4, stderr: 'no' });
  });

  it('kills what takes too long and names what is missing', async () => {
    await expect(exec.run(['sleep', '60'], { timeoutMs: 20 })).rejects.toMatchObject({ reason: 'CommandTimedOut' });
    await expect(exec.run(['no-such-program'])).rejects.toMatchObject({ reason: 'CommandMissing', retry: 'never' });
  });
});

describe('small things', () => {
  it('doubles a delay up to its bound', () => {
    expect([0, 1, 2, 100].map((attempt) => backoffMs(RECONCILE_BACKOFF, attempt))).toEqual([5, 10, 20, 300_000]);
  });

  it('does not print a secret', () => {
    const secret = new Secret('hidden');
    expect(`${String(secret)} ${JSON.stringify({ secret })}`).not.toContain('hidden');
    expect(secret.reveal()).toBe('hidden');
  });
});
