import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '#api/generated/kubernetes.ts';
import { events } from '#api/resources.ts';
import { formatTime } from '#kit/clock.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { Metrics } from '#kit/metrics.ts';
import { type RunningController, runController } from '#machinery/runtime/run-controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { createEventsController } from './controller.ts';

const MINUTE_MS = 60_000;

describe('events controller', () => {
  let api: TestApi<FakeClock>;
  let informers: InformerFactory;
  let running: RunningController;

  beforeEach(async () => {
    api = await startTestApi();
    informers = new InformerFactory({ client: api.client, clock: api.clock, log: silentLogger });
    const deps = {
      client: informers.client,
      clock: api.clock,
      ids: new SystemIds(),
      log: silentLogger,
      events: { record: () => {} },
      metrics: new Metrics(),
    };
    running = runController(createEventsController({ informers }), deps);
    await running.ready;
  });
  afterEach(async () => {
    await running.stop();
    informers.stop();
    await api.close();
  });

  const create = (name: string, times: Partial<Event> = {}): Promise<Event> =>
    api.client.create(events, {
      metadata: { name, namespace: 'default' },
      involvedObject: { kind: 'Pod', name: 'web', namespace: 'default' },
      ...times,
    });
  const names = async (): Promise<string[]> => (await api.client.list(events)).items.map((event) => event.metadata.name);

  it('deletes an event that did not happen again for an hour', async () => {
    await create('a');
    await api.clock.step(60 * MINUTE_MS);
    expect(await names()).toEqual([]);
  });

  it('keeps one that happened again, for another hour', async () => {
    await create('a');
    await api.clock.step(59 * MINUTE_MS);
    const body = { count: 2, lastTimestamp: formatTime(api.clock.nowMs()) };
    await api.client.patch(events, { key: { namespace: 'default', name: 'a' }, patch: { type: 'merge', body } });
    await api.clock.step(59 * MINUTE_MS);
    expect(await names()).toEqual(['a']);
    await api.clock.step(MINUTE_MS);
    expect(await names()).toEqual([]);
  });

  it('leaves no timer behind for what is deleted', async () => {
    for (let index = 0; index < 50; index += 1) await create(`e-${index}`);
    await api.clock.step(60 * MINUTE_MS);
    expect(await names()).toEqual([]);
    await running.stop();
    informers.stop();
    await api.close();
    expect(api.clock.timers).toBe(0);
  });
});
