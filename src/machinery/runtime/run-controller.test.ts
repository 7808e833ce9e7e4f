import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigMap, Secret } from '#api/generated/kubernetes.ts';
import { keyOf, formatKey } from '#api/meta/object.ts';
import { configMaps, secrets } from '#api/resources.ts';
import { PlatformError } from '#kit/errors.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { type FakeClock, settle } from '#testing/fake-clock.ts';
import { ApiError } from '../client/api-error.ts';
import { InformerFactory } from '../client/informer-factory.ts';
import { after, type Controller, type Ctx, done, type Outcome, trigger } from './controller.ts';
import type { EventDraft } from './event-recorder.ts';
import { Metrics } from '#kit/metrics.ts';
import { type ControllerDeps, runController, type RunningController } from './run-controller.ts';

describe('runController', () => {
  let api: TestApi<FakeClock>;
  let informers: InformerFactory;
  let running: RunningController | undefined;
  let events: EventDraft[];
  let metrics: Metrics;

  beforeEach(async () => {
    api = await startTestApi();
    informers = new InformerFactory({ client: api.client, clock: api.clock, log: silentLogger });
    events = [];
    metrics = new Metrics();
  });
  afterEach(async () => {
    await running?.stop();
    informers.stop();
    await api.close();
  });

  async function start(parts: Partial<Controller<ConfigMap>>, giveWay?: ControllerDeps['giveWay']): Promise<RunningController> {
    const controller: Controller<ConfigMap> = {
      name: 'test',
      resource: configMaps,
      informer: informers.for(configMaps),
      triggers: [],
      concurrency: 4,
      reconcile: () => Promise.resolve(done),
      ...parts,
    };
    const deps = {
      client: informers.client,
      clock: api.clock,
      ids: new SystemIds(),
      log: silentLogger,
      events: { record: (event: EventDraft) => events.push(event) },
      metrics,
      giveWay,
    };
    running = runController(controller, deps);
    await running.ready;
    await settle();
    return running;
  }

  const create = (name: string, data: Record<string, string> = {}): Promise<ConfigMap> =>
    api.client.create(configMaps, { metadata: { name, namespace: 'default' }, data });
  const touch = (name: string, value: string): Promise<ConfigMap> =>
    api.client.patch(configMaps, { key: { namespace: 'default', name }, patch: { type: 'merge', body: { data: { touched: value } } } });

  it('wakes only what concerns it, and what has just ceased to', async () => {
    const worked: string[] = [];
    await create('quiet');
    await create('loud', { wants: 'something' });
    const key = keyOf(await create('calm'));
    await start({
      concerns: ({ data }) => data?.['wants'] !== undefined,
      reconcile: async (_ctx, { metadata: { name } }) => (worked.push(name), done),
    });
    expect(worked).toEqual(['loud']);
    const change = async (body: object): Promise<void> => {
      await api.client.patch(configMaps, { key, patch: { type: 'merge', body } });
      await settle();
    };
    await change({ metadata: { labels: { a: 'b' } } });
    expect(worked).toEqual(['loud']);
    await change({ data: { wants: 'more' } });
    await change({ data: { wants: null } });
    expect(worked).toEqual(['loud', 'calm', 'calm']);
    await change({ metadata: { labels: { a: 'c' } } });
    expect(worked).toHaveLength(3);
  });

  it('reconciles what exists at the start, then each change, with the newest state', async () => {
    await create('a');
    const seen: string[] = [];
    await start({
      reconcile: (_ctx, object) => {
        seen.push(`${object.metadata.name} ${object.data?.['touched'] ?? '-'}`);
        return Promise.resolve(done);
      },
    });
    expect(seen).toEqual(['a -']);
    await create('b');
    await settle();
    await touch('a', '1');
    await settle();
    expect(seen).toEqual(['a -', 'b -', 'a 1']);
  });

  it('shows a controller its own writes at once', async () => {
    await create('a');
    const informer = informers.for(configMaps);
    let shown: string | undefined;
    await start({
      reconcile: async (ctx, object) => {
        if (object.data?.['touched'] !== undefined) return done;
        await ctx.client.patch(configMaps, { key: keyOf(object), patch: { type: 'merge', body: { data: { touched: 'yes' } } } });
        shown = informer.get(keyOf(object))?.data?.['touched'];
        return done;
      },
    });
    expect(shown).toBe('yes');
  });

  it('wakes keys that other objects point to, and at the start also those that are gone', async () => {
    const bySecret = (secret: Secret): string[] => [`default/${secret.metadata.labels?.['for'] ?? ''}`];
    await api.client.create(secrets, { metadata: { name: 's1', namespace: 'default', labels: { for: 'gone' } } });
    await create('a');
    const seen: string[] = [];
    await start({
      triggers: [trigger(informers.for(secrets), bySecret)],
      reconcile: (_ctx, object) => {
        seen.push(formatKey(keyOf(object)));
        return Promise.resolve(done);
      },
      reconcileGone: (_ctx, key) => {
        seen.push(`gone ${key}`);
        return Promise.resolve(done);
      },
    });
    expect(seen).toEqual(['default/a', 'gone default/gone']);
    await api.client.create(secrets, { metadata: { name: 's2', namespace: 'default', labels: { for: 'a' } } });
    await settle();
    await api.client.delete(configMaps, { namespace: 'default', name: 'a' });
    await settle();
    expect(seen.slice(2)).toEqual(['default/a', 'gone default/a']);
  });

  it('looks again after the delay that the outcome asks for', async () => {
    await create('a');
    let runs = 0;
    await start({
      reconcile: () => {
        runs += 1;
        return Promise.resolve(runs === 1 ? after(5000, 'waiting') : done);
      },
    });
    await api.clock.step(4999);
    expect(runs).toBe(1);
    await api.clock.step(1);
    expect(runs).toBe(2);
    await api.clock.step(600_000);
    expect(runs).toBe(2);
    expect(metrics.render()).toContain('stowage_reconcile_total{controller="test",outcome="after"} 1');
  });

  it('retries an error with growing delays until it passes', async () => {
    await create('a');
    const atMs: number[] = [];
    const startMs = api.clock.nowMs();
    await start({
      reconcile: () => {
        atMs.push(api.clock.nowMs() - startMs);
        return atMs.length < 5 ? Promise.reject(new Error('not yet')) : Promise.resolve(done);
      },
    });
    await api.clock.step(600_000);
    expect(atMs).toEqual([0, 5, 15, 35, 75]);
    expect(events).toEqual([]);
    expect(metrics.render()).toContain('stowage_reconcile_total{controller="test",outcome="error"} 4');
  });

  it('records an error that no retry can mend as a Warning on the object, and waits for a change', async () => {
    const object = await create('a');
    let runs = 0;
    await start({
      reconcile: () => {
        runs += 1;
        throw new PlatformError({ code: 'InvalidArgument', reason: 'ParameterUnknown', message: 'parameters.x is not known; remove it' });
      },
    });
    await api.clock.step(3_600_000);
    expect(runs).toBe(1);
    expect(events).toEqual([
      { about: object, type: 'Warning', reason: 'ParameterUnknown', message: 'parameters.x is not known; remove it' },
    ]);
    await touch('a', '1');
    await settle();
    expect(runs).toBe(2);
    expect(metrics.render()).toContain('outcome="terminal"} 2');
  });

  it.each([
    { name: 'a conflict', reason: 'Conflict', code: 409, outcome: 'conflict' },
    { name: 'an object that is not there any more', reason: 'NotFound', code: 404, outcome: 'error' },
    { name: 'an object that is there already', reason: 'AlreadyExists', code: 409, outcome: 'error' },
  ])('tries again soon and without noise after $name', async ({ reason, code, outcome }) => {
    await create('a');
    let runs = 0;
    await start({
      reconcile: () => {
        runs += 1;
        if (runs > 1) return Promise.resolve(done);
        throw new ApiError({ kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'the object has been modified', reason, code });
      },
    });
    await api.clock.step(5);
    expect(runs).toBe(2);
    expect(events).toEqual([]);
    expect(metrics.render()).toContain(`outcome="${outcome}"} 1`);
  });

  it('lets others go first, and sees then what changed meanwhile', async () => {
    const seen: (Record<string, string> | undefined)[] = [];
    const waiting: (() => void)[] = [];
    await start(
      {
        reconcile: async (_ctx, { data }) => {
          seen.push(data);
          return done;
        },
      },
      () => new Promise((resolve) => waiting.push(resolve)),
    );
    await create('a');
    await settle();
    await touch('a', 'meanwhile');
    await settle();
    expect(seen).toEqual([]);
    waiting[0]?.();
    await settle();
    expect(seen).toEqual([{ touched: 'meanwhile' }]);
    for (const begin of waiting) begin();
  });

  it('never works on one key twice at a time, and keeps to its concurrency', async () => {
    for (const name of ['a', 'b', 'c']) await create(name);
    const active = new Set<string>();
    const ends: (() => void)[] = [];
    let most = 0;
    await start({
      concurrency: 2,
      reconcile: (_ctx, { metadata: { name } }) => {
        if (active.has(name)) throw new Error(`${name} twice at a time`);
        active.add(name);
        most = Math.max(most, active.size);
        return new Promise<Outcome>((resolve) =>
          ends.push(() => {
            active.delete(name);
            resolve(done);
          }),
        );
      },
    });
    await touch('a', '1');
    await settle();
    for (let end = ends.shift(); end !== undefined; end = ends.shift()) {
      end();
      await settle();
    }
    expect(most).toBe(2);
    expect(active.size).toBe(0);
    expect(metrics.render()).toContain('outcome="done"} 4');
    expect(events).toEqual([]);
  });

  it('stops: aborts the signal, waits for what runs, and begins nothing more', async () => {
    await create('a');
    let ctx: Ctx | undefined;
    let runs = 0;
    const { stop } = await start({
      reconcile: (given) => {
        ctx = given;
        runs += 1;
        return new Promise<Outcome>((_resolve, reject) => {
          given.signal.addEventListener('abort', () => reject(new DOMException('stopped', 'AbortError')));
        });
      },
    }).then((controller) => ({ stop: () => controller.stop() }));
    await stop();
    expect(ctx?.signal.aborted).toBe(true);
    await touch('a', '1');
    await api.clock.step(600_000);
    expect(runs).toBe(1);
    expect(events).toEqual([]);
  });
});
