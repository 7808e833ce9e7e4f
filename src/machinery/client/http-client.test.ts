import { describe, expect, it } from 'vitest';
import { configMaps, namespaces, persistentVolumeClaims, pods, storageClasses } from '#api/resources.ts';
import { FakeTransport, type FakeAnswer, OpenAnswer } from '#testing/fakes/fake-transport.ts';
import { FakeClock, settle } from '#testing/fake-clock.ts';
import { HttpClient } from './http-client.ts';
import type { TransportRequest } from './transport.ts';

const key = { namespace: 'k-1', name: 'data' };
const configMap = {
  metadata: { name: 'data', namespace: 'k-1', uid: 'u1', resourceVersion: '5', creationTimestamp: '2026-01-01T00:00:00Z' },
  data: { a: '1' },
};

function aClient(answer: (request: TransportRequest) => FakeAnswer | Promise<FakeAnswer>): {
  client: HttpClient;
  transport: FakeTransport;
  clock: FakeClock;
} {
  const transport = new FakeTransport(answer);
  const clock = new FakeClock();
  return { client: new HttpClient({ transport, clock }), transport, clock };
}

describe('HttpClient requests', () => {
  const stored = { apiVersion: 'v1', kind: 'ConfigMap', ...configMap };
  it.each<{
    name: string;
    run: (client: HttpClient) => Promise<unknown>;
    method: string;
    path: string;
    contentType?: string;
    body?: unknown;
  }>([
    { name: 'get', run: (client) => client.get(configMaps, key), method: 'GET', path: '/api/v1/namespaces/k-1/configmaps/data' },
    {
      name: 'get of a cluster-scoped kind',
      run: (client) => client.get(namespaces, { namespace: '', name: 'k-1' }),
      method: 'GET',
      path: '/api/v1/namespaces/k-1',
    },
    {
      name: 'get of a named group',
      run: (client) => client.get(storageClasses, { namespace: '', name: 'a b' }),
      method: 'GET',
      path: '/apis/storage.k8s.io/v1/storageclasses/a%20b',
    },
    {
      name: 'create',
      run: (client) => client.create(configMaps, { metadata: { name: 'data', namespace: 'k-1' }, data: { a: '1' } }),
      method: 'POST',
      path: '/api/v1/namespaces/k-1/configmaps',
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'data', namespace: 'k-1' }, data: { a: '1' } },
    },
    {
      name: 'create, dry run',
      run: (client) => client.create(configMaps, { metadata: { name: 'data', namespace: 'k-1' } }, { isDryRun: true }),
      method: 'POST',
      path: '/api/v1/namespaces/k-1/configmaps?dryRun=All',
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'data', namespace: 'k-1' } },
    },
    {
      name: 'update',
      run: (client) => client.update(configMaps, stored),
      method: 'PUT',
      path: '/api/v1/namespaces/k-1/configmaps/data',
      body: stored,
    },
    {
      name: 'merge patch of the status',
      run: (client) =>
        client.patch(persistentVolumeClaims, { key, patch: { type: 'merge', body: { status: {} } } }, { subresource: 'status' }),
      method: 'PATCH',
      path: '/api/v1/namespaces/k-1/persistentvolumeclaims/data/status',
      contentType: 'application/merge-patch+json',
      body: { status: {} },
    },
    {
      name: 'JSON patch',
      run: (client) => client.patch(configMaps, { key, patch: { type: 'json', body: [{ op: 'remove', path: '/data' }] } }),
      method: 'PATCH',
      path: '/api/v1/namespaces/k-1/configmaps/data',
      contentType: 'application/json-patch+json',
      body: [{ op: 'remove', path: '/data' }],
    },
    {
      name: 'delete, dry run',
      run: (client) => client.delete(pods, key, { isDryRun: true }),
      method: 'DELETE',
      path: '/api/v1/namespaces/k-1/pods/data',
      body: { kind: 'DeleteOptions', apiVersion: 'v1', dryRun: ['All'] },
    },
    {
      name: 'delete with preconditions',
      run: (client) => client.delete(pods, key, { uid: 'u1', gracePeriodSec: 0, propagation: 'Background' }),
      method: 'DELETE',
      path: '/api/v1/namespaces/k-1/pods/data',
      body: {
        kind: 'DeleteOptions',
        apiVersion: 'v1',
        gracePeriodSeconds: 0,
        propagationPolicy: 'Background',
        preconditions: { uid: 'u1' },
      },
    },
    {
      name: 'binding',
      run: (client) => client.bindPod({ key, uid: 'u1', nodeName: 'node-1' }),
      method: 'POST',
      path: '/api/v1/namespaces/k-1/pods/data/binding',
      body: {
        apiVersion: 'v1',
        kind: 'Binding',
        metadata: { name: 'data', namespace: 'k-1', uid: 'u1' },
        target: { apiVersion: 'v1', kind: 'Node', name: 'node-1' },
      },
    },
  ])('sends $name', async ({ run, method, path, contentType, body }) => {
    const { client, transport } = aClient(() => ({ json: stored }));
    await run(client);
    const [request] = transport.requests;
    expect(transport.requests).toHaveLength(1);
    expect(request).toMatchObject({ method, path, mode: 'call', ...(contentType === undefined ? {} : { contentType }) });
    expect(request?.body === undefined ? undefined : JSON.parse(request.body)).toEqual(body);
  });

  it('answers objects that are deeply frozen', async () => {
    const { client } = aClient(() => ({ json: stored }));
    const object = await client.get(configMaps, key);
    expect(Object.isFrozen(object)).toBe(true);
    expect(Object.isFrozen(object.metadata)).toBe(true);
  });

  it('turns a Status into an ApiError with its code, reason and causes', async () => {
    const causes = [{ reason: 'FieldValueRequired', message: 'Required value', field: 'spec.accessModes' }];
    const { client } = aClient(() => ({
      status: 422,
      json: {
        kind: 'Status',
        apiVersion: 'v1',
        status: 'Failure',
        message: 'PersistentVolumeClaim "x" is invalid',
        reason: 'Invalid',
        code: 422,
        details: { causes },
      },
    }));
    await expect(client.get(configMaps, key)).rejects.toMatchObject({
      code: 'FailedPrecondition',
      reason: 'Invalid',
      retry: 'never',
      status: { details: { causes } },
    });
  });

  it.each([
    { name: '404 of a proxy', status: 404, text: 'not here', code: 'NotFound' },
    { name: '503 without a body', status: 503, text: '', code: 'Unavailable' },
    { name: '504 without a body', status: 504, text: '', code: 'DeadlineExceeded' },
    { name: '401', status: 401, text: 'who?', code: 'Unauthenticated' },
    { name: '418', status: 418, text: 'teapot', code: 'Unknown' },
    { name: 'a page that is no JSON', status: 200, text: '<html>', code: 'Unavailable' },
  ])('makes an error of $name', async ({ status, text, code }) => {
    const { client } = aClient(() => ({ status, text }));
    await expect(client.get(configMaps, key)).rejects.toMatchObject({ code });
  });

  it('gives up an answer that takes too long, and leaves no timer', async () => {
    const { client, clock } = aClient(() => new Promise(() => {}));
    const failed = expect(client.get(configMaps, key)).rejects.toMatchObject({ code: 'DeadlineExceeded', reason: 'ApiTimedOut' });
    await clock.step(30_000);
    await failed;
    expect(clock.timers).toBe(0);
  });
});

describe('HttpClient lists', () => {
  const item = (name: string): unknown => ({
    metadata: { name, namespace: 'k-1', uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' },
  });

  it('follows continue tokens, and fills in kind and apiVersion of the items', async () => {
    const { client, transport } = aClient((request) =>
      request.path.includes('continue=more')
        ? { json: { metadata: { resourceVersion: '9' }, items: [item('b')] } }
        : { json: { metadata: { resourceVersion: '9', continue: 'more', remainingItemCount: 1 }, items: [item('a')] } },
    );
    const list = await client.list(configMaps, { namespace: 'k-1', labelSelector: 'app in (x,y)', pageSize: 1 });
    expect(transport.requests.map((request) => request.path)).toEqual([
      '/api/v1/namespaces/k-1/configmaps?labelSelector=app+in+%28x%2Cy%29&limit=1',
      '/api/v1/namespaces/k-1/configmaps?labelSelector=app+in+%28x%2Cy%29&limit=1&continue=more',
    ]);
    expect(list).toMatchObject({ kind: 'ConfigMapList', metadata: { resourceVersion: '9' } });
    expect(list.items.map((object) => `${object.apiVersion} ${object.kind} ${object.metadata.name}`)).toEqual([
      'v1 ConfigMap a',
      'v1 ConfigMap b',
    ]);
  });

  it('lists in one piece when the version of the pages was compacted meanwhile', async () => {
    const { client, transport } = aClient((request) => {
      if (request.path.includes('continue='))
        return { status: 410, json: { kind: 'Status', status: 'Failure', message: 'gone', reason: 'Expired', code: 410 } };
      if (request.path.includes('limit=')) return { json: { metadata: { resourceVersion: '9', continue: 'more' }, items: [item('a')] } };
      return { json: { metadata: { resourceVersion: '12' }, items: [item('a'), item('b')] } };
    });
    const list = await client.list(configMaps);
    expect(list.metadata.resourceVersion).toBe('12');
    expect(list.items).toHaveLength(2);
    expect(transport.requests).toHaveLength(3);
  });

  it('takes null for an empty list, as Go servers write it', async () => {
    const { client } = aClient(() => ({ json: { metadata: { resourceVersion: '9' }, items: null } }));
    expect((await client.list(configMaps)).items).toEqual([]);
  });
});

describe('HttpClient watches', () => {
  const stored = { apiVersion: 'v1', kind: 'ConfigMap', ...configMap };

  async function collect(client: HttpClient, signal: AbortSignal): Promise<{ seen: unknown[]; ended: Promise<void> }> {
    const seen: unknown[] = [];
    const ended = (async () => {
      for await (const event of client.watch(configMaps, { namespace: 'k-1', resourceVersion: '5', signal })) seen.push(event);
    })();
    ended.catch(() => {});
    await settle();
    return { seen, ended };
  }

  it('yields events and bookmarks, also when a line comes in pieces', async () => {
    const answer = new OpenAnswer();
    const { client, transport } = aClient(() => answer);
    const { seen, ended } = await collect(client, new AbortController().signal);
    answer.send({ type: 'ADDED', object: stored });
    const line = `${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '7' } } })}\n`;
    answer.write(line.slice(0, 20));
    await settle();
    answer.write(line.slice(20));
    await settle();
    answer.end();
    await ended;
    expect(seen).toEqual([
      { type: 'ADDED', object: stored },
      { type: 'BOOKMARK', resourceVersion: '7' },
    ]);
    expect(transport.requests[0]).toMatchObject({
      mode: 'stream',
      path: '/api/v1/namespaces/k-1/configmaps?watch=true&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=480',
    });
  });

  it.each([
    {
      name: 'an ERROR event',
      answer: (): FakeAnswer => {
        const open = new OpenAnswer();
        open.send({
          type: 'ERROR',
          object: { kind: 'Status', status: 'Failure', message: 'too old resource version', reason: 'Expired', code: 410 },
        });
        return open;
      },
    },
    {
      name: 'the answer itself',
      answer: (): FakeAnswer => ({
        status: 410,
        json: { kind: 'Status', status: 'Failure', message: 'too old', reason: 'Expired', code: 410 },
      }),
    },
  ])('throws OutOfRange when $name says that the version is gone', async ({ answer }) => {
    const { client } = aClient(answer);
    const { ended } = await collect(client, new AbortController().signal);
    await expect(ended).rejects.toMatchObject({ code: 'OutOfRange', reason: 'Expired' });
  });

  it('throws when the connection breaks', async () => {
    const answer = new OpenAnswer();
    const { client } = aClient(() => answer);
    const { ended } = await collect(client, new AbortController().signal);
    answer.break(new Error('reset'));
    await expect(ended).rejects.toThrow('reset');
  });

  it('throws for what is no event', async () => {
    const answer = new OpenAnswer();
    const { client } = aClient(() => answer);
    const { ended } = await collect(client, new AbortController().signal);
    answer.write('<html>\n');
    await expect(ended).rejects.toMatchObject({ reason: 'WatchMalformed' });
  });

  it('ends without an error when it is aborted, and leaves neither connection nor timer', async () => {
    const answer = new OpenAnswer();
    const { client, clock } = aClient(() => answer);
    const abort = new AbortController();
    const { ended } = await collect(client, abort.signal);
    abort.abort();
    await ended;
    expect(answer.isOpen).toBe(false);
    expect(clock.timers).toBe(0);
  });

  it('ends a watch that the server forgot to end', async () => {
    const answer = new OpenAnswer();
    const { client, clock } = aClient(() => answer);
    const { ended } = await collect(client, new AbortController().signal);
    await clock.step(510_000);
    await ended;
    expect(answer.isOpen).toBe(false);
  });

  it('closes the connection when the reader stops', async () => {
    const answer = new OpenAnswer();
    const { client } = aClient(() => answer);
    answer.send({ type: 'ADDED', object: stored });
    for await (const event of client.watch(configMaps, { resourceVersion: '5', signal: new AbortController().signal })) {
      expect(event.type).toBe('ADDED');
      break;
    }
    expect(answer.isOpen).toBe(false);
  });
});

describe('HttpClient and a busy server', () => {
  const busy = {
    status: 429,
    retryAfterSec: 1,
    json: { kind: 'Status', message: 'too many requests', reason: 'TooManyRequests', code: 429 },
  };
  const stored = { apiVersion: 'v1', kind: 'ConfigMap', ...configMap };

  it.each([429, 503])('asks again after %i when the server says when', async (status) => {
    let refusals = 2;
    const { client, transport, clock } = aClient(() => (refusals-- > 0 ? { ...busy, status } : { json: stored }));
    const answer = client.get(configMaps, key);
    await settle();
    expect(transport.requests).toHaveLength(1);
    await clock.step(1_000);
    await clock.step(1_000);
    expect(await answer).toEqual(stored);
    expect(transport.requests).toHaveLength(3);
  });

  it.each([
    { name: 'a server that does not say when', answer: { ...busy, retryAfterSec: undefined }, requests: 1 },
    { name: 'another refusal', answer: { ...busy, status: 500 }, requests: 1 },
    { name: 'a wait that is too long', answer: { ...busy, retryAfterSec: 3_600 }, requests: 1 },
    { name: 'a server that stays busy', answer: busy, requests: 11 },
  ])('gives up with $name', async ({ answer: { retryAfterSec, ...rest }, requests }) => {
    const { client, transport, clock } = aClient(() => ({ ...rest, ...(retryAfterSec === undefined ? {} : { retryAfterSec }) }));
    const refused = expect(client.get(configMaps, key)).rejects.toMatchObject({ reason: 'TooManyRequests' });
    for (let second = 0; second < 12; second += 1) await clock.step(1_000);
    await refused;
    expect(transport.requests).toHaveLength(requests);
  });
});
