import { describe, expect, it } from 'vitest';
import type { Explanation } from '#api/explanation.ts';
import { wordsText } from '#api/explanation.ts';
import { trusted } from '#kit/json.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredClass } from '#testing/builders/class.ts';
import { aStoredNode } from '#testing/builders/node.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import {
  clusterOf,
  type Listed,
  csiNodeOf as csiNode,
  quotaOf as quota,
  textOfExplanation as textOf,
  waitingClaim as claim,
} from '#testing/builders/explained-cluster.ts';
import { explainNamespace } from './explain-namespace.ts';
import { explainNode } from './explain-node.ts';
import { explainStorageClass } from './explain-storage-class.ts';
import { explainVolume } from './explain-volume.ts';
import type { Cluster } from './cluster.ts';
import { waitingObjects } from './waiting-objects.ts';

const DRIVER = 'disk.example';
const ready = { conditions: [{ type: 'Ready', status: 'True' }], allocatable: { cpu: '2', memory: '1Gi', pods: '110' } };
const gone = { namespace: 'default', name: 'gone', uid: 'u' };

interface Case {
  readonly name: string;
  readonly cluster: Listed;
  readonly state: Explanation['state'];
  readonly says: readonly RegExp[];
}

async function check({ cluster, state, says }: Case, explain: (cluster: Cluster) => Explanation): Promise<void> {
  const explanation = explain(await clusterOf(cluster));
  for (const text of says) expect(textOf(explanation)).toMatch(text);
  expect(explanation.state).toBe(state);
}

describe('explainVolume', () => {
  it.each<Case>([
    { name: 'no such volume', cluster: {}, state: 'blocked', says: [/^persistentvolume pv-1 does not exist$/] },
    {
      name: 'free',
      cluster: { volumes: [aStoredVolume({ status: { phase: 'Available' } })] },
      state: 'fine',
      says: [/Available: no claim has it yet/, /reclaim policy +Retain/],
    },
    {
      name: 'bound',
      cluster: { volumes: [aStoredVolume({ status: { phase: 'Bound' }, claim: aStoredClaim({ name: 'data', uid: 'c' }) })] },
      state: 'fine',
      says: [/is Bound to the claim default\/data/],
    },
    {
      name: 'released and kept',
      cluster: { volumes: [aStoredVolume({ status: { phase: 'Released' }, spec: { claimRef: gone } })] },
      state: 'blocked',
      says: [/Released: its claim default\/gone is gone, and its data is kept/, /What helps: remove spec.claimRef.uid/],
    },
    {
      name: 'being emptied',
      cluster: {
        volumes: [aStoredVolume({ status: { phase: 'Released' }, spec: { claimRef: gone, persistentVolumeReclaimPolicy: 'Recycle' } })],
      },
      state: 'busy',
      says: [/the volume is being emptied/, /Recycle: it is emptied/],
    },
    {
      name: 'on its way out',
      cluster: {
        volumes: [aStoredVolume({ status: { phase: 'Released' }, spec: { claimRef: gone, persistentVolumeReclaimPolicy: 'Delete' } })],
      },
      state: 'busy',
      says: [/the volume is being deleted/],
    },
  ])('$name', (each) => check(each, (cluster) => explainVolume('pv-1', cluster)));
});

describe('explainStorageClass', () => {
  const fast = aStoredClass({ name: 'fast', provisioner: DRIVER });
  it.each<Case>([
    { name: 'no such class', cluster: { classes: [aStoredClass({ name: 'slow' })] }, state: 'blocked', says: [/there are: slow/] },
    {
      name: 'a driver that runs nowhere',
      cluster: { classes: [fast], claims: [claim({ storageClassName: 'fast' })] },
      state: 'blocked',
      says: [/can make no volumes: its driver disk.example is not there/, /claims +1 wait: default\/data/, /What helps: start the driver/],
    },
    {
      name: 'one that works',
      cluster: { classes: [fast], csiNodes: [csiNode(DRIVER)] },
      state: 'fine',
      says: [/makes volumes with driver disk.example/, /none waits/],
    },
  ])('$name', (each) => check(each, (cluster) => explainStorageClass('fast', cluster)));
});

describe('what the user may not list', () => {
  const unseen = (...kinds: readonly string[]): Promise<Cluster> => clusterOf({ unseen: new Set(kinds) });
  const unsaid = expect.stringMatching(/: you may not see all that decides over it[\s\S]*not visible to you/);
  it.each([
    { name: 'a node', explain: (cluster: Cluster) => explainNode('n', cluster), kind: 'nodes' },
    { name: 'a namespace', explain: (cluster: Cluster) => explainNamespace('n', cluster), kind: 'namespaces' },
    { name: 'a volume', explain: (cluster: Cluster) => explainVolume('n', cluster), kind: 'persistentvolumes' },
    { name: 'the drivers of a class', explain: (cluster: Cluster) => explainStorageClass('n', cluster), kind: 'csinodes' },
  ])('is told as such, not as missing: $name', async ({ explain, kind }) => {
    expect(textOf(explain(await unseen(kind)))).toEqual(unsaid);
  });
});

describe('explainNode', () => {
  const UNREACHABLE = {
    status: 'StorageUnreachable',
    reason: 'NoPath',
    message: 'both paths are down',
    accessMode: 'ReadWriteMany',
    lastTransitionTime: '2026-01-01T00:00:00Z',
  };
  const node = { ...aStoredNode({ name: 'node-1' }), status: ready };
  it.each<Case>([
    { name: 'no such node', cluster: {}, state: 'blocked', says: [/does not exist/] },
    {
      name: 'ready',
      cluster: { nodes: [node], csiNodes: [csiNode(DRIVER)] },
      state: 'fine',
      says: [/is ready/, /driver disk.example +is registered/, /cpu +0 of 2 asked for/],
    },
    {
      name: 'ready, with a driver whose storage it does not reach (VOL-19)',
      cluster: {
        nodes: [node],
        csiNodes: [{ ...csiNode(DRIVER), status: { storageHealth: [{ name: DRIVER, healthConditions: [UNREACHABLE] }] } }],
      },
      state: 'fine',
      says: [
        /is ready/,
        /storage of disk\.example +StorageUnreachable, NoPath, ReadWriteMany, since 2026-01-01T00:00:00Z: both paths are down/,
      ],
    },
    {
      name: 'cordoned',
      cluster: { nodes: [{ ...node, spec: { unschedulable: true } }] },
      state: 'blocked',
      says: [/marked unschedulable/, /kubectl uncordon node-1/],
    },
    {
      name: 'short of disk',
      cluster: { nodes: [{ ...node, spec: { taints: [{ key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule' }] } }] },
      state: 'blocked',
      says: [/takes no pods: it is tainted node.kubernetes.io\/disk-pressure:NoSchedule/],
    },
    {
      name: 'silent',
      cluster: { nodes: [{ ...node, status: { conditions: [{ type: 'Ready', status: 'Unknown', message: 'no word' }] } }] },
      state: 'blocked',
      says: [/takes no pods: is not ready: no word/, /What helps: start node node-1 again/],
    },
  ])('$name', (each) => check(each, (cluster) => explainNode('node-1', cluster)));
});

describe('what waits', () => {
  const none = (name: string) => claim({ name, uid: name, storageClassName: 'none' });
  const cluster: Listed = {
    namespaces: [trusted({ metadata: { name: 'default' }, status: { phase: 'Active' } })],
    claims: [
      none('b'),
      none('a'),
      claim({ name: 'c', uid: 'c', storageClassName: '' }),
      aStoredClaim({ name: 'ok', uid: 'ok', volumeName: 'v', status: { phase: 'Bound' } }),
    ],
    pods: [
      aStoredPod({ name: 'done', uid: 'p-1', nodeName: 'n', status: { phase: 'Succeeded' } }),
      aStoredPod({ name: 'crashing', uid: 'p-2', nodeName: 'n', status: crashing() }),
    ],
    nodes: [{ ...aStoredNode({ name: 'n' }), status: ready }],
  };

  it('is shown by what it waits for, the larger groups first, what needs nobody last', async () => {
    const { groups, unlooked } = waitingObjects(await clusterOf(cluster), '');
    expect(unlooked).toBe(0);
    expect(groups.map(({ cause, objects }) => [wordsText(cause, 'en'), objects])).toEqual([
      ['its class does not exist, and no volume of that class fits', ['pvc/a -n default', 'pvc/b -n default']],
      ['it asks for volumes without a class, and none fits', ['pvc/c -n default']],
      ['container main ended 7 times, last with exit code 3', ['pod/crashing -n default']],
    ]);
    expect(groups[2]?.remedies.map((remedy) => wordsText(remedy, 'en'))).toEqual([
      'kubectl logs crashing -n default -c main --previous has its last words',
    ]);
  });

  it('is shown apart where what helps differs', async () => {
    const named = (name: string, storageClassName: string) => claim({ name, uid: name, storageClassName });
    const { groups } = waitingObjects(await clusterOf({ claims: [named('a', 'gold'), named('b', 'silver')] }), '');
    expect(groups.map(({ remedies }) => remedies.map((remedy) => wordsText(remedy, 'en')).join())).toEqual([
      expect.stringContaining('class gold'),
      expect.stringContaining('class silver'),
    ]);
  });

  it('has the changes of bound claims, and no pod that is over', async () => {
    const bound = { phase: 'Bound', capacity: { storage: '1Mi' } };
    const growing = claim({ name: 'grows', uid: 'g', size: '2Mi', volumeName: 'v', status: bound });
    const failed = aStoredPod({ name: 'failed', uid: 'p', nodeName: 'n', status: { phase: 'Failed' } });
    const { groups } = waitingObjects(await clusterOf({ claims: [growing], pods: [failed] }), '');
    expect(groups.flatMap(({ objects }) => objects)).toEqual(['pvc/grows -n default']);
  });

  it('is counted where it is more than is looked at', async () => {
    const claims = Array.from({ length: 510 }, (_, index) => none(`c-${index}`));
    expect(waitingObjects(await clusterOf({ claims }), '').unlooked).toBe(10);
  });

  it('is what a namespace is blocked by, beside its quotas', async () => {
    const used = await clusterOf({ ...cluster, quotas: [quota({ hard: { pods: '2' }, used: { pods: '2' } })] });
    const text = textOf(explainNamespace('default', used));
    expect(text).toMatch(/^namespace default is Active, and 4 of its claims and pods wait/);
    expect(text).toMatch(/pvc\/a +its class does not exist/);
    expect(text).toMatch(/resourcequota q +pods is used up: 2 of 2/);
    expect(textOf(explainNamespace('nowhere', used))).toContain('namespace nowhere does not exist');
  });

  function crashing(): object {
    const lastState = { terminated: { exitCode: 3, reason: 'Error', message: 'starting\nno such file\n' } };
    const state = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } };
    return {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'False' }],
      containerStatuses: [{ name: 'main', image: '', imageID: '', ready: false, restartCount: 7, state, lastState }],
    };
  }
});
