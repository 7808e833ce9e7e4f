import { expect, it, onTestFinished } from 'vitest';
import type { Probe } from '#api/generated/kubernetes.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { firstDelayMs, judge, type Tally } from './judge.ts';
import { type ProbeKind, RunProbes, type RunProbesOptions } from './run-probes.ts';

it.each<{ name: string; probe: Probe; results: boolean[]; want: boolean | undefined }>([
  { name: 'nothing counts before enough failures', probe: {}, results: [false, false], want: undefined },
  { name: 'three failures in a row by default', probe: {}, results: [false, false, false], want: false },
  { name: 'a success in between starts the count again', probe: {}, results: [false, false, true, false, false], want: true },
  { name: 'one success by default', probe: {}, results: [true], want: true },
  { name: 'as many successes as asked for', probe: { successThreshold: 2 }, results: [true], want: undefined },
  { name: 'and then it is true', probe: { successThreshold: 2 }, results: [true, true], want: true },
  { name: 'one failure is enough where it says so', probe: { failureThreshold: 1 }, results: [true, false], want: false },
])('judge: $name', ({ probe, results, want }) => {
  const tally = results.reduce<Tally>((before, isOk) => judge(before, isOk, probe), { verdict: undefined, inRow: 0 });
  expect(tally.verdict).toBe(want);
});

it.each([
  { delaySec: undefined, ranMs: 0, want: 0 },
  { delaySec: 5, ranMs: 0, want: 5_000 },
  { delaySec: 5, ranMs: 3_000, want: 2_000 },
  { delaySec: 5, ranMs: 60_000, want: 0 },
])('a probe with a delay of $delaySec s is due $want ms after a start $ranMs ms ago', ({ delaySec, ranMs, want }) => {
  expect(firstDelayMs({ initialDelaySeconds: delaySec }, 1_000_000 - ranMs, 1_000_000)).toBe(want);
});

interface Probing {
  readonly clock: FakeClock;
  readonly probes: RunProbes;
  /** Results by kind; what is not named succeeds. */
  readonly results: Partial<Record<ProbeKind, boolean>>;
  readonly tries: string[];
  readonly failures: string[];
  changes: number;
}

function probing(given: Partial<RunProbesOptions> & Pick<RunProbesOptions, 'probes'>, first: Probing['results'] = {}): Probing {
  const clock = new FakeClock();
  const tries: string[] = [];
  const failures: string[] = [];
  const state = { clock, results: { ...first }, tries, failures, changes: 0 };
  const kindOf = (probe: Probe): ProbeKind => {
    if (probe === given.probes.startup) return 'startup';
    return probe === given.probes.liveness ? 'liveness' : 'readiness';
  };
  const probes = new RunProbes({
    clock,
    startedAtMs: clock.nowMs(),
    known: { isStarted: false, isReady: false },
    probe: async (probe) => {
      state.tries.push(kindOf(probe));
      return { isOk: state.results[kindOf(probe)] ?? true, message: 'no' };
    },
    onFailure: (kind, message) => state.failures.push(`${kind} ${message}`),
    onChange: () => {
      state.changes += 1;
    },
    ...given,
  });
  onTestFinished(() => probes.stop());
  return Object.assign(state, { probes });
}

const EACH_SECOND: Probe = { periodSeconds: 1 };

it('without a readiness probe a container is ready as soon as it is started', () => {
  expect(probing({ probes: { liveness: EACH_SECOND } }).probes.health).toMatchObject({ isStarted: true, isReady: true });
});

it('the startup probe comes alone, then the others at once', async () => {
  const on = probing({ probes: { startup: EACH_SECOND, liveness: { ...EACH_SECOND }, readiness: { ...EACH_SECOND } } }, { startup: false });
  await on.clock.step(1_500);
  expect(on.tries).toEqual(['startup', 'startup']);
  expect(on.probes.health).toMatchObject({ isStarted: false, isReady: false });
  on.results.startup = true;
  await on.clock.step(600);
  expect(on.tries).toEqual(['startup', 'startup', 'startup', 'liveness', 'readiness']);
  expect(on.probes.health).toMatchObject({ isStarted: true, isReady: true });
});

it('a startup probe that fails for good ends the container, and is asked no more', async () => {
  const startup: Probe = { periodSeconds: 1, failureThreshold: 2, terminationGracePeriodSeconds: 7 };
  const on = probing({ probes: { startup } }, { startup: false });
  await on.clock.step(10_000);
  expect(on.tries).toHaveLength(2);
  expect(on.failures).toEqual(['startup no', 'startup no']);
  expect(on.probes.health.failure).toEqual({ probe: 'startup', graceSec: 7 });
});

it('readiness goes and comes; each change is told once', async () => {
  const on = probing({ probes: { readiness: { periodSeconds: 1, failureThreshold: 1 } } }, { readiness: false });
  await on.clock.step(3_000);
  expect(on.probes.health.isReady).toBe(false);
  expect(on.changes).toBe(0);
  on.results.readiness = true;
  await on.clock.step(3_000);
  expect(on.probes.health.isReady).toBe(true);
  expect(on.changes).toBe(1);
  on.results.readiness = false;
  await on.clock.step(1_000);
  expect(on.probes.health.isReady).toBe(false);
  expect(on.changes).toBe(2);
});

it('a container that was ready before the platform restarted stays ready until its probe has failed as often as it may', async () => {
  const readiness: Probe = { periodSeconds: 1, failureThreshold: 2 };
  const on = probing(
    { probes: { readiness, startup: { ...EACH_SECOND } }, known: { isStarted: true, isReady: true } },
    { readiness: false },
  );
  await on.clock.step(500);
  expect(on.tries).toEqual(['readiness']);
  expect(on.probes.health).toMatchObject({ isStarted: true, isReady: true });
  await on.clock.step(1_000);
  expect(on.probes.health.isReady).toBe(false);
});

it('nothing restarts a container of a pod that is to end, while its readiness still counts', async () => {
  const probes = { liveness: { periodSeconds: 1, failureThreshold: 1 }, readiness: { periodSeconds: 1, failureThreshold: 1 } };
  const on = probing({ probes });
  on.probes.endRestarts();
  Object.assign(on.results, { liveness: false, readiness: false });
  await on.clock.step(5_000);
  expect(on.probes.health).toMatchObject({ isReady: false, failure: undefined });
  expect(on.tries).not.toContain('liveness');
});

it('leaves no timer when it stops', async () => {
  const on = probing({ probes: { liveness: EACH_SECOND, readiness: { ...EACH_SECOND } } });
  await on.clock.step(2_500);
  on.probes.stop();
  expect(on.clock.timers).toBe(0);
});
