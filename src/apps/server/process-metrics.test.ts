import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { processMetrics } from './process-metrics.ts';

const lagOf = (text: string): number => Number(/^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(text)?.[1]);

it('RUN-3: tells a block of the event loop', async () => {
  const metrics = processMetrics('1');
  const turn = async (): Promise<void> => {
    const untilMs = performance.now() + 50;
    while (performance.now() < untilMs) await setImmediate();
  };
  await turn();
  const blockedUntilMs = performance.now() + 120;
  while (performance.now() < blockedUntilMs);
  await turn();
  expect(lagOf(metrics.render())).toBeGreaterThan(0.1);
});

it('RUN-3: tells the longest since the last scrape but one', () => {
  const running = new Set<{ max: number }>();
  const monitorLag = () => {
    const monitor = { max: 0, disable: () => running.delete(monitor) };
    running.add(monitor);
    return monitor;
  };
  const metrics = processMetrics('1', monitorLag);
  const scrapeAfter = (lagNs: number): number => {
    for (const monitor of running) monitor.max = Math.max(monitor.max, lagNs);
    return lagOf(metrics.render());
  };
  expect([1e9, 2e9, 1e8, 1e8, 0].map(scrapeAfter)).toEqual([1, 2, 2, 0.1, 0.1]);
  expect(running.size).toBe(2);
});
