import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { processMetrics } from './process-metrics.ts';

const lagOf = (text: string): number => Number(/^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(text)?.[1]);

it('RUN-3: tells the longest block of the event loop since the last scrape but one', async () => {
  const metrics = processMetrics('1');
  const turn = async (): Promise<void> => {
    const untilMs = performance.now() + 50;
    while (performance.now() < untilMs) await setImmediate();
  };
  await turn();
  metrics.render();
  await turn();
  metrics.render();
  const blockedUntilMs = performance.now() + 120;
  while (performance.now() < blockedUntilMs);
  await turn();
  const blocked = lagOf(metrics.render());
  expect(blocked).toBeGreaterThan(0.1);
  metrics.render();
  await turn();
  expect(lagOf(metrics.render())).toBeLessThan(blocked);
});
