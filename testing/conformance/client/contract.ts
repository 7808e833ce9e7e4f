import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigMap, Pod } from '#api/generated/kubernetes.ts';
import type { Draft, KubeObject } from '#api/meta/object.ts';
import { configMaps, namespaces, nodes, persistentVolumeClaims, pods } from '#api/resources.ts';
import { PlatformError } from '#kit/errors.ts';
import { isApiError } from '#machinery/client/api-error.ts';
import type { Client, WatchEvent } from '#machinery/client/client.ts';

/** A client under test on a server that has the namespace `default` and nothing else. */
export interface ContractSubject {
  readonly client: Client;
  close(): Promise<void>;
}

const NAMESPACE = 'default';

function aConfigMap(name: string, overrides: Partial<Draft<ConfigMap>> = {}): Draft<ConfigMap> {
  return { data: { color: 'red' }, ...overrides, metadata: { name, namespace: NAMESPACE, ...overrides.metadata } };
}

function aPod(name: string): Draft<Pod> {
  return { metadata: { name, namespace: NAMESPACE }, spec: { containers: [{ name: 'main', image: 'busybox:1' }] } };
}

async function refusal(work: Promise<unknown>): Promise<{ readonly code: string; readonly message: string; readonly http: number }> {
  try {
    await work;
  } catch (thrown) {
    if (!isApiError(thrown)) throw PlatformError.from(thrown);
    return { code: thrown.code, message: thrown.message, http: thrown.status.code };
  }
  throw new TypeError('it was not refused');
}

/** Reads a watch until `count` changes were seen; bookmarks are passed over. */
async function take<K extends KubeObject>(watch: AsyncIterable<WatchEvent<K>>, count: number, stop: AbortController): Promise<string[]> {
  const seen: string[] = [];
  for await (const event of watch) {
    if (event.type === 'BOOKMARK') continue;
    seen.push(`${event.type} ${event.object.metadata.name}`);
    if (seen.length === count) stop.abort();
  }
  return seen;
}

/** What every {@link Client} must do, whichever way it reaches the API. */
export function clientContract(makeSubject: () => Promise<ContractSubject>): void {
  let subject: ContractSubject;
  let client: Client;
  beforeEach(async () => {
    subject = await makeSubject();
    client = subject.client;
  });
  afterEach(() => subject.close());

  describe('objects', () => {
    it('creates, reads, replaces and deletes', async () => {
      const made = await client.create(configMaps, aConfigMap('a'));
      expect(made).toMatchObject({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        data: { color: 'red' },
        metadata: { name: 'a', namespace: NAMESPACE },
      });
      expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(Object.isFrozen(made) && Object.isFrozen(made.metadata)).toBe(true);
      const key = { namespace: NAMESPACE, name: 'a' };
      expect(await client.get(configMaps, key)).toEqual(made);
      const changed = await client.update(configMaps, { ...made, data: { color: 'blue' } });
      expect(changed.data).toEqual({ color: 'blue' });
      expect(changed.metadata.uid).toBe(made.metadata.uid);
      expect(changed.metadata.resourceVersion).not.toBe(made.metadata.resourceVersion);
      await client.delete(configMaps, key);
      expect(await refusal(client.get(configMaps, key))).toEqual({ code: 'NotFound', http: 404, message: 'configmaps "a" not found' });
    });

    it('generates names', async () => {
      const draft: Draft<ConfigMap> = { metadata: { generateName: 'run-', namespace: NAMESPACE } };
      const names = await Promise.all([1, 2, 3].map(async () => (await client.create(configMaps, draft)).metadata.name));
      expect(new Set(names).size).toBe(3);
      for (const name of names) expect(name).toMatch(/^run-[a-z0-9]{5}$/);
    });

    it('does not share what a caller passes in', async () => {
      const data = { color: 'red' };
      await client.create(configMaps, aConfigMap('a', { data }));
      data.color = 'green';
      expect((await client.get(configMaps, { namespace: NAMESPACE, name: 'a' })).data).toEqual({ color: 'red' });
    });

    it('stores nothing on a dry run', async () => {
      const made = await client.create(configMaps, aConfigMap('a'), { isDryRun: true });
      expect(made.metadata.name).toBe('a');
      expect((await refusal(client.get(configMaps, { namespace: NAMESPACE, name: 'a' }))).code).toBe('NotFound');
    });
  });

  describe('refusals', () => {
    const wrongClaim = { metadata: { name: 'c', namespace: NAMESPACE }, spec: { resources: { requests: { storage: '1Gi' } } } };
    it.each([
      {
        name: 'a taken name',
        work: () => client.create(configMaps, aConfigMap('taken')),
        code: 'AlreadyExists',
        text: 'configmaps "taken" already exists',
      },
      {
        name: 'a missing namespace',
        work: () => client.create(configMaps, aConfigMap('x', { metadata: { name: 'x', namespace: 'nowhere' } })),
        code: 'NotFound',
        text: 'namespaces "nowhere" not found',
      },
      {
        name: 'a claim without modes',
        work: () => client.create(persistentVolumeClaims, wrongClaim),
        code: 'FailedPrecondition',
        text: 'PersistentVolumeClaim "c" is invalid: spec.accessModes: Required value',
      },
      {
        name: 'a change of nothing',
        work: () => client.patch(configMaps, { key: { namespace: NAMESPACE, name: 'no' }, patch: { type: 'merge', body: {} } }),
        code: 'NotFound',
        text: 'configmaps "no" not found',
      },
      {
        name: 'a deletion of nothing',
        work: () => client.delete(configMaps, { namespace: NAMESPACE, name: 'no' }),
        code: 'NotFound',
        text: 'configmaps "no" not found',
      },
      {
        name: 'a deletion with another uid',
        work: () => client.delete(configMaps, { namespace: NAMESPACE, name: 'taken' }, { uid: 'other' }),
        code: 'Aborted',
        text: 'Precondition failed: UID in precondition: other',
      },
      {
        name: 'a wrong selector',
        work: () => client.list(configMaps, { labelSelector: 'a in' }),
        code: 'InvalidArgument',
        text: 'labelSelector',
      },
      {
        name: 'an unknown field',
        work: () => client.list(configMaps, { fieldSelector: 'spec.size=1' }),
        code: 'InvalidArgument',
        text: 'field label not supported: spec.size',
      },
    ])('refuses $name', async ({ work, code, text }) => {
      await client.create(configMaps, aConfigMap('taken'));
      const refused = await refusal(work());
      expect(refused.code).toBe(code);
      expect(refused.message).toContain(text);
    });

    it('refuses a replacement made from an old state, in upstream words', async () => {
      const made = await client.create(configMaps, aConfigMap('a'));
      await client.update(configMaps, { ...made, data: { color: 'blue' } });
      expect(await refusal(client.update(configMaps, { ...made, data: { color: 'green' } }))).toEqual({
        code: 'Aborted',
        http: 409,
        message:
          'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
      });
    });
  });

  it('patches by merge, JSON and strategic merge', async () => {
    const key = { namespace: NAMESPACE, name: 'p' };
    await client.create(pods, aPod('p'));
    await client.patch(pods, { key, patch: { type: 'merge', body: { metadata: { labels: { a: '1', b: '2' } } } } });
    await client.patch(pods, { key, patch: { type: 'json', body: [{ op: 'remove', path: '/metadata/labels/a' }] } });
    const body = { spec: { containers: [{ name: 'main', image: 'busybox:2' }] } };
    const patched = await client.patch(pods, { key, patch: { type: 'strategic', body } });
    expect(patched.metadata.labels).toEqual({ b: '2' });
    expect(patched.spec?.containers).toMatchObject([{ name: 'main', image: 'busybox:2', terminationMessagePolicy: 'File' }]);
  });

  it('keeps status and specification apart', async () => {
    const key = { namespace: NAMESPACE, name: 'p' };
    const made = await client.create(pods, aPod('p'));
    const status = { ...made.status, phase: 'Running' };
    const unchanged = await client.update(pods, { ...made, status, metadata: { ...made.metadata, labels: { a: '1' } } });
    expect(unchanged.status?.phase).toBe('Pending');
    expect(unchanged.metadata.labels).toEqual({ a: '1' });
    const body = { status: { phase: 'Running' }, spec: { nodeName: 'n' } };
    const running = await client.patch(pods, { key, patch: { type: 'merge', body } }, { subresource: 'status' });
    expect(running.status?.phase).toBe('Running');
    expect(running.spec.nodeName).toBeUndefined();
    expect(running.metadata.labels).toEqual({ a: '1' });
  });

  it('lists by namespace and selectors, over pages', async () => {
    await client.create(namespaces, { metadata: { name: 'other' }, spec: {} });
    for (const name of ['a', 'b', 'c']) await client.create(configMaps, aConfigMap(name, { metadata: { name, labels: { app: name } } }));
    await client.create(configMaps, aConfigMap('d', { metadata: { name: 'd', namespace: 'other', labels: { app: 'a' } } }));
    const names = async (...query: Parameters<typeof client.list<ConfigMap>>): Promise<string[]> =>
      (await client.list(...query)).items.map((item) => item.metadata.name);
    expect(await names(configMaps)).toEqual(['a', 'b', 'c', 'd']);
    expect(await names(configMaps, { pageSize: 2 })).toEqual(['a', 'b', 'c', 'd']);
    expect(await names(configMaps, { limit: 1 })).toEqual(['a']);
    expect(await names(configMaps, { limit: 3, pageSize: 2 })).toEqual(['a', 'b', 'c']);
    expect(await names(configMaps, { namespace: NAMESPACE })).toEqual(['a', 'b', 'c']);
    expect(await names(configMaps, { labelSelector: 'app in (a,b)', pageSize: 1 })).toEqual(['a', 'b', 'd']);
    expect(await names(configMaps, { namespace: 'other', fieldSelector: 'metadata.name=d' })).toEqual(['d']);
  });

  it('API-4: a watch sees each change once and in order, from any version', async () => {
    const { metadata } = await client.list(configMaps);
    const made = await client.create(configMaps, aConfigMap('a'));
    await client.update(configMaps, { ...made, data: { color: 'blue' } });
    await client.create(pods, aPod('p'));
    await client.delete(configMaps, { namespace: NAMESPACE, name: 'a' });
    const stop = new AbortController();
    const early = take(client.watch(configMaps, { resourceVersion: metadata.resourceVersion, signal: stop.signal }), 4, stop);
    const stopLate = new AbortController();
    const late = take(client.watch(configMaps, { resourceVersion: made.metadata.resourceVersion, signal: stopLate.signal }), 3, stopLate);
    await client.create(configMaps, aConfigMap('b'));
    expect(await early).toEqual(['ADDED a', 'MODIFIED a', 'DELETED a', 'ADDED b']);
    expect(await late).toEqual(['MODIFIED a', 'DELETED a', 'ADDED b']);
  });

  it('a watch with a selector sees objects come and go', async () => {
    const { metadata } = await client.list(configMaps);
    const key = { namespace: NAMESPACE, name: 'a' };
    const label = (app: string): Promise<ConfigMap> =>
      client.patch(configMaps, { key, patch: { type: 'merge', body: { metadata: { labels: { app } } } } });
    await client.create(configMaps, aConfigMap('a'));
    await label('web');
    await label('db');
    await label('web');
    const stop = new AbortController();
    const watch = client.watch(configMaps, { resourceVersion: metadata.resourceVersion, labelSelector: 'app=web', signal: stop.signal });
    expect(await take(watch, 3, stop)).toEqual(['ADDED a', 'DELETED a', 'ADDED a']);
  });

  it('deletes when the last finalizer goes, and takes no new one then', async () => {
    const key = { namespace: NAMESPACE, name: 'a' };
    await client.create(configMaps, aConfigMap('a', { metadata: { name: 'a', finalizers: ['example.com/hold'] } }));
    await client.delete(configMaps, key);
    const held = await client.get(configMaps, key);
    expect(held.metadata.deletionTimestamp).toBeDefined();
    const more = { metadata: { finalizers: ['example.com/hold', 'example.com/more'] } };
    expect((await refusal(client.patch(configMaps, { key, patch: { type: 'merge', body: more } }))).message).toContain(
      'no new finalizers can be added',
    );
    await client.delete(configMaps, key);
    expect((await client.get(configMaps, key)).metadata.deletionTimestamp).toBe(held.metadata.deletionTimestamp);
    const last = await client.patch(configMaps, { key, patch: { type: 'merge', body: { metadata: { finalizers: [] } } } });
    // why: a controller that is shown the finalizer again would do its clean-up once more, for an object that is gone
    expect(last.metadata.finalizers ?? []).toEqual([]);
    expect(Number(last.metadata.resourceVersion)).toBeGreaterThan(Number(held.metadata.resourceVersion));
    expect((await refusal(client.get(configMaps, key))).code).toBe('NotFound');
  });

  it('gives pods on a node their grace, and ends at once where it is 0', async () => {
    const key = { namespace: NAMESPACE, name: 'p' };
    const made = await client.create(pods, aPod('p'));
    await client.bindPod({ key, uid: made.metadata.uid, nodeName: 'node-1' });
    await client.delete(pods, key);
    expect((await client.get(pods, key)).metadata).toMatchObject({ deletionGracePeriodSeconds: 30 });
    await client.delete(pods, key, { gracePeriodSec: 0 });
    expect((await refusal(client.get(pods, key))).code).toBe('NotFound');
  });

  it('binds a pod once, to the node that was named', async () => {
    const key = { namespace: NAMESPACE, name: 'p' };
    const made = await client.create(pods, aPod('p'));
    expect((await refusal(client.bindPod({ key, uid: 'other', nodeName: 'node-1' }))).code).toBe('Aborted');
    await client.bindPod({ key, uid: made.metadata.uid, nodeName: 'node-1' });
    const bound = await client.get(pods, key);
    expect(bound.spec?.nodeName).toBe('node-1');
    expect(bound.status?.conditions).toMatchObject([{ type: 'PodScheduled', status: 'True' }]);
    const again = await refusal(client.bindPod({ key, uid: made.metadata.uid, nodeName: 'node-2' }));
    expect(again).toMatchObject({ code: 'Aborted', http: 409 });
    expect(again.message).toContain('is already assigned to node "node-1"');
  });

  it('keeps a namespace until it is finalized, and nothing new comes in', async () => {
    const key = { namespace: '', name: 'gone' };
    await client.create(namespaces, { metadata: { name: 'gone' }, spec: {} });
    await client.delete(namespaces, key);
    const terminating = await client.get(namespaces, key);
    expect(terminating.status?.phase).toBe('Terminating');
    const refused = await refusal(client.create(configMaps, aConfigMap('x', { metadata: { name: 'x', namespace: 'gone' } })));
    expect(refused.message).toBe(
      'configmaps "x" is forbidden: unable to create new content in namespace gone because it is being terminated',
    );
    await client.update(namespaces, { ...terminating, spec: { finalizers: [] } }, { subresource: 'finalize' });
    expect((await refusal(client.get(namespaces, key))).code).toBe('NotFound');
  });

  it('serves cluster-scoped kinds', async () => {
    await client.create(nodes, { metadata: { name: 'node-1' }, spec: {} });
    expect((await client.list(nodes)).items.map((node) => node.metadata.name)).toEqual(['node-1']);
  });

  it('shows a change to its own reads at once, under contention', async () => {
    await client.create(configMaps, aConfigMap('a', { data: {} }));
    const key = { namespace: NAMESPACE, name: 'a' };
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`);
    await Promise.all(keys.map((name) => client.patch(configMaps, { key, patch: { type: 'merge', body: { data: { [name]: 'x' } } } })));
    expect(Object.keys((await client.get(configMaps, key)).data ?? {}).sort()).toEqual(keys.sort());
  });
}
