import { afterEach, expect, it } from 'vitest';
import { stopSignal } from './stop-signal.ts';

const LAUNCHER = 'STOWAGE_LAUNCHER_PID';
const before = { SIGINT: process.listeners('SIGINT'), SIGTERM: process.listeners('SIGTERM'), SIGHUP: process.listeners('SIGHUP') };

afterEach(() => {
  delete process.env[LAUNCHER];
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    for (const listener of process.listeners(name)) if (!before[name].includes(listener)) process.removeListener(name, listener);
});

it('what this process starts does not watch for the launcher of this one', () => {
  process.env[LAUNCHER] = String(process.ppid);
  expect(stopSignal().aborted).toBe(false);
  expect(process.env[LAUNCHER]).toBeUndefined();
});
