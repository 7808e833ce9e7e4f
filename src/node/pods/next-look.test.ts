import { describe, expect, it } from 'vitest';
import { type NextLook, nextLookMs } from './next-look.ts';

describe('the next look at a pod', () => {
  const nowMs = 1_000_000;
  const quiet: NextLook = { nowMs, retryAtMs: [], isStarting: false };

  it.each<{ name: string; look: Partial<NextLook>; delayMs: number }>([
    { name: 'comes after half a minute where nothing is due', look: {}, delayMs: 30_000 },
    { name: 'comes soon while a container starts', look: { isStarting: true }, delayMs: 1_000 },
    { name: 'comes when the plan wants it', look: { wakeAtMs: nowMs + 40 }, delayMs: 40 },
    { name: 'comes at once where the plan is late', look: { wakeAtMs: nowMs - 40 }, delayMs: 0 },
    { name: 'comes when the first problem is tried again', look: { retryAtMs: [nowMs + 700, nowMs + 500] }, delayMs: 500 },
    {
      name: 'does not spin on a problem whose time has come while its container waits for a sidecar',
      look: { wakeAtMs: nowMs + 20_000, retryAtMs: [nowMs - 5_000] },
      delayMs: 20_000,
    },
    { name: 'does not spin on a problem that is due right now', look: { retryAtMs: [nowMs] }, delayMs: 30_000 },
  ])('$name', ({ look, delayMs }) => {
    expect(nextLookMs({ ...quiet, ...look })).toBe(delayMs);
  });
});
