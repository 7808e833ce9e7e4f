import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PolicyRule } from '#api/generated/kubernetes.ts';
import { clusterRoles } from '#api/resources.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { Metrics } from '#kit/metrics.ts';
import { type RunningController, runController } from '#machinery/runtime/run-controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { type FakeClock, settle } from '#testing/fake-clock.ts';
import { createRoleAggregationController } from './controller.ts';

const rule = (resource: string): PolicyRule => ({ apiGroups: [''], resources: [resource], verbs: ['get'] });
const LABELS = { gathered: 'yes' };

describe('API-3: roles that gather the rules of others', () => {
  let api: TestApi<FakeClock>;
  let informers: InformerFactory;
  let running: RunningController;
  beforeEach(async () => {
    api = await startTestApi();
    informers = new InformerFactory({ client: api.client, clock: api.clock, log: silentLogger });
    const deps = { client: informers.client, clock: api.clock, ids: new SystemIds(), log: silentLogger, metrics: new Metrics() };
    running = runController(createRoleAggregationController({ informers }), { ...deps, events: { record: () => {} } });
    await running.ready;
    await api.client.create(clusterRoles, {
      metadata: { name: 'all' },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: LABELS }] },
    });
  });
  afterEach(async () => {
    await running.stop();
    informers.stop();
    await api.close();
  });

  const make = (name: string, resource: string): Promise<unknown> =>
    api.client.create(clusterRoles, { metadata: { name, labels: LABELS }, rules: [rule(resource)] });
  const gathered = async (): Promise<readonly PolicyRule[] | undefined> => {
    await settle();
    return (await api.client.get(clusterRoles, { namespace: '', name: 'all' })).rules;
  };

  it('gather by name, each rule once, and follow labels, rules and deletions', async () => {
    await make('b', 'pods');
    await make('a', 'secrets');
    await make('c', 'pods');
    expect(await gathered()).toEqual([rule('secrets'), rule('pods')]);

    await api.client.patch(clusterRoles, {
      key: { namespace: '', name: 'a' },
      patch: { type: 'merge', body: { metadata: { labels: null } } },
    });
    expect(await gathered()).toEqual([rule('pods')]);

    await api.client.patch(clusterRoles, { key: { namespace: '', name: 'b' }, patch: { type: 'merge', body: { rules: [rule('nodes')] } } });
    expect(await gathered()).toEqual([rule('nodes'), rule('pods')]);

    await api.client.delete(clusterRoles, { namespace: '', name: 'b' });
    await api.client.delete(clusterRoles, { namespace: '', name: 'c' });
    expect(await gathered()).toEqual([]);
  });

  it('keep no rules of their own', async () => {
    await make('a', 'pods');
    await gathered();
    await api.client.patch(clusterRoles, {
      key: { namespace: '', name: 'all' },
      patch: { type: 'merge', body: { rules: [rule('nodes')] } },
    });
    expect(await gathered()).toEqual([rule('pods')]);
  });
});
