import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Pod } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { deployments, replicaSets, statefulSets } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { aDeployment, aStatefulSet, aTemplate } from '#testing/builders/workloads.ts';
import { seededRoll, Weather } from '#testing/fakes/weather.ts';
import { startWorkloadBench, type WorkloadBench } from '#testing/workload-bench.ts';

/** Watches the store, and notes the most pods that one template of the deployment had at a time, not counting those that go. */
function watchForMost(bench: WorkloadBench): { readonly most: () => number; close(): void } {
  const alive = new Map<string, Set<string>>();
  let most = 0;
  const watch = bench.api.store.watch({ resource: 'pods' }, bench.api.store.revision, {
    onEvents: (events) => {
      for (const { type, entry } of events) {
        const { metadata } = trusted<KubeObject>(entry.object);
        if (!metadata.name.startsWith('web-')) continue;
        const hash = metadata.labels?.['pod-template-hash'] ?? '';
        const same = alive.get(hash) ?? new Set();
        alive.set(hash, same);
        if (type === 'DELETED' || metadata.deletionTimestamp !== undefined) same.delete(metadata.uid);
        else same.add(metadata.uid);
        most = Math.max(most, same.size);
      }
    },
    onClose: () => {},
  });
  return { most: () => most, close: () => watch.close() };
}

const versionsOf = (pods: readonly Pod[], prefix: string): readonly (string | undefined)[] =>
  pods.filter(({ metadata }) => metadata.name.startsWith(prefix)).map(({ spec }) => spec.containers[0]?.env?.[0]?.value);

it('never more pods of a template than asked for, under any order of writes and crashes between them, and all is as asked for in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const roll = seededRoll(seed);
      const weather = new Weather(roll);
      const bench = await startWorkloadBench((client) => weather.wrap(client));
      const watching = watchForMost(bench);
      const labels = { app: 'db' };
      const other = trusted<ReturnType<typeof aTemplate>>({ ...aTemplate(), metadata: { labels } });
      try {
        weather.untilCrash = 1 + roll(20);
        await bench.client.create(deployments, aDeployment());
        await bench.client.create(statefulSets, aStatefulSet({ name: 'db', spec: { selector: { matchLabels: labels }, template: other } }));
        for (let crash = 0; crash < 2 + roll(3); crash += 1) {
          await bench.playNode();
          weather.isDead = false;
          weather.untilCrash = 1 + roll(20);
          await bench.restart();
          const body = { spec: { template: { spec: { containers: aTemplate(String(crash)).spec?.containers } } } };
          await bench.client.patch(deployments, { key: { namespace: 'default', name: 'web' }, patch: { type: 'merge', body } });
          await bench.client.patch(statefulSets, { key: { namespace: 'default', name: 'db' }, patch: { type: 'merge', body } });
        }
        await bench.playNode();
        weather.isDead = false;
        weather.untilCrash = Number.POSITIVE_INFINITY;
        await bench.restart();
        const last = { spec: { template: { spec: { containers: aTemplate('last').spec?.containers } } } };
        await bench.client.patch(deployments, { key: { namespace: 'default', name: 'web' }, patch: { type: 'merge', body: last } });
        await bench.client.patch(statefulSets, { key: { namespace: 'default', name: 'db' }, patch: { type: 'merge', body: last } });
        await bench.playNode();
        await bench.step(120_000);
        await bench.playNode();
        expect(watching.most()).toBeLessThanOrEqual(3);
        const pods = await bench.pods();
        expect(versionsOf(pods, 'web-')).toEqual(['last', 'last', 'last']);
        expect(versionsOf(pods, 'db-')).toEqual(['last', 'last', 'last']);
        const sets = (await bench.client.list(replicaSets)).items;
        expect(sets.filter(({ spec }) => (spec.replicas ?? 0) > 0)).toHaveLength(1);
      } finally {
        watching.close();
        await bench.close();
      }
    }),
    { numRuns: 20 },
  );
}, 60_000);
