import { describe, expect, it } from 'vitest';
import { pods } from '#api/resources.ts';
import { silentLogger } from '#kit/log.ts';
import { createInformer } from '#machinery/client/informer.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { ScriptedClient } from '#testing/fakes/scripted-client.ts';
import { ObjectView } from './object-view.ts';
import type { Reach } from './sight.ts';

const PODS = ['a', 'b'].flatMap((namespace) =>
  ['x', 'y'].map((name) => aStoredPod({ name, namespace, uid: `${namespace}-${name}`, nodeName: namespace })),
);

describe.each<{ name: string; reach: Reach; seen: readonly string[] }>([
  { name: 'all', reach: 'all', seen: ['a-x', 'a-y', 'b-x', 'b-y'] },
  { name: 'those of a namespace', reach: { namespace: 'a' }, seen: ['a-x', 'a-y'] },
  { name: 'none', reach: 'none', seen: [] },
])('a view of $name', ({ reach, seen }) => {
  it('has no others, however they are looked for', async () => {
    const api = new ScriptedClient();
    for (const pod of PODS) api.put(pods, pod);
    const indexes = { one: () => ['all'], node: ({ spec }: (typeof PODS)[number]) => [spec.nodeName ?? ''] };
    const informer = createInformer({ client: api.client, resource: pods, indexes, clock: new FakeClock(), log: silentLogger });
    await informer.start();
    informer.stop();
    const view = new ObjectView(informer, reach);
    const uidOf = ({ metadata }: { readonly metadata: { readonly uid: string } }): string => metadata.uid;
    expect(view.all().map(uidOf)).toEqual(seen);
    expect(view.byIndex('one', 'all').map(uidOf)).toEqual(seen);
    expect(view.byIndex('one', 'all', 1).map(uidOf)).toEqual(seen.slice(0, 1));
    expect([view.size, view.countByIndex('one', 'all')]).toEqual([seen.length, seen.length]);
    expect(view.valuesOfIndex('node')).toEqual([...new Set(seen.map((uid) => uid[0]))]);
    const got = PODS.flatMap(({ metadata: { namespace = '', name } }) => view.get({ namespace, name }) ?? []);
    expect(got.map(uidOf)).toEqual(seen);
    expect(view.names()).toHaveLength(seen.length);
  });
});
