import { expect, it } from 'vitest';
import type { Container } from '#api/generated/kubernetes.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import type { ObservedRun } from '../containers/run-state.ts';
import { decideRestart, restartPolicyOf } from './restart.ts';

const END = 5_000_000;

function ended(over: {
  readonly step?: number;
  readonly ranMs?: number;
  readonly exitCode?: number;
  readonly stopAtMs?: number;
}): ObservedRun {
  const { step = 0, ranMs = 10, exitCode = 1, stopAtMs } = over;
  return {
    record: { attempt: step, restartCount: step, backoffStep: step, createdAtMs: END - ranMs, image: '', imageId: '', bootId: '' },
    state: { phase: 'exited', startedAtMs: END - ranMs, finishedAtMs: END, exitCode, reason: 'Error' },
    platformStopAtMs: stopAtMs,
  };
}

it.each([
  { step: 0, delayMs: 0 },
  { step: 1, delayMs: 10_000 },
  { step: 2, delayMs: 20_000 },
  { step: 3, delayMs: 40_000 },
  { step: 5, delayMs: 160_000 },
  { step: 6, delayMs: 300_000 },
  { step: 40, delayMs: 300_000 },
])('a crash loop of $step restarts waits $delayMs ms', ({ step, delayMs }) => {
  expect(decideRestart('Always', ended({ step }))).toEqual({
    kind: 'restart',
    delayMs,
    atMs: END + delayMs,
    restartCount: step + 1,
    backoffStep: step + 1,
  });
});

it('a run of ten minutes ends a crash loop', () => {
  expect(decideRestart('Always', ended({ step: 6, ranMs: 599_999 }))).toMatchObject({ delayMs: 300_000 });
  expect(decideRestart('Always', ended({ step: 6, ranMs: 600_000 }))).toMatchObject({ delayMs: 0, restartCount: 7, backoffStep: 1 });
});

it.each([
  { name: 'ended right after the platform asked', run: { stopAtMs: END - 100 }, kind: 'restart' },
  { name: 'ended before the platform asked', run: { stopAtMs: END + 100 }, kind: 'restart' },
  { name: 'ended long after the platform asked', run: { stopAtMs: END - 120_001 }, kind: 'none' },
  { name: 'ended by itself', run: {}, kind: 'none' },
])('Never: a run that $name → $kind', ({ run, kind }) => {
  expect(decideRestart('Never', ended(run)).kind).toBe(kind);
});

it('a run that has not ended is not restarted', () => {
  expect(decideRestart('Always', { ...ended({}), state: { phase: 'starting' } })).toEqual({ kind: 'none' });
});

it.each([
  { pod: 'Always', init: undefined, isInit: false, want: 'Always' },
  { pod: 'Never', init: undefined, isInit: false, want: 'Never' },
  { pod: 'Always', init: undefined, isInit: true, want: 'OnFailure' },
  { pod: 'Never', init: undefined, isInit: true, want: 'Never' },
  { pod: 'Never', init: 'Always', isInit: true, want: 'Always' },
])('restartPolicy $pod, init container $isInit with $init → $want', ({ pod, init, isInit, want }) => {
  const it: Container = { name: 'it', image: 'busybox', ...(init === undefined ? {} : { restartPolicy: init }) };
  const other: Container = { name: 'other', image: 'busybox' };
  const spec = { restartPolicy: pod, containers: isInit ? [other] : [it], initContainers: isInit ? [it] : [] };
  expect(restartPolicyOf(aStoredPod({ spec }), it)).toBe(want);
});
