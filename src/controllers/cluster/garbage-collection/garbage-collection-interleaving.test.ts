import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { KubeObject, OwnerReference } from '#api/meta/object.ts';
import { BUILT_IN_RESOURCES, configMaps } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import type { Client } from '#machinery/client/client.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { Metrics } from '#kit/metrics.ts';
import { type RunningController, runController } from '#machinery/runtime/run-controller.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { seededRoll, Weather } from '#testing/fakes/weather.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { GarbageCollection } from './controller.ts';

type Policy = 'Background' | 'Foreground' | 'Orphan';
const POLICIES: readonly Policy[] = ['Background', 'Foreground', 'Orphan'];

interface Planted {
  readonly object: KubeObject;
  readonly owners: readonly Planted[];
  deletedBy?: Policy;
}

/** What must have become of an object; undefined where both ends are right. */
function fateOf(planted: Planted): 'stays' | 'goes' | undefined {
  if (planted.deletedBy !== undefined) return 'goes';
  if (planted.owners.length === 0) return 'stays';
  const fates = planted.owners.map((owner) => (owner.deletedBy === 'Orphan' ? 'orphans' : fateOf(owner)));
  if (fates.includes('stays')) return 'stays';
  if (fates.every((fate) => fate === 'goes')) return 'goes';
  // why not where the owner was going already: its dependents may have gone before the word orphan came
  const isOrphaned = fates.length === 1 && fates[0] === 'orphans' && !planted.owners.some(wasGoingAnyway);
  return isOrphaned ? 'stays' : undefined;
}

function wasGoingAnyway({ owners }: Planted): boolean {
  return owners.some((owner) => owner.deletedBy !== undefined || wasGoingAnyway(owner));
}

class Garden {
  readonly planted: Planted[] = [];
  /** Foreground deletions that ended before what blocked them. */
  readonly early: string[] = [];
  readonly #api: TestApi<FakeClock>;
  readonly #wrap: (client: Client) => Client;
  #stop: () => Promise<void> = async () => {};

  constructor(api: TestApi<FakeClock>, wrap: (client: Client) => Client) {
    this.#api = api;
    this.#wrap = wrap;
    api.store.watch({ resource: 'configmaps' }, api.store.revision, {
      onEvents: (events) => {
        for (const { type, entry } of events) {
          const finished = this.planted.find(({ object }) => object.metadata.uid === entry.object.metadata.uid);
          if (type === 'DELETED' && finished?.deletedBy === 'Foreground') this.#checkOrder(finished);
        }
      },
      onClose: () => {},
    });
  }

  #checkOrder({ object: { metadata } }: Planted): void {
    for (const { object } of this.planted) {
      const left = this.#api.store.get({ resource: 'configmaps', namespace: 'default', name: object.metadata.name });
      const owners = left?.object.metadata['ownerReferences'];
      if (Array.isArray(owners) && owners.some((owner: OwnerReference) => owner.uid === metadata.uid && owner.blockOwnerDeletion === true))
        this.early.push(`${metadata.name} before ${object.metadata.name}`);
    }
  }

  async plant(owners: readonly Planted[], blockOwnerDeletion: boolean): Promise<void> {
    const ownerReferences = owners.map(({ object: { apiVersion, kind, metadata } }) => ({
      apiVersion,
      kind,
      name: metadata.name,
      uid: metadata.uid,
      blockOwnerDeletion,
    }));
    const metadata = { name: `c-${this.planted.length}`, namespace: 'default', ownerReferences };
    this.planted.push({ object: await this.#api.client.create(configMaps, { metadata }), owners });
  }

  async delete(planted: Planted, policy: Policy): Promise<void> {
    const { name, namespace = '' } = planted.object.metadata;
    try {
      planted.deletedBy = policy;
      await this.#api.client.delete(configMaps, { namespace, name }, { propagation: policy });
    } catch (thrown) {
      if (!hasCode(thrown, 'NotFound')) throw thrown;
      // it was somebody's dependent and went with him, so the policy never counted
      planted.deletedBy = 'Background';
    }
  }

  async plantForest(count: number, roll: (bound: number) => number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      const owners = this.planted.filter(() => roll(index + 1) === 0).slice(0, 3);
      await this.plant(owners, roll(2) === 0);
    }
    await this.#api.clock.step(10);
  }

  async deleteSome(roll: (bound: number) => number): Promise<void> {
    for (const planted of this.planted) {
      if (roll(5) === 0 && planted.deletedBy === undefined) await this.delete(planted, POLICIES[roll(3)] ?? 'Background');
      if (roll(4) === 0) await this.#api.clock.step(roll(20));
    }
    await this.#api.clock.step(100);
  }

  async check(): Promise<void> {
    const left = new Map((await this.#api.client.list(configMaps)).items.map((object) => [object.metadata.uid, object]));
    for (const planted of this.planted) {
      const { name, uid } = planted.object.metadata;
      const fate = fateOf(planted);
      if (fate !== undefined) expect([name, left.has(uid) ? 'stays' : 'goes']).toEqual([name, fate]);
    }
    for (const { metadata } of left.values()) {
      expect(metadata.deletionTimestamp).toBeUndefined();
      for (const owner of metadata.ownerReferences ?? []) expect(left.has(owner.uid)).toBe(true);
    }
    expect(this.early).toEqual([]);
  }

  async restart(): Promise<void> {
    await this.#stop();
    const informers = new InformerFactory({ client: this.#wrap(this.#api.client), clock: this.#api.clock, log: silentLogger });
    const deps = {
      client: informers.client,
      clock: this.#api.clock,
      ids: new SystemIds(),
      log: silentLogger,
      events: { record: () => {} },
      metrics: new Metrics(),
    };
    const controllers = new GarbageCollection(informers).collectAll(BUILT_IN_RESOURCES);
    const running: RunningController[] = controllers.map((controller) => runController(controller, deps));
    await Promise.all(running.map((one) => one.ready));
    this.#stop = async () => {
      await Promise.all(running.map((one) => one.stop()));
      informers.stop();
    };
  }

  async close(): Promise<void> {
    await this.#stop();
    await this.#api.close();
  }
}

it('API-1: whatever the order of writes and wherever it dies, what is owned goes with its last owner and nothing else does', async () => {
  let crashes = 0;
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const roll = seededRoll(seed);
      const weather = new Weather(roll);
      const api = await startTestApi();
      const garden = new Garden(api, (client) => weather.wrap(client));
      try {
        await garden.restart();
        await garden.plantForest(12, roll);
        for (let round = 0; round < 3; round += 1) {
          weather.untilCrash = 1 + roll(8);
          await garden.deleteSome(roll);
          if (weather.isDead) crashes += 1;
          weather.untilCrash = Number.POSITIVE_INFINITY;
          weather.isDead = false;
          await garden.restart();
        }
        await api.clock.step(120_000);
        await garden.check();
      } finally {
        await garden.close();
      }
    }),
    { numRuns: 60 },
  );
  expect(crashes).toBeGreaterThan(20);
}, 60_000);
