import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { BUILT_IN_KINDS } from '#api/kinds/built-in.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { configMaps, namespaces, pods, serviceAccounts } from '#api/resources.ts';
import { SystemIds } from '#kit/ids.ts';
import { trusted } from '#kit/json.ts';
import { KeyedLock } from '#kit/keyed-lock.ts';
import { silentLogger } from '#kit/log.ts';
import { openStore } from '#machinery/store/open-store.ts';
import type { Store } from '#machinery/store/store.ts';
import { aPod } from '#testing/builders/pod.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { MemoryEngine } from '#testing/memory-engine.ts';
import { PluginChain } from '../admission/admission-chain.ts';
import { type AuditRecord, newNotes } from '../contract/audit.ts';
import { KindRegistry } from '../contract/registry.ts';
import type { WriteRequest } from '../contract/request.ts';
import { decodeObject } from '../objects/decode-object.ts';
import { StoreDefinitionGuard } from '../objects/definition-guard.ts';
import { StoreNamespaceGuard } from '../objects/namespace-guard.ts';
import { Api } from './api.ts';

const ANN = { name: 'ann', groups: [] };

let store: Store;
let api: Api;
let isAllowed: boolean;
let asked: string[];
let records: AuditRecord[];
let registry: KindRegistry;
let bodies: number;
beforeEach(async () => {
  const clock = new FakeClock();
  store = await openStore({ engine: new MemoryEngine(), clock, log: silentLogger });
  registry = new KindRegistry(BUILT_IN_KINDS);
  isAllowed = true;
  [asked, records, bodies] = [[], [], 0];
  api = new Api({
    store,
    registry,
    clock,
    ids: new SystemIds(),
    log: silentLogger,
    admission: new PluginChain([], {
      get: () => undefined,
      list: () => ({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items: [] }),
    }),
    authorizer: {
      name: 'test',
      authorize: (attributes) => {
        if (attributes.type === 'resource')
          asked.push([attributes.verb, attributes.resource.plural, attributes.subresource, attributes.name].join(' '));
        return { verdict: isAllowed ? 'allow' : 'deny' };
      },
    },
    audit: { recordsReads: true, record: (record) => records.push(record) },
    namespaces: new StoreNamespaceGuard(store),
    definitions: new StoreDefinitionGuard(store),
    changes: new KeyedLock(),
    closing: new AbortController().signal,
  });
  const make = (resource: Resource, object: object) => {
    const request = of(resource, '', '');
    return api.create(request, async () => decodeObject(request, object));
  };
  await make(namespaces, { metadata: { name: 'default' }, spec: {} });
  await make(serviceAccounts, { metadata: { name: 'default', namespace: 'default' } });
  await make(configMaps, { metadata: { name: 'app', namespace: 'default' }, data: { a: '1' } });
  await make(pods, aPod());
  [asked, records] = [[], []];
});
afterEach(() => store.close());

function of(resource: Resource, name: string, subresource = ''): WriteRequest {
  return {
    user: ANN,
    kind: registry.require(resource),
    namespace: resource.isNamespaced ? 'default' : '',
    name,
    subresource,
    isDryRun: false,
    fieldValidation: 'Strict',
    ownership: 'kept',
    warn: () => {},
    notes: newNotes(),
  };
}

/** What comes with the request, and whether somebody looked at it. */
const sent =
  <T>(value: T) =>
  async (): Promise<T> => {
    bodies += 1;
    return value;
  };
// why trusted: an eviction lacks what the server fills for what it stores
const EVICTION = trusted<KubeObject>({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'web', namespace: 'default' } });
const sink = { onSent: () => {}, onEnd: () => {} };
const watching = { query: { allowBookmarks: false, timeoutMs: 1_000 }, sink };

interface Row {
  readonly name: string;
  readonly act: () => unknown;
  readonly asks: string;
}

describe('API-3: each verb asks once whether the user may, before anything is read, and is kept in the audit log', () => {
  const rows: readonly Row[] = [
    { name: 'get', act: () => api.get(of(configMaps, 'app')), asks: 'get configmaps  app' },
    { name: 'list', act: () => api.list(of(configMaps, ''), { limit: 0 }), asks: 'list configmaps  ' },
    {
      name: 'list of one',
      act: () => api.list(of(configMaps, ''), { limit: 0, fieldSelector: 'metadata.name=app' }),
      asks: 'list configmaps  app',
    },
    { name: 'watch', act: () => api.watch(of(configMaps, ''), watching)(), asks: 'watch configmaps  ' },
    {
      name: 'create',
      act: () => api.create(of(configMaps, ''), sent(decodeObject(of(configMaps, ''), { metadata: { name: 'new' } }))),
      asks: 'create configmaps  ',
    },
    {
      name: 'update',
      act: () =>
        api.update(of(configMaps, 'app'), sent(decodeObject(of(configMaps, 'app'), { metadata: { name: 'app' }, data: { a: '2' } }))),
      asks: 'update configmaps  app',
    },
    {
      name: 'patch',
      act: () => api.patch(of(configMaps, 'app'), sent({ type: 'merge', body: { data: { a: '2' } } })),
      asks: 'patch configmaps  app',
    },
    { name: 'delete', act: () => api.delete(of(configMaps, 'app'), sent({})), asks: 'delete configmaps  app' },
    {
      name: 'deletecollection',
      act: () => api.deleteCollection(of(configMaps, ''), sent({ query: { limit: 0 } })),
      asks: 'deletecollection configmaps  ',
    },
    { name: 'bind', act: () => api.bind(of(pods, 'web', 'binding'), sent({ nodeName: 'node-1' })), asks: 'create pods binding web' },
    {
      name: 'evict',
      act: () => api.evict(of(pods, 'web', 'eviction'), { read: sent(EVICTION), optionsOf: () => ({}) }),
      asks: 'create pods eviction web',
    },
  ];

  it.each(rows)('$name', async ({ act, asks }) => {
    await act();
    expect(asked).toEqual([asks]);
    const [verb = ''] = asks.split(' ');
    expect(records).toMatchObject([{ verb, user: ANN, code: verb === 'create' ? 201 : 200 }]);
  });

  it.each(rows)('$name is refused', async ({ act, asks }) => {
    isAllowed = false;
    const revision = store.revision;
    await expect(async () => act()).rejects.toMatchObject({ code: 'PermissionDenied' });
    expect(asked).toEqual([asks]);
    expect({ bodies, revision: store.revision, records }).toMatchObject({
      bodies: 0,
      revision,
      records: [{ verb: asks.split(' ')[0], code: 403 }],
    });
  });
});
