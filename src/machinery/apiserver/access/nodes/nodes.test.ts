import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Pod, PodSpec } from '#api/generated/kubernetes.ts';
import type { Resource } from '#api/meta/resource.ts';
import {
  configMaps,
  csiNodes,
  leases,
  namespaces,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  secrets,
  serviceAccounts,
  services,
  volumeAttachments,
} from '#api/resources.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { MemoryEngine } from '#testing/memory-engine.ts';
import { openStore } from '#machinery/store/open-store.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import type { Client } from '../../../client/client.ts';
import { nodeRestriction } from '../../admission/node-restriction/node-restriction.ts';
import { AccountTokens } from '../service-accounts/account-tokens.ts';
import { signingKeyOf } from '../service-accounts/signing-key.ts';
import { nodeAuthorizer } from './node-authorizer.ts';
import { NodeGraph } from './node-graph.ts';

const namespace = 'default';
const at = (name: string) => ({ namespace, name });
const alone = (name: string) => ({ namespace: '', name });
const OF_N1 = { name: 'system:node:n1', groups: ['system:nodes'] };
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const key = signingKeyOf(createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })));

let api: TestApi;
let graph: NodeGraph;
let node: Client;

beforeEach(async () => {
  const clock = new FakeClock();
  const store = await openStore({ engine: new MemoryEngine(), clock, log: silentLogger });
  graph = new NodeGraph(store);
  const accountTokens = new AccountTokens({ key, store, clock, ids: new SystemIds() });
  api = await startTestApi({ store, clock, accountTokens, authorizers: [nodeAuthorizer(graph)], admission: [nodeRestriction] });
  node = api.server.clientFor(OF_N1);
  await api.client.create(namespaces, { metadata: { name: 'kube-node-lease' }, spec: {} });
  for (const name of ['n1', 'n2']) await api.client.create(nodes, { metadata: { name }, spec: {} });
});
afterEach(async () => {
  graph.close();
  await api.close();
});

const makePod = (name: string, spec: Partial<PodSpec> = {}): Promise<Pod> =>
  api.client.create(pods, { metadata: at(name), spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }], ...spec } });
const outcome = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'allowed',
    (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
  );
const merge = (body: object) => ({ type: 'merge', body }) as const;
const unrelated = "no relationship found between node 'n1' and this object";

describe('API-3: what a node reads', () => {
  it.each<{ name: string; spec: Partial<PodSpec>; kind: 'secrets' | 'configmaps' }>([
    { name: 'pull secrets', kind: 'secrets', spec: { imagePullSecrets: [{ name: 'x' }] } },
    { name: 'secrets of volumes', kind: 'secrets', spec: { volumes: [{ name: 'v', secret: { secretName: 'x' } }] } },
    { name: 'projected secrets', kind: 'secrets', spec: { volumes: [{ name: 'v', projected: { sources: [{ secret: { name: 'x' } }] } }] } },
    {
      name: 'secrets of drivers',
      kind: 'secrets',
      spec: { volumes: [{ name: 'v', csi: { driver: 'd', nodePublishSecretRef: { name: 'x' } } }] },
    },
    {
      name: 'secrets of init containers',
      kind: 'secrets',
      spec: { initContainers: [{ name: 'i', image: 'i', envFrom: [{ secretRef: { name: 'x' } }] }] },
    },
    {
      name: 'variables',
      kind: 'configmaps',
      spec: { containers: [{ name: 'c', image: 'i', env: [{ name: 'E', valueFrom: { configMapKeyRef: { name: 'x', key: 'k' } } }] }] },
    },
    { name: 'config maps of volumes', kind: 'configmaps', spec: { volumes: [{ name: 'v', configMap: { name: 'x' } }] } },
    {
      name: 'projected config maps',
      kind: 'configmaps',
      spec: { volumes: [{ name: 'v', projected: { sources: [{ configMap: { name: 'x' } }] } }] },
    },
  ])('$name of its own pods, while they are there', async ({ spec, kind }) => {
    const resource: Resource = kind === 'secrets' ? secrets : configMaps;
    const read = (): Promise<string> => outcome(node.get(resource, at('x')));
    await api.client.create(resource, { metadata: at('x') });
    const refused = `${kind} "x" is forbidden: User "system:node:n1" cannot get resource "${kind}" in API group "" in the namespace "default": ${unrelated}`;
    expect(await read()).toBe(refused);
    await makePod('other', { ...spec, nodeName: 'n2' });
    expect(await read()).toBe(refused);
    await makePod('own', spec);
    expect(await read()).toBe('allowed');
    expect(await outcome(node.list(resource, { namespace, fieldSelector: 'metadata.name=x' }))).toBe('allowed');
    expect(await outcome(node.list(resource, { namespace }))).toContain('No Object name found');
    expect(await outcome(node.list(resource))).toContain('can only read namespaced object of this type');
    await api.client.delete(pods, at('own'), { gracePeriodSec: 0 });
    expect(await read()).toBe(refused);
  });

  it('claims of its pods, their volumes, and what those name for it', async () => {
    for (const name of ['stage', 'provision']) await api.client.create(secrets, { metadata: at(name) });
    const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    await api.client.create(persistentVolumeClaims, { metadata: at('data'), spec: claim });
    await api.client.create(persistentVolumes, {
      metadata: { name: 'pv' },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        claimRef: { namespace, name: 'data' },
        csi: {
          driver: 'd',
          volumeHandle: 'h',
          nodeStageSecretRef: { namespace, name: 'stage' },
          controllerExpandSecretRef: { namespace, name: 'provision' },
        },
      },
    });
    await api.client.create(volumeAttachments, {
      metadata: { name: 'va' },
      spec: { attacher: 'd', nodeName: 'n1', source: { persistentVolumeName: 'pv' } },
    });
    const reads = async (): Promise<readonly string[]> =>
      Promise.all([
        outcome(node.get(persistentVolumeClaims, at('data'))),
        outcome(node.get(persistentVolumes, alone('pv'))),
        outcome(node.get(secrets, at('stage'))),
      ]);
    expect((await reads()).every((text) => text.endsWith(unrelated))).toBe(true);
    await makePod('own', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] });
    expect(await reads()).toEqual(['allowed', 'allowed', 'allowed']);
    expect(await outcome(node.get(secrets, at('provision')))).toContain(unrelated);
    expect(await outcome(node.get(volumeAttachments, alone('va')))).toBe('allowed');
    expect(await outcome(node.list(persistentVolumeClaims, { namespace }))).toContain('can only get individual resources of this type');
  });

  it('its own node, its own pods, services, and nothing else', async () => {
    await makePod('own');
    await makePod('other', { nodeName: 'n2' });
    expect(await outcome(node.get(nodes, alone('n1')))).toBe('allowed');
    expect(await outcome(node.get(nodes, alone('n2')))).toContain("node 'n1' cannot read 'n2', only its own Node object");
    expect(await outcome(node.list(nodes))).toContain("node 'n1' cannot read all nodes, only its own Node object");
    expect(await outcome(node.get(pods, at('own')))).toBe('allowed');
    expect(await outcome(node.get(pods, at('other')))).toContain(unrelated);
    expect(await outcome(node.list(pods, { fieldSelector: 'spec.nodeName=n1' }))).toBe('allowed');
    expect(await outcome(node.list(pods, { fieldSelector: 'spec.nodeName=n2' }))).toContain(
      'can only list/watch pods with spec.nodeName field selector',
    );
    expect(await outcome(node.list(pods))).toContain('can only list/watch pods with spec.nodeName field selector');
    expect(await outcome(node.list(services))).toBe('allowed');
    expect(await outcome(node.get(namespaces, alone('default')))).toContain('cannot get resource "namespaces"');
  });
});

describe('API-3: what a node writes', () => {
  it.each([
    {
      labels: { 'kubernetes.io/hostname': 'n1', 'topology.kubernetes.io/zone': 'z', 'example.com/x': 'y', 'x.node.kubernetes.io/y': 'z' },
      says: 'allowed',
    },
    { labels: { 'node-restriction.kubernetes.io/x': 'y' }, says: 'is not allowed to modify labels: node-restriction.kubernetes.io/x' },
    { labels: { 'a.node-restriction.kubernetes.io/x': 'y' }, says: 'is not allowed to modify labels: a.node-restriction.kubernetes.io/x' },
    {
      labels: { 'node-role.kubernetes.io/control-plane': '' },
      says: 'is not allowed to modify labels: node-role.kubernetes.io/control-plane',
    },
  ])('labels $labels of its own: $says', async ({ labels, says }) => {
    expect(await outcome(node.patch(nodes, { key: alone('n1'), patch: merge({ metadata: { labels } }) }))).toContain(says);
    expect(await outcome(node.patch(nodes, { key: alone('n2'), patch: merge({ metadata: { labels } }) }))).toBe(
      'nodes "n2" is forbidden: node "n1" is not allowed to modify node "n2"',
    );
  });

  it('its status, and no taints', async () => {
    const status = { conditions: [{ type: 'Ready', status: 'True' }] };
    expect(await outcome(node.patch(nodes, { key: alone('n1'), patch: merge({ status }) }, { subresource: 'status' }))).toBe('allowed');
    expect(await outcome(node.patch(nodes, { key: alone('n2'), patch: merge({ status }) }, { subresource: 'status' }))).toContain(
      'is not allowed to modify node "n2"',
    );
    const taints = [{ key: 'k', effect: 'NoSchedule' }];
    expect(await outcome(node.patch(nodes, { key: alone('n1'), patch: merge({ spec: { taints } }) }))).toContain(
      'node "n1" is not allowed to modify taints',
    );
    expect(await outcome(node.delete(nodes, alone('n1')))).toContain('cannot delete resource "nodes"');
    await api.client.delete(nodes, alone('n1'));
    expect(await outcome(node.create(nodes, { metadata: { name: 'n3' }, spec: {} }))).toContain(
      'node "n1" is not allowed to modify node "n3"',
    );
    expect(await outcome(node.create(nodes, { metadata: { name: 'n1' }, spec: { taints } }))).toBe('allowed');
  });

  it('its own lease and CSINode', async () => {
    const lease = (name: string, inside = 'kube-node-lease') => node.create(leases, { metadata: { name, namespace: inside }, spec: {} });
    expect(await outcome(lease('n1'))).toBe('allowed');
    expect(await outcome(lease('n2'))).toContain('can only access node lease with the same name as the requesting node');
    expect(await outcome(lease('n1', namespace))).toContain('can only access leases in the "kube-node-lease" system namespace');
    expect(await outcome(node.create(csiNodes, { metadata: { name: 'n1' }, spec: { drivers: [] } }))).toBe('allowed');
    expect(await outcome(node.create(csiNodes, { metadata: { name: 'n2' }, spec: { drivers: [] } }))).toContain(
      'can only access CSINode with the same name as the requesting node',
    );
    await api.client.create(csiNodes, { metadata: { name: 'n2' }, spec: { drivers: [] } });
    const ill = merge({
      status: { storageHealth: [{ name: 'disk.example', healthConditions: [{ status: 'StorageDegraded', reason: 'Slow' }] }] },
    });
    const tell = (name: string) => outcome(node.patch(csiNodes, { key: alone(name), patch: ill }, { subresource: 'status' }));
    expect(await tell('n1')).toBe('allowed');
    expect(await tell('n2')).toContain('can only access CSINode with the same name as the requesting node');
  });

  it('the status of its own pods, and deletes those', async () => {
    await makePod('own');
    await makePod('other', { nodeName: 'n2' });
    const patch = (name: string, body: object) =>
      outcome(node.patch(pods, { key: at(name), patch: merge(body) }, { subresource: 'status' }));
    expect(await patch('own', { status: { phase: 'Running' } })).toBe('allowed');
    expect(await patch('other', { status: { phase: 'Running' } })).toContain(
      'node "n1" can only update pod status for pods with spec.nodeName set to itself',
    );
    expect(await outcome(node.patch(pods, { key: at('own'), patch: merge({ metadata: { labels: { a: 'b' } } }) }))).toContain(
      'cannot patch resource "pods"',
    );
    expect(await outcome(node.delete(pods, at('other')))).toContain('node "n1" can only delete pods with spec.nodeName set to itself');
    expect(await outcome(node.delete(pods, at('own'), { gracePeriodSec: 0 }))).toBe('allowed');
  });

  it('mirror pods that lead to nothing', async () => {
    const { uid } = (await api.client.get(nodes, alone('n1'))).metadata;
    const owner = { apiVersion: 'v1', kind: 'Node', name: 'n1', uid, controller: true };
    const annotations = { 'kubernetes.io/config.mirror': 'x' };
    const make = (metadata: object, spec: Partial<PodSpec> = {}) =>
      outcome(
        node.create(pods, {
          metadata: { ...at('m'), annotations, ownerReferences: [owner], ...metadata },
          spec: { nodeName: 'n1', containers: [{ name: 'c', image: 'i' }], ...spec },
        }),
      );
    expect(await make({ annotations: {} })).toContain('node "n1" can only create mirror pods');
    expect(await make({}, { nodeName: 'n2' })).toContain('node "n1" can only create pods with spec.nodeName set to itself');
    expect(await make({ ownerReferences: [] })).toContain('can only create pods with an owner reference set to itself');
    expect(await make({ ownerReferences: [{ ...owner, uid: 'other' }] })).toContain('UID mismatch');
    expect(await make({}, { volumes: [{ name: 'v', secret: { secretName: 's' } }] })).toContain(
      'node "n1" can not create pods that reference secrets',
    );
    expect(await make({}, { serviceAccountName: 'robot' })).toContain('node "n1" can not create pods that reference serviceaccounts');
    expect(await make({})).toBe('allowed');
  });

  it('of a claim only what tells of its growth', async () => {
    const claim = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    await api.client.create(persistentVolumeClaims, { metadata: at('data'), spec: claim });
    const patch = (status: object) =>
      outcome(node.patch(persistentVolumeClaims, { key: at('data'), patch: merge({ status }) }, { subresource: 'status' }));
    expect(await patch({ capacity: { storage: '1Gi' } })).toContain(unrelated);
    await makePod('own', { volumes: [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }] });
    expect(await patch({ capacity: { storage: '1Gi' }, allocatedResourceStatuses: { storage: 'NodeResizeInProgress' } })).toBe('allowed');
    expect(await patch({ phase: 'Lost' })).toContain('is not allowed to update fields other than status.quantity and status.conditions');
  });
});

describe('API-3: tokens that a node asks for', () => {
  const token = (serviceAccountToken: { path: string; audience?: string }): Partial<PodSpec> => ({
    serviceAccountName: 'robot',
    volumes: [{ name: 't', projected: { sources: [{ serviceAccountToken }] } }],
  });
  const ask = (pod: Pod, audience = ''): Promise<string> => {
    const tokens = api.server.podTokensFor(OF_N1);
    return outcome(tokens?.issue({ pod, audience, expiresInSec: 600 }) ?? Promise.reject(new Error('no tokens')));
  };
  beforeEach(() => api.client.create(serviceAccounts, { metadata: at('robot') }));

  it('are for its own pods, and for what they ask for', async () => {
    const own = await makePod('own', token({ path: 'token' }));
    expect(await ask(own)).toBe('allowed');
    expect(await ask(own, 'vault')).toBe(
      'serviceaccounts "robot" is forbidden: audience "vault" not found in pod spec volume, system:node:n1 is not authorized to request tokens for this audience',
    );
    expect(await ask(await makePod('vault', token({ path: 'token', audience: 'vault' })), 'vault')).toBe('allowed');
    const other = await makePod('other', { ...token({ path: 'token' }), nodeName: 'n2' });
    expect(await ask(other)).toContain('node requested token bound to a pod scheduled on a different node');
    expect(await ask({ ...own, metadata: { ...own.metadata, uid: 'former' } })).toContain('does not match the UID in record');
  });

  it('are for accounts of its pods', async () => {
    expect(await ask(await makePod('other', { ...token({ path: 'token' }), nodeName: 'n2' }))).toContain(unrelated);
  });
});

it('API-3: others are not held to any of this, and a node has to say which it is', async () => {
  await makePod('other', { nodeName: 'n2' });
  const nobody = api.server.clientFor({ name: 'system:node:', groups: ['system:nodes'] });
  expect(await outcome(nobody.get(pods, at('other')))).toContain('unknown node for user "system:node:"');
  const named = api.server.clientFor({ name: 'system:node:n1', groups: [] });
  expect(await outcome(named.get(nodes, alone('n1')))).toContain('cannot get resource "nodes"');
  await api.client.patch(nodes, { key: alone('n2'), patch: merge({ metadata: { labels: { 'node-restriction.kubernetes.io/x': 'y' } } }) });
});
