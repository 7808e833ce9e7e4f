import { afterEach, describe, expect, it, vi } from 'vitest';
import { tell } from '#api/explanation.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import {
  csiDrivers,
  csiNodes,
  csiStorageCapacities,
  events,
  namespaces,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  resourceQuotas,
  storageClasses,
} from '#api/resources.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import { silentLogger } from '#kit/log.ts';
import type { Client, ListOptions } from '#machinery/client/client.ts';
import type { Informer } from '#machinery/client/informer.ts';
import { InformerFactory } from '#machinery/client/informer-factory.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredClass } from '#testing/builders/class.ts';
import { aStoredNode } from '#testing/builders/node.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { ScriptedClient } from '#testing/fakes/scripted-client.ts';
import { gatherClusterParts } from './cluster-parts.ts';
import { type Explainer, explainerOf, listingExplainer } from './explain.ts';
import * as explainers from './explainers.ts';

const DRIVER = 'disk.example';
const ready = { conditions: [{ type: 'Ready', status: 'True' }], allocatable: { cpu: '2', memory: '1Gi', pods: '110' } };
const waits = { phase: 'Pending' };
const onNode = { 'volume.kubernetes.io/selected-node': 'node-1' };
const asking = (cpu: string) => ({ resources: { requests: { cpu } } });

let stop = (): void => {};
afterEach(() => stop());

/** Two namespaces that share a node, a class and a driver. */
function sharedCluster(): ScriptedClient {
  const api = new ScriptedClient();
  for (const namespace of ['default', 'theirs']) {
    api.put(namespaces, trusted({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, uid: namespace }, spec: {} }));
    const claim = (name: string, of: object) =>
      aStoredClaim({ name: `${namespace}-${name}`, namespace, uid: `${namespace}-${name}`, status: waits, ...of });
    const pod = (name: string, of: object) => aStoredPod({ name: `${namespace}-${name}`, namespace, uid: `${namespace}-${name}`, ...of });
    api.put(persistentVolumeClaims, claim('none', { storageClassName: 'none' }));
    api.put(persistentVolumeClaims, claim('made', { storageClassName: 'fast', annotations: onNode }));
    api.put(persistentVolumeClaims, claim('free', { storageClassName: '' }));
    api.put(
      persistentVolumeClaims,
      claim('late', { storageClassName: 'late', size: '6Gi', annotations: namespace === 'theirs' ? onNode : {} }),
    );
    api.put(pods, pod('late', { claims: [`${namespace}-late`] }));
    api.put(pods, pod('runs', { nodeName: 'node-1', container: asking('900m'), status: { phase: 'Running' } }));
    api.put(pods, pod('big', { container: asking('1500m') }));
    api.put(pods, pod('fits', { container: asking('500m'), claims: [`${namespace}-none`] }));
    api.put(
      resourceQuotas,
      trusted({ metadata: { name: `${namespace}-q`, namespace, uid: namespace }, status: { hard: { pods: '1' }, used: { pods: '1' } } }),
    );
    api.put(events, warning(`${namespace}-made`, namespace));
  }
  api.put(storageClasses, aStoredClass({ name: 'fast', uid: 'fast', provisioner: DRIVER }));
  api.put(storageClasses, aStoredClass({ name: 'late', uid: 'late', provisioner: DRIVER, bindingMode: 'WaitForFirstConsumer' }));
  api.put(
    csiStorageCapacities,
    trusted({ metadata: { name: 'c', namespace: 'default', uid: 'c' }, storageClassName: 'late', capacity: '10Gi', nodeTopology: {} }),
  );
  api.put(nodes, { ...aStoredNode({ name: 'node-1', uid: 'n' }), status: ready });
  api.put(csiNodes, trusted({ metadata: { name: 'node-1', uid: 'n' }, spec: { drivers: [{ name: DRIVER, nodeID: 'n' }] } }));
  api.put(csiDrivers, trusted({ metadata: { name: DRIVER, uid: 'd' }, spec: { storageCapacity: true } }));
  api.put(persistentVolumes, aStoredVolume({ name: 'small', uid: 's', size: '1Mi', status: { phase: 'Available' } }));
  return api;
}

function warning(uid: string, namespace: string): KubeObject {
  const metadata = { name: `${uid}.1`, namespace, uid: `${uid}.1` };
  return trusted({ metadata, type: 'Warning', reason: 'ProvisioningFailed', message: `no room for ${uid}`, involvedObject: { uid } });
}

/** What a user may list: everything but what `denies`. */
type Rights = (resource: Resource, namespace: string) => boolean;

/** What he is in, and what is nobody's own. */
function seesShared({ plural, isNamespaced }: Resource, namespace: string): boolean {
  return !isNamespaced || plural === 'csistoragecapacities' || namespace === 'default';
}

const USERS: Readonly<Record<string, Rights>> = {
  'an administrator': () => true,
  'one of a namespace who sees what is shared': seesShared,
  'one of a namespace who sees no nodes': ({ plural, isNamespaced }, namespace) =>
    isNamespaced ? namespace === 'default' : !['nodes', 'namespaces', 'csinodes'].includes(plural),
  'one who sees all pods and no claims of others': (resource, namespace) => resource.plural === 'pods' || seesShared(resource, namespace),
  'one who sees no quotas': ({ plural }) => plural !== 'resourcequotas',
  'one who sees nothing': () => false,
};

function clientOf(api: ScriptedClient, mayList: Rights, onList: (options: ListOptions) => void = () => {}): Client {
  return trusted<Client>({
    list: async (resource: Resource, options: ListOptions = {}) => {
      onList(options);
      if (!mayList(resource, options.namespace ?? ''))
        throw new PlatformError({
          code: 'PermissionDenied',
          reason: 'Forbidden',
          message: `no ${resource.plural} in ${options.namespace}`,
        });
      return api.client.list(resource, options);
    },
  });
}

async function platformOf(api: ScriptedClient): Promise<{ readonly explainer: Explainer; readonly informers: InformerFactory }> {
  const clock = new FakeClock();
  const informers = new InformerFactory({ client: api.client, clock, log: silentLogger });
  stop = () => informers.stop();
  return {
    explainer: await explainerOf({
      informers,
      drivers: { find: (name) => (name === DRIVER ? trusted({}) : undefined), names: () => [DRIVER], onBack: () => () => {} },
      isOnCluster: false,
      clock,
    }),
    informers,
  };
}

const EXPLAINERS = {
  claim: explainers.claimExplainer,
  pod: explainers.podExplainer,
  volume: explainers.volumeExplainer,
  class: explainers.classExplainer,
  node: explainers.nodeExplainer,
  namespace: explainers.namespaceExplainer,
};
type Explainable = keyof typeof EXPLAINERS;

const QUESTIONS: readonly { readonly kind: Explainable; readonly namespace: string; readonly name: string }[] = [
  ...['none', 'made', 'free', 'nowhere'].map((name) => ({ kind: 'claim' as const, namespace: 'default', name: `default-${name}` })),
  ...['runs', 'big', 'fits', 'late', 'nowhere'].map((name) => ({ kind: 'pod' as const, namespace: 'default', name: `default-${name}` })),
  { kind: 'claim', namespace: 'theirs', name: 'theirs-made' },
  { kind: 'pod', namespace: 'theirs', name: 'theirs-big' },
  { kind: 'volume', namespace: '', name: 'small' },
  { kind: 'class', namespace: '', name: 'fast' },
  { kind: 'node', namespace: '', name: 'node-1' },
  { kind: 'namespace', namespace: '', name: 'default' },
  { kind: 'namespace', namespace: '', name: 'theirs' },
];

/** What is answered, or how it is refused. */
async function outcome(asked: Promise<unknown>): Promise<unknown> {
  return asked.catch((thrown: unknown) => PlatformError.from(thrown).message);
}

describe.each(Object.entries(USERS))('%s', (_name, mayList) => {
  it.each(QUESTIONS)('is told of the $kind $name from the informers what lists that he may make would tell', async (question) => {
    const api = sharedCluster();
    const { explainer } = await platformOf(api);
    const client = clientOf(api, mayList);
    const ask = (by: Explainer): Promise<unknown> => outcome(by.explain(client, EXPLAINERS[question.kind], question));
    expect(await ask(explainer)).toEqual(await ask(listingExplainer));
  });

  it.each(['', 'default', 'theirs'])('is told what waits in %j from the informers as from lists', async (namespace) => {
    const api = sharedCluster();
    const { explainer } = await platformOf(api);
    const client = clientOf(api, mayList);
    const ask = (by: Explainer): Promise<unknown> => outcome(by.whatWaits(client, namespace));
    expect(await ask(explainer)).toEqual(await ask(listingExplainer));
  });
});

it('tells one of a namespace nothing of another’s, not even in sums', async () => {
  const api = sharedCluster();
  const { explainer } = await platformOf(api);
  const client = clientOf(api, seesShared);
  const ask = async (kind: Explainable, name: string): Promise<string> =>
    JSON.stringify(tell(await explainer.explain(client, EXPLAINERS[kind], { namespace: 'default', name }), 'en'));
  expect(await ask('pod', 'default-big')).toContain('cpu: 1500m asked for, 1100m of 2 free');
  expect(await ask('pod', 'default-late')).toContain('about to get a node');
  for (const { kind, namespace, name } of QUESTIONS.filter((question) => question.namespace === 'default' || question.kind === 'class'))
    expect(JSON.stringify(await outcome(explainer.explain(client, EXPLAINERS[kind], { namespace, name })))).not.toContain('theirs');
  expect(
    JSON.stringify(await outcome(explainer.explain(client, EXPLAINERS.claim, { namespace: 'theirs', name: 'theirs-made' }))),
  ).toContain('no ');
});

describe('what a question costs', () => {
  /** Adds what has nothing to do with any question but that it is there. */
  function addOthers(api: ScriptedClient, count: number): void {
    for (let index = 0; index < count; index += 1) {
      const of = { name: `other-${index}`, namespace: 'bulk', uid: `other-${index}` };
      const claim = aStoredClaim({
        ...of,
        storageClassName: 'slow',
        volumeName: of.name,
        status: { phase: 'Bound', capacity: { storage: '10Mi' } },
      });
      api.put(persistentVolumeClaims, claim);
      api.put(
        persistentVolumeClaims,
        aStoredClaim({ ...of, name: `waiting-${index}`, uid: `w-${index}`, storageClassName: 'slow', status: waits }),
      );
      api.put(persistentVolumes, aStoredVolume({ name: of.name, uid: of.uid, claim, status: { phase: 'Bound' } }));
      api.put(
        persistentVolumes,
        aStoredVolume({ name: `free-${index}`, uid: `f-${index}`, storageClassName: 'slow', status: { phase: 'Available' } }),
      );
      api.put(pods, aStoredPod({ ...of, claims: [of.name], status: { phase: 'Succeeded' } }));
      api.put(events, warning(of.uid, 'bulk'));
    }
  }

  /** Objects that are looked at to answer all questions, and lists of more than one object. */
  async function costOf(count: number): Promise<{ readonly visited: number; readonly lists: number; readonly answers: unknown }> {
    const api = sharedCluster();
    addOthers(api, count);
    const { explainer, informers } = await platformOf(api);
    let visited = 0;
    const { scheduling: _, ...parts } = informers.shared(gatherClusterParts);
    for (const informer of trusted<readonly Informer<KubeObject>[]>(Object.values(parts))) {
      const { get, byIndex, all } = informer;
      vi.spyOn(informer, 'get').mockImplementation((key) => ((visited += 1), get.call(informer, key)));
      vi.spyOn(informer, 'byIndex').mockImplementation((...query) => {
        const found = byIndex.apply(informer, query);
        visited += found.length;
        return found;
      });
      vi.spyOn(informer, 'all').mockImplementation(() => {
        const found = [...all.call(informer)];
        visited += found.length;
        return found;
      });
    }
    let lists = 0;
    const client = clientOf(
      api,
      () => true,
      ({ limit }) => (lists += limit === 1 ? 0 : 1),
    );
    const answers = [];
    for (const { kind, namespace, name } of QUESTIONS) answers.push(await explainer.explain(client, EXPLAINERS[kind], { namespace, name }));
    answers.push(await explainer.whatWaits(client, 'default'));
    return { visited, lists, answers };
  }

  it('does not grow with what else there is, and makes no list', async () => {
    const [few, many] = [await costOf(50), await costOf(1_000)];
    expect(many.lists).toBe(0);
    expect(many.visited).toBe(few.visited);
    expect(few.visited).toBeGreaterThan(20);
  });
});
