import { expect, it } from 'vitest';
import { healthChange } from './health.ts';

const NOW = Date.parse('2026-01-01T01:00:00Z');
const lost = { status: 'Inaccessible', reason: 'PathLost', message: 'no path' };
const before = { healthConditions: [lost], lastTransitionTime: '2026-01-01T00:00:00Z' };

it.each([
  { name: 'a volume that is and was well', had: undefined, conditions: [], want: undefined },
  { name: 'a volume that is as it was', had: before, conditions: [lost], want: undefined },
  { name: 'one that is well again', had: before, conditions: [], want: { next: undefined } },
  {
    name: 'one that is not well any more',
    had: undefined,
    conditions: [lost],
    want: { next: { healthConditions: [lost], lastTransitionTime: '2026-01-01T01:00:00Z' } },
  },
  {
    name: 'other words for the same, since the same time',
    had: before,
    conditions: [{ ...lost, message: 'still none' }],
    want: { next: { healthConditions: [{ ...lost, message: 'still none' }], lastTransitionTime: '2026-01-01T00:00:00Z' } },
  },
  {
    name: 'something else',
    had: before,
    conditions: [{ status: 'DataLoss', reason: 'Scrub' }],
    want: { next: { healthConditions: [{ status: 'DataLoss', reason: 'Scrub' }], lastTransitionTime: '2026-01-01T01:00:00Z' } },
  },
])('VOL-19: $name', ({ had, conditions, want }) => {
  expect(healthChange(had, conditions, NOW)).toEqual(want);
});
