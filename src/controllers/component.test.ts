import { afterEach, beforeEach, expect, it } from 'vitest';
import { silentLogger } from '#kit/log.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { connected } from '#testing/fakes/fake-driver.ts';
import { controllersFor } from './component.ts';
import { createNodeControllers } from './node-controllers.ts';
import { createStorageControllers } from './storage-controllers.ts';
import { createWorkloadControllers } from './workload-controllers.ts';

let api: TestApi<FakeClock>;
beforeEach(async () => {
  api = await startTestApi();
});
afterEach(() => api.close());

it('on a cluster only what no cluster has is at work; here everything is', () => {
  const informers = new InformerFactory({ client: api.client, clock: api.clock, log: silentLogger });
  const all = [
    ...createStorageControllers({ informers, drivers: connected(new Map()), clock: api.clock }),
    ...createWorkloadControllers({ informers }),
    ...createNodeControllers({ informers, clock: api.clock }),
  ];
  expect(controllersFor('embedded', all)).toEqual(all);
  const names = controllersFor('cluster', all).map(({ component }) => component);
  expect([...new Set(names)].toSorted()).toEqual(['external-attacher', 'external-provisioner', 'external-resizer']);
});
