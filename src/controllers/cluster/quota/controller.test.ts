import { afterEach, beforeEach, expect, it } from 'vitest';
import { resourceQuotas } from '#api/resources.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { Metrics } from '#kit/metrics.ts';
import { type RunningController, runController } from '#machinery/runtime/run-controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { createQuotaController } from './controller.ts';

const key = { namespace: 'default', name: 'q' };
let api: TestApi<FakeClock>;
let informers: InformerFactory;
let running: RunningController;
let used: Record<string, string> | undefined;
let tell: (key: string) => void = () => {};

beforeEach(async () => {
  api = await startTestApi();
  informers = new InformerFactory({ client: api.client, clock: api.clock, log: silentLogger });
  used = undefined;
  const usage = {
    usedOf: () => used,
    onChange: (listener: (changed: string) => void) => {
      tell = listener;
      return () => {
        tell = () => {};
      };
    },
  };
  const deps = {
    client: informers.client,
    clock: api.clock,
    ids: new SystemIds(),
    log: silentLogger,
    events: { record: () => {} },
    metrics: new Metrics(),
  };
  running = runController(createQuotaController({ informers, usage, clock: api.clock }), deps);
  await running.ready;
});
afterEach(async () => {
  await running.stop();
  informers.stop();
  await api.close();
});

const status = async (): Promise<unknown> => (await api.client.get(resourceQuotas, key)).status;

it('tells what is used once it is counted, and again a moment after it changed', async () => {
  await api.client.create(resourceQuotas, { metadata: key, spec: { hard: { pods: '5' } } });
  await api.clock.step(50);
  expect(await status()).toEqual({});
  used = { pods: '1' };
  await api.clock.step(100);
  expect(await status()).toEqual({ hard: { pods: '5' }, used: { pods: '1' } });
  const before = (await api.client.get(resourceQuotas, key)).metadata.resourceVersion;
  for (const count of ['2', '3', '4']) {
    used = { pods: count };
    tell('default/q');
  }
  await api.clock.step(100);
  const after = await api.client.get(resourceQuotas, key);
  expect(after.status?.used).toEqual({ pods: '4' });
  expect(Number(after.metadata.resourceVersion)).toBe(Number(before) + 1);
});
