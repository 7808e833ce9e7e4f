import { describe, expect, it } from 'vitest';
import type { ConfigMap } from '#api/generated/kubernetes.ts';
import { configMaps } from '#api/resources.ts';
import { silentLogger } from '#kit/log.ts';
import { type FakeAnswer, FakeTransport, OpenAnswer } from '#testing/fakes/fake-transport.ts';
import { FakeClock, settle } from '#testing/fake-clock.ts';
import { HttpClient } from './http-client.ts';
import { createInformer, type Informer } from './informer.ts';

function aConfigMap(name: string, version: number | string, data: Record<string, string> = {}): ConfigMap {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: 'k-1', uid: `uid-${name}`, resourceVersion: String(version), creationTimestamp: '2026-01-01T00:00:00Z' },
    data,
  };
}

interface Bench {
  readonly informer: Informer<ConfigMap>;
  readonly clock: FakeClock;
  /** What handlers heard, in order. */
  readonly heard: string[];
  /** The newest watch. */
  readonly watch: () => OpenAnswer;
  /** Paths of the requests since the last call: `list` or `watch@VERSION`. */
  readonly asked: () => string[];
}

/** An informer on a cluster whose lists and watches a test scripts. */
function anInformer(script: { list: () => FakeAnswer; watch?: () => FakeAnswer }): Bench {
  const heard: string[] = [];
  let newest = new OpenAnswer();
  let asked: string[] = [];
  const transport = new FakeTransport((request) => {
    const query = new URL(request.path, 'https://cluster.test').searchParams;
    if (query.get('watch') !== 'true') {
      asked.push('list');
      return script.list();
    }
    asked.push(`watch@${query.get('resourceVersion')}`);
    const answer = script.watch?.() ?? new OpenAnswer();
    if (answer instanceof OpenAnswer) newest = answer;
    return answer;
  });
  const clock = new FakeClock();
  const client = new HttpClient({ transport, clock });
  const informer = createInformer({
    client,
    resource: configMaps,
    indexes: { byColour: (object) => (object.data?.['colour'] ?? '').split(',').filter(Boolean) },
    clock,
    log: silentLogger,
  });
  informer.subscribe({
    onUpsert: (object, previous) =>
      heard.push(`${previous === undefined ? 'new' : 'changed'} ${object.metadata.name}@${object.metadata.resourceVersion}`),
    onDelete: (object) => heard.push(`gone ${object.metadata.name}`),
  });
  const asking = (): string[] => {
    const was = asked;
    asked = [];
    return was;
  };
  return { informer, clock, heard, watch: () => newest, asked: asking };
}

const listOf = (version: number | string, ...items: readonly ConfigMap[]): FakeAnswer => ({
  json: { metadata: { resourceVersion: String(version) }, items },
});
const expired: FakeAnswer = {
  status: 410,
  json: { kind: 'Status', status: 'Failure', message: 'too old resource version', reason: 'Expired', code: 410 },
};
const unserved: FakeAnswer = {
  status: 404,
  json: { kind: 'Status', status: 'Failure', message: 'the server could not find the requested resource', reason: 'NotFound', code: 404 },
};
const names = (objects: Iterable<ConfigMap>): string[] => [...objects].map((object) => object.metadata.name);
const keyOf = (name: string): { namespace: string; name: string } => ({ namespace: 'k-1', name });

describe('Informer', () => {
  it('lists, then watches from the list version, and keeps the cache', async () => {
    const { informer, heard, watch, asked } = anInformer({ list: () => listOf(10, aConfigMap('a', 3), aConfigMap('b', 10)) });
    expect(informer.hasSynced).toBe(false);
    await informer.start();
    expect(informer.hasSynced).toBe(true);
    await settle();
    expect(asked()).toEqual(['list', 'watch@10']);
    watch().send(
      { type: 'MODIFIED', object: aConfigMap('a', 11) },
      { type: 'ADDED', object: aConfigMap('c', 12) },
      { type: 'DELETED', object: aConfigMap('b', 13) },
    );
    await settle();
    expect(heard).toEqual(['new a@3', 'new b@10', 'changed a@11', 'new c@12', 'gone b']);
    expect(names(informer.all())).toEqual(['a', 'c']);
    expect(informer.size).toBe(2);
  });

  it('lists once however often it is started', async () => {
    const { informer, asked } = anInformer({ list: () => listOf(10) });
    await Promise.all([informer.start(), informer.start()]);
    await settle();
    expect(asked()).toEqual(['list', 'watch@10']);
  });

  it('keeps indexes in step with changes and deletions, for several values per object', async () => {
    const { informer, watch } = anInformer({
      list: () => listOf(10, aConfigMap('a', 3, { colour: 'red' }), aConfigMap('b', 4, { colour: 'red,blue' })),
    });
    await informer.start();
    await settle();
    expect(names(informer.byIndex('byColour', 'red'))).toEqual(['a', 'b']);
    expect(names(informer.byIndex('byColour', 'red', 1))).toEqual(['a']);
    expect(informer.countByIndex('byColour', 'red')).toBe(2);
    expect(informer.valuesOfIndex('byColour')).toEqual(['red', 'blue']);
    watch().send({ type: 'MODIFIED', object: aConfigMap('a', 11, { colour: 'blue' }) });
    await settle();
    expect(names(informer.byIndex('byColour', 'red'))).toEqual(['b']);
    expect(names(informer.byIndex('byColour', 'blue'))).toEqual(['b', 'a']);
    watch().send({ type: 'DELETED', object: aConfigMap('b', 12, { colour: 'red,blue' }) });
    await settle();
    expect(informer.byIndex('byColour', 'red')).toEqual([]);
    expect(informer.countByIndex('byColour', 'red')).toBe(0);
    expect(informer.valuesOfIndex('byColour')).toEqual(['blue']);
    expect(names(informer.byIndex('byColour', 'blue'))).toEqual(['a']);
    expect(() => informer.byIndex('byShape', 'round')).toThrow('there is no index byShape');
  });

  it('fills an index that is declared late, and refuses a second meaning of a name', async () => {
    const { informer } = anInformer({ list: () => listOf(10, aConfigMap('a', 3)) });
    await informer.start();
    const byFirst = (object: ConfigMap): string[] => [object.metadata.name.slice(0, 1)];
    informer.addIndexes({ byFirst });
    informer.addIndexes({ byFirst });
    expect(names(informer.byIndex('byFirst', 'a'))).toEqual(['a']);
    expect(() => informer.addIndexes({ byFirst: () => [] })).toThrow('declared twice');
  });

  it('goes on from the last version when the server ends a watch, without listing', async () => {
    const { informer, clock, watch, asked } = anInformer({ list: () => listOf(10) });
    await informer.start();
    await settle();
    watch().send({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '25' } } });
    await settle();
    watch().end();
    await clock.step(0);
    expect(asked()).toEqual(['list', 'watch@10', 'watch@25']);
  });

  it('lists again after 410, and tells what changed and what went meanwhile', async () => {
    let list = listOf(10, aConfigMap('a', 3), aConfigMap('b', 4), aConfigMap('same', 5));
    let answer: FakeAnswer | undefined;
    const { informer, clock, heard, watch, asked } = anInformer({ list: () => list, watch: () => answer ?? new OpenAnswer() });
    await informer.start();
    await settle();
    heard.length = 0;
    answer = expired;
    list = listOf(50, aConfigMap('a', 40), aConfigMap('same', 5), aConfigMap('c', 45));
    watch().break(new Error('reset'));
    await clock.step(200);
    answer = undefined;
    await clock.step(60_000);
    expect(asked()).toEqual(['list', 'watch@10', 'watch@10', 'list', 'watch@50']);
    expect(heard).toEqual(['changed a@40', 'new c@45', 'gone b']);
    expect(names(informer.all()).sort()).toEqual(['a', 'c', 'same']);
  });

  it('tells that an object went where a list shows another of its name', async () => {
    let list = listOf(10, aConfigMap('a', 3));
    let answer: FakeAnswer | undefined;
    const { informer, clock, heard, watch } = anInformer({ list: () => list, watch: () => answer ?? new OpenAnswer() });
    await informer.start();
    await settle();
    heard.length = 0;
    const successor = aConfigMap('a', 40);
    list = listOf(50, { ...successor, metadata: { ...successor.metadata, uid: 'uid-other' } });
    answer = expired;
    watch().end();
    await clock.step(0);
    answer = undefined;
    await clock.step(1_000);
    expect(heard).toEqual(['gone a', 'new a@40']);
  });

  it('waits longer and longer while the server does not answer, and then recovers', async () => {
    let isDown = true;
    const { informer, clock, asked } = anInformer({
      list: () => {
        if (isDown) throw new Error('refused');
        return listOf(10, aConfigMap('a', 3));
      },
    });
    const started = informer.start();
    await clock.step(0);
    expect(asked()).toHaveLength(1);
    await clock.step(199);
    expect(asked()).toHaveLength(0);
    await clock.step(1);
    expect(asked()).toHaveLength(1);
    await clock.step(399);
    expect(asked()).toHaveLength(0);
    await clock.step(300_000);
    expect(asked().length).toBeLessThan(20);
    isDown = false;
    await clock.step(30_000);
    await started;
    expect(names(informer.all())).toEqual(['a']);
  });

  it('does not spin on a server that ends each watch at once', async () => {
    const { informer, clock, asked } = anInformer({
      list: () => listOf(10),
      watch: () => {
        const answer = new OpenAnswer();
        answer.end();
        return answer;
      },
    });
    await informer.start();
    await clock.step(10_000);
    expect(asked().length).toBeLessThan(10);
  });

  it('takes the list for all that counts when the server lost its history', async () => {
    let list = listOf(1000, aConfigMap('a', 900), aConfigMap('b', 950));
    let answer: FakeAnswer | undefined;
    const { informer, clock, watch } = anInformer({ list: () => list, watch: () => answer ?? new OpenAnswer() });
    await informer.start();
    await settle();
    list = listOf(7, aConfigMap('a', 5));
    answer = expired;
    watch().end();
    await clock.step(200);
    answer = undefined;
    await clock.step(60_000);
    expect([...informer.all()].map((object) => `${object.metadata.name}@${object.metadata.resourceVersion}`)).toEqual(['a@5']);
  });

  it('takes a kind that is not served for one without objects, until it is', async () => {
    let isServed = false;
    const bench = anInformer({
      list: () => (isServed ? listOf(5, aConfigMap('a', 4)) : unserved),
      watch: () => (isServed ? new OpenAnswer() : unserved),
    });
    await bench.informer.start();
    expect([bench.informer.hasSynced, bench.informer.size]).toEqual([true, 0]);
    isServed = true;
    await bench.clock.step(200);
    expect(bench.heard).toEqual(['new a@4']);
    isServed = false;
    bench.watch().end();
    await bench.clock.step(400);
    expect(bench.heard).toEqual(['new a@4', 'gone a']);
    isServed = true;
    await bench.clock.step(10_000);
    expect(bench.heard).toEqual(['new a@4', 'gone a', 'new a@4']);
    bench.informer.stop();
    await settle();
    expect(bench.clock.timers).toBe(0);
  });

  it('stops without leaving a timer or a connection, also before the first list', async () => {
    const { informer, clock, watch } = anInformer({ list: () => listOf(10) });
    await informer.start();
    await settle();
    informer.stop();
    await settle();
    expect(watch().isOpen).toBe(false);
    expect(clock.timers).toBe(0);
    const never = anInformer({ list: () => ({ status: 503, text: '' }) });
    const started = expect(never.informer.start()).rejects.toMatchObject({ code: 'Canceled' });
    await settle();
    never.informer.stop();
    await started;
    await settle();
    expect(never.clock.timers).toBe(0);
  });

  it('goes on telling the others when a handler throws', async () => {
    const { informer, heard } = anInformer({ list: () => listOf(10, aConfigMap('a', 3), aConfigMap('b', 4)) });
    const dispose = informer.subscribe({
      onUpsert: () => {
        throw new Error('broken');
      },
    });
    const late: string[] = [];
    informer.subscribe({ onUpsert: (object) => late.push(object.metadata.name) });
    await informer.start();
    expect(heard).toHaveLength(2);
    expect(late).toEqual(['a', 'b']);
    dispose();
  });
});

/** As the API answers the write that takes the last finalizer off a deleted object. */
function removed(object: ConfigMap): ConfigMap {
  return { ...object, metadata: { ...object.metadata, deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 0 } };
}

describe('Informer.observe', () => {
  it.each<{ name: string; object: ConfigMap; expected: string[] }>([
    { name: 'shows an own write at once', object: aConfigMap('a', 21), expected: ['changed a@21'] },
    { name: 'shows an own creation at once', object: aConfigMap('new', 21), expected: ['new new@21'] },
    { name: 'ignores what is older than the cached state', object: aConfigMap('a', 11), expected: [] },
    { name: 'ignores what is cached already', object: aConfigMap('a', 20), expected: [] },
    { name: 'ignores an object that was deleted since', object: aConfigMap('deleted', 15), expected: [] },
    { name: 'takes the answer of the write that removed it for what it is', object: removed(aConfigMap('a', 21)), expected: ['gone a'] },
    { name: 'leaves versions that can not be compared to the watch', object: aConfigMap('a', 'x7'), expected: [] },
  ])('$name', async ({ object, expected }) => {
    const { informer, heard, watch } = anInformer({ list: () => listOf(12, aConfigMap('deleted', 12)) });
    await informer.start();
    await settle();
    watch().send({ type: 'DELETED', object: aConfigMap('deleted', 16) }, { type: 'ADDED', object: aConfigMap('a', 20) });
    await settle();
    heard.length = 0;
    informer.observe(object);
    expect(heard).toEqual(expected);
  });

  it('does not tell twice when the watch brings the same write, nor goes back when it brings an older one', async () => {
    const { informer, heard, watch } = anInformer({ list: () => listOf(10, aConfigMap('a', 3)) });
    await informer.start();
    await settle();
    heard.length = 0;
    informer.observe(aConfigMap('a', 14));
    watch().send({ type: 'MODIFIED', object: aConfigMap('a', 12) }, { type: 'MODIFIED', object: aConfigMap('a', 14) });
    await settle();
    expect(heard).toEqual(['changed a@14']);
  });

  it('keeps a recreated object when the deletion of its predecessor arrives late', async () => {
    const { informer, heard, watch } = anInformer({ list: () => listOf(10, aConfigMap('a', 3)) });
    await informer.start();
    await settle();
    informer.observe(aConfigMap('a', 15));
    heard.length = 0;
    watch().send({ type: 'DELETED', object: aConfigMap('a', 14) }, { type: 'ADDED', object: aConfigMap('a', 15) });
    await settle();
    expect(heard).toEqual([]);
    expect(informer.get(keyOf('a'))?.metadata.resourceVersion).toBe('15');
  });

  it('forgets at once, and late news of the forgotten object does not bring it back', async () => {
    const { informer, heard, watch } = anInformer({ list: () => listOf(10, aConfigMap('a', 3)) });
    await informer.start();
    await settle();
    heard.length = 0;
    informer.forget(aConfigMap('a', 3));
    informer.forget(aConfigMap('unknown', 3));
    watch().send({ type: 'MODIFIED', object: aConfigMap('a', 12) }, { type: 'DELETED', object: aConfigMap('a', 13) });
    await settle();
    expect(heard).toEqual(['gone a']);
    watch().send({ type: 'ADDED', object: { ...aConfigMap('a', 20), metadata: { ...aConfigMap('a', 20).metadata, uid: 'another' } } });
    await settle();
    expect(informer.get(keyOf('a'))?.metadata.uid).toBe('another');
  });

  it('freezes what it caches', async () => {
    const { informer } = anInformer({ list: () => listOf(10) });
    await informer.start();
    await settle();
    informer.observe(aConfigMap('a', 21, { colour: 'red' }));
    expect(Object.isFrozen(informer.get(keyOf('a'))?.data)).toBe(true);
  });
});
