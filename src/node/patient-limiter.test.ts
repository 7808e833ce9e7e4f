import { expect, it } from 'vitest';
import { FakeClock, settle } from '#testing/fake-clock.ts';
import { PatientLimiter } from './patient-limiter.ts';

it('gives the place of what hangs to the next, answers its end all the same, and leaves no timer', async () => {
  const clock = new FakeClock();
  const limiter = new PatientLimiter({ clock, limit: 2, patienceMs: 1_000 });
  const hanging = Promise.withResolvers<string>();
  const begun: string[] = [];
  const hung = ['a', 'b'].map((name) => limiter.run(() => (begun.push(name), hanging.promise)));
  const next = limiter.run(async () => (begun.push('c'), 'quick'));
  await clock.step(999);
  expect(begun).toEqual(['a', 'b']);
  await clock.step(1);
  expect(begun).toEqual(['a', 'b', 'c']);
  expect(await next).toBe('quick');
  hanging.resolve('late');
  expect(await Promise.all(hung)).toEqual(['late', 'late']);
  expect(clock.timers).toBe(0);
});

it('hands on what work throws, and goes on', async () => {
  const clock = new FakeClock();
  const limiter = new PatientLimiter({ clock, limit: 1, patienceMs: 1_000 });
  await expect(limiter.run(() => Promise.reject(new TypeError('no')))).rejects.toThrow('no');
  expect(await limiter.run(async () => 1)).toBe(1);
  await settle();
  expect(clock.timers).toBe(0);
});
