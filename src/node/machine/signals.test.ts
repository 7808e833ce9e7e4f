import { expect, it } from 'vitest';
import { signalOf } from './signals.ts';

it.each([
  { name: undefined, want: 15 },
  { name: 'SIGUSR1', want: 10 },
  { name: 'HUP', want: 1 },
  { name: '9', want: 9 },
  { name: 'SIGRTMIN+3', want: 37 },
  { name: 'SIGRTMAX-1', want: 63 },
  { name: 'SIGNONSENSE', want: 15 },
])('signal $name is $want', ({ name, want }) => {
  expect(signalOf(name)).toBe(want);
});
