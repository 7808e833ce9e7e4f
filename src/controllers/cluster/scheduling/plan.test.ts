import { describe, expect, it } from 'vitest';
import type { CSIStorageCapacity, Node, Pod, PodSpec } from '#api/generated/kubernetes.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredClass } from '#testing/builders/class.ts';
import { type NodeOverrides, aStoredNode } from '#testing/builders/node.ts';
import { aStoredPod, type PodOverrides } from '#testing/builders/pod.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { schedulingView, type SmallCluster } from '#testing/scheduling-view.ts';
import { planPlacement } from './plan.ts';

const ZONE = 'topology.kubernetes.io/zone';
const HOST = 'kubernetes.io/hostname';
const ROOM = { cpu: '4', memory: '8Gi', pods: '110', 'example.com/gpu': '2' };

/** node-NAME in zone ZONE, with room. */
function node(name: string, rest: NodeOverrides & { readonly zone?: string; readonly room?: Readonly<Record<string, string>> } = {}): Node {
  const { zone, room = ROOM, labels } = rest;
  const made = aStoredNode({ ...rest, name, labels: { ...(zone === undefined ? {} : { [ZONE]: zone }), ...labels } });
  return { ...made, status: { ...made.status, allocatable: room } };
}

function asking(requests: Readonly<Record<string, string>>, rest: PodOverrides = {}): Pod {
  return aStoredPod({ ...rest, container: { resources: { requests } } });
}

function pod(spec: Partial<PodSpec>, rest: PodOverrides = {}): Pod {
  return aStoredPod({ ...rest, spec });
}

function app(name: string, nodeName: string, rest: PodOverrides = {}): Pod {
  return aStoredPod({ name, nodeName, labels: { app: 'web' }, ...rest });
}

const WEB = { matchLabels: { app: 'web' } };
const on = (name: string) => ({
  nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [{ key: HOST, operator: 'In', values: [name] }] }] } },
});
const local = aStoredClass({ name: 'local', provisioner: 'kubernetes.io/no-provisioner', bindingMode: 'WaitForFirstConsumer' });
const lvm = aStoredClass({ name: 'lvm', provisioner: 'lvm.example', bindingMode: 'WaitForFirstConsumer' });
const lvmDriver = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSIDriver',
  metadata: aStoredNode({ name: 'lvm.example' }).metadata,
  spec: { storageCapacity: true },
};
const free = (nodeName: string, capacity: string, rest: Partial<CSIStorageCapacity> = {}): CSIStorageCapacity => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'CSIStorageCapacity',
  metadata: aStoredClaim({ name: `lvm-${nodeName}` }).metadata,
  storageClassName: 'lvm',
  nodeTopology: { matchLabels: { [HOST]: nodeName } },
  capacity,
  ...rest,
});
const wants = (name: string, size: string, storageClassName: string) => aStoredClaim({ name, size, storageClassName });
const promised = aStoredClaim({
  name: 'one',
  size: '6Gi',
  storageClassName: 'lvm',
  annotations: { 'volume.kubernetes.io/selected-node': 'a' },
});
const available = { status: { phase: 'Available' } };

function place(subject: Pod, cluster: SmallCluster): string {
  const plan = planPlacement(subject, schedulingView(cluster));
  if (plan.kind === 'place') return plan.node.metadata.name;
  return plan.kind === 'unschedulable' ? plan.message : plan.kind;
}

interface Case {
  readonly name: string;
  readonly pod: Pod;
  readonly cluster: SmallCluster;
  readonly says: string;
}

describe('VOL-16: a pod that no node takes, in the words of upstream', () => {
  it.each<Case>([
    {
      name: 'resources, ports and taints, each node with its own reason',
      pod: asking({ cpu: '2' }, { labels: { app: 'web' } }),
      cluster: {
        nodes: [
          node('a'),
          node('b', { room: { ...ROOM, cpu: '1' } }),
          node('c', { spec: { taints: [{ key: 'gpu', effect: 'NoExecute' }] } }),
        ],
        pods: [asking({ cpu: '2500m' }, { name: 'other', nodeName: 'a' })],
      },
      says: '0/3 nodes are available: 1 node(s) had untolerated taint {gpu: }, 2 Insufficient cpu.',
    },
    {
      name: 'several resources of one node, extended ones too',
      pod: asking({ cpu: '5', memory: '9Gi', 'example.com/gpu': '3', 'example.com/none': '1' }),
      cluster: { nodes: [node('a')] },
      says: '0/1 nodes are available: 1 Insufficient cpu, 1 Insufficient example.com/gpu, 1 Insufficient example.com/none, 1 Insufficient memory.',
    },
    {
      name: 'the number of pods',
      pod: pod({}),
      cluster: { nodes: [node('a', { room: { ...ROOM, pods: '1' } })], pods: [app('other', 'a')] },
      says: '0/1 nodes are available: 1 Too many pods.',
    },
    {
      name: 'a port of the node',
      pod: pod({}, { container: { ports: [{ containerPort: 80, hostPort: 8080 }] } }),
      cluster: {
        nodes: [node('a')],
        pods: [app('other', 'a', { container: { ports: [{ containerPort: 1, hostPort: 8080, hostIP: '127.0.0.1' }] } })],
      },
      says: "0/1 nodes are available: 1 node(s) didn't have free ports for the requested pod ports.",
    },
    {
      name: 'a claim for one pod only',
      pod: pod({}),
      cluster: { nodes: [node('a')], rivals: ['other'] },
      says: '0/1 nodes are available: 1 node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod.',
    },
    {
      name: 'volumes that are elsewhere, and the example of two reasons',
      pod: asking({ cpu: '3' }, { claims: ['data'] }),
      cluster: {
        nodes: [node('a', { room: { ...ROOM, cpu: '2' } }), node('b'), node('c')],
        claims: [wants('data', '1Gi', 'local')],
        classes: [local],
      },
      says: "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't find available persistent volumes to bind.",
    },
    {
      name: 'a bound volume of another node',
      pod: aStoredPod({ claims: ['data'] }),
      cluster: {
        nodes: [node('a')],
        claims: [aStoredClaim({ volumeName: 'pv-1', annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } })],
        volumes: [aStoredVolume({ spec: on('b') })],
      },
      says: '0/1 nodes are available: 1 node(s) had volume node affinity conflict.',
    },
    {
      name: 'a class whose topologies leave the node out',
      pod: aStoredPod({ claims: ['data'] }),
      cluster: {
        nodes: [node('a'), node('b')],
        claims: [wants('data', '1Gi', 'lvm')],
        classes: [{ ...lvm, allowedTopologies: [{ matchLabelExpressions: [{ key: HOST, values: ['c', 'd'] }] }] }],
      },
      says: "0/2 nodes are available: 2 node(s) didn't find available persistent volumes to bind.",
    },
    {
      name: 'a claim whose volume is being made on another node',
      pod: aStoredPod({ claims: ['one'] }),
      cluster: { nodes: [node('b')], claims: [promised], classes: [lvm] },
      says: "0/1 nodes are available: 1 node(s) didn't find available persistent volumes to bind.",
    },
    {
      name: 'a driver that takes no more volumes there',
      pod: aStoredPod({ claims: ['data'] }),
      cluster: {
        nodes: [node('a')],
        claims: [wants('data', '1Gi', 'lvm'), aStoredClaim({ name: 'old', volumeName: 'pv-1' })],
        volumes: [aStoredVolume({ driver: 'lvm.example' })],
        classes: [lvm],
        pods: [aStoredPod({ name: 'other', nodeName: 'a', claims: ['old'] })],
        csiNodes: [
          {
            apiVersion: 'storage.k8s.io/v1',
            kind: 'CSINode',
            metadata: aStoredNode({ name: 'a' }).metadata,
            spec: { drivers: [{ name: 'lvm.example', nodeID: 'a', allocatable: { count: 1 } }] },
          },
        ],
      },
      says: '0/1 nodes are available: 1 node(s) exceed max volume count.',
    },
    {
      name: 'VOL-19: a driver whose one place there has a volume that is being taken off',
      pod: aStoredPod({ claims: ['data'] }),
      cluster: {
        nodes: [node('a')],
        claims: [wants('data', '1Gi', 'lvm')],
        volumes: [aStoredVolume({ driver: 'lvm.example' })],
        classes: [lvm],
        attachments: [
          {
            apiVersion: 'storage.k8s.io/v1',
            kind: 'VolumeAttachment',
            metadata: aStoredNode({ name: 'csi-1' }).metadata,
            spec: { attacher: 'lvm.example', nodeName: 'a', source: { persistentVolumeName: 'pv-1' } },
          },
        ],
        csiNodes: [
          {
            apiVersion: 'storage.k8s.io/v1',
            kind: 'CSINode',
            metadata: aStoredNode({ name: 'a' }).metadata,
            spec: { drivers: [{ name: 'lvm.example', nodeID: 'a', allocatable: { count: 1 } }] },
          },
        ],
      },
      says: '0/1 nodes are available: 1 node(s) exceed max volume count.',
    },
    {
      name: 'a driver that wants no pods where it is missing',
      pod: aStoredPod({ claims: ['data'] }),
      cluster: {
        nodes: [node('a'), node('b')],
        claims: [aStoredClaim({ volumeName: 'pv-1', annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } })],
        volumes: [aStoredVolume({ driver: 'lvm.example' })],
        csiDrivers: [{ ...lvmDriver, spec: { ...lvmDriver.spec, preventPodSchedulingIfMissing: true } }],
        csiNodes: [
          {
            apiVersion: 'storage.k8s.io/v1',
            kind: 'CSINode',
            metadata: aStoredNode({ name: 'a' }).metadata,
            spec: { drivers: [{ name: 'other.example', nodeID: 'a' }] },
          },
        ],
      },
      says: '0/2 nodes are available: 2 lvm.example CSI driver is not installed on the node.',
    },
    {
      name: 'room for a new volume',
      pod: aStoredPod({ claims: ['data'] }),
      cluster: {
        nodes: [node('a'), node('b')],
        claims: [wants('data', '10Gi', 'lvm')],
        classes: [lvm],
        csiDrivers: [lvmDriver],
        capacities: [free('a', '9Gi'), free('b', '100Gi', { maximumVolumeSize: '5Gi' })],
      },
      says: '0/2 nodes are available: 2 node(s) did not have enough free storage.',
    },
    {
      name: 'room for each new volume, but not for both together',
      pod: aStoredPod({ claims: ['one', 'two'] }),
      cluster: {
        nodes: [node('a')],
        claims: [wants('one', '6Gi', 'lvm'), wants('two', '6Gi', 'lvm')],
        classes: [lvm],
        csiDrivers: [lvmDriver],
        capacities: [free('a', '10Gi')],
      },
      says: '0/1 nodes are available: 1 node(s) did not have enough free storage.',
    },
    {
      name: 'room that was promised to a claim whose volume is being made',
      pod: aStoredPod({ claims: ['two'] }),
      cluster: {
        nodes: [node('a')],
        claims: [promised, wants('two', '6Gi', 'lvm')],
        classes: [lvm],
        csiDrivers: [lvmDriver],
        capacities: [free('a', '10Gi')],
      },
      says: '0/1 nodes are available: 1 node(s) did not have enough free storage.',
    },
    {
      name: 'one of two claims that has nothing: the other gets nothing either',
      pod: aStoredPod({ claims: ['one', 'two'] }),
      cluster: {
        nodes: [node('a')],
        claims: [wants('one', '1Gi', 'lvm'), wants('two', '1Gi', 'local')],
        classes: [lvm, local],
      },
      says: "0/1 nodes are available: 1 node(s) didn't find available persistent volumes to bind.",
    },
    {
      name: 'pods that it must be near, must not be near, or that must not be near it',
      pod: pod(
        {
          affinity: {
            podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: ZONE, labelSelector: WEB }] },
            podAntiAffinity: {
              requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: HOST, labelSelector: { matchLabels: { app: 'db' } } }],
            },
          },
        },
        { labels: { app: 'batch' } },
      ),
      cluster: {
        nodes: [node('a', { zone: 'x' }), node('b', { zone: 'x' }), node('c', { zone: 'y' })],
        pods: [
          app('web-1', 'a', {
            spec: {
              affinity: {
                podAntiAffinity: {
                  requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: HOST, labelSelector: { matchLabels: { app: 'batch' } } }],
                },
              },
            },
          }),
          app('db', 'b', { labels: { app: 'db' } }),
        ],
      },
      says: "0/3 nodes are available: 1 node(s) didn't match pod affinity rules, 1 node(s) didn't match pod anti-affinity rules, 1 node(s) didn't satisfy existing pods anti-affinity rules.",
    },
    {
      name: 'an even spread, and a node without the label',
      pod: pod(
        {
          nodeSelector: {},
          topologySpreadConstraints: [{ maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: 'DoNotSchedule', labelSelector: WEB }],
        },
        { labels: { app: 'web' } },
      ),
      cluster: {
        nodes: [node('a', { zone: 'x' }), node('b', { zone: 'y', spec: { unschedulable: true } }), node('c')],
        pods: [app('web-1', 'a')],
      },
      says: "0/3 nodes are available: 1 node(s) didn't match pod topology spread constraints, 1 node(s) didn't match pod topology spread constraints (missing required label), 1 node(s) were unschedulable.",
    },
    {
      name: 'fewer domains than asked for',
      pod: pod(
        {
          topologySpreadConstraints: [
            { maxSkew: 1, minDomains: 2, topologyKey: ZONE, whenUnsatisfiable: 'DoNotSchedule', labelSelector: WEB },
          ],
        },
        { labels: { app: 'web' } },
      ),
      cluster: { nodes: [node('a', { zone: 'x' })], pods: [app('web-1', 'a')] },
      says: "0/1 nodes are available: 1 node(s) didn't match pod topology spread constraints.",
    },
    {
      name: 'a node that is tainted because it is not ready, with what it says',
      pod: pod({}),
      cluster: {
        nodes: [
          node('a', {
            state: 'not-ready',
            message: 'no runc.',
            spec: { taints: [{ key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }] },
          }),
        ],
      },
      says: '0/1 nodes are available: 1 node(s) were not ready: no runc.',
    },
  ])('$name', ({ pod: subject, cluster, says }) => {
    expect(place(subject, cluster)).toBe(says);
  });
});

describe('VOL-16: the node that a pod gets', () => {
  it.each<Case>([
    { name: 'the first by name among equals', pod: pod({}), cluster: { nodes: [node('b'), node('a')] }, says: 'a' },
    {
      name: 'the one with more room',
      pod: asking({ cpu: '1' }),
      cluster: { nodes: [node('a'), node('b')], pods: [asking({ cpu: '2' }, { name: 'other', nodeName: 'a' })] },
      says: 'b',
    },
    {
      name: 'not one that pods are over on counts against',
      pod: asking({ cpu: '4' }),
      cluster: { nodes: [node('a')], pods: [asking({ cpu: '4' }, { name: 'other', nodeName: 'a', status: { phase: 'Succeeded' } })] },
      says: 'a',
    },
    {
      name: 'the one without a taint that says better not',
      pod: pod({}),
      cluster: { nodes: [node('a', { spec: { taints: [{ key: 'old', effect: 'PreferNoSchedule' }] } }), node('b')] },
      says: 'b',
    },
    {
      name: 'the preferred one',
      pod: pod({
        affinity: {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 5, preference: { matchExpressions: [{ key: 'disk', operator: 'In', values: ['ssd'] }] } },
            ],
          },
        },
      }),
      cluster: { nodes: [node('a'), node('b', { labels: { disk: 'ssd' } })] },
      says: 'b',
    },
    {
      name: 'one beside the pod that it likes',
      pod: pod({
        affinity: {
          podAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              {
                weight: 50,
                podAffinityTerm: { topologyKey: ZONE, labelSelector: WEB, namespaceSelector: { matchLabels: { team: 'shop' } } },
              },
            ],
          },
        },
      }),
      cluster: {
        nodes: [node('a', { zone: 'x' }), node('b', { zone: 'y' })],
        pods: [app('web', 'b', { namespace: 'shop' }), app('web', 'a', { namespace: 'other' })],
        namespaces: { shop: { team: 'shop' }, other: {} },
      },
      says: 'b',
    },
    {
      name: 'any for the first of pods that want to be together',
      pod: pod(
        { affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: HOST, labelSelector: WEB }] } } },
        { labels: { app: 'web' } },
      ),
      cluster: { nodes: [node('a')] },
      says: 'a',
    },
    {
      name: 'the emptier zone where the spread is a wish only',
      pod: pod(
        { topologySpreadConstraints: [{ maxSkew: 1, topologyKey: ZONE, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: WEB }] },
        { labels: { app: 'web' } },
      ),
      cluster: { nodes: [node('a', { zone: 'x' }), node('b', { zone: 'y' })], pods: [app('web-1', 'a'), app('x', 'b', { labels: {} })] },
      says: 'b',
    },
    {
      name: 'the zone with fewer of its own revision only',
      pod: pod(
        {
          topologySpreadConstraints: [
            { maxSkew: 1, topologyKey: HOST, whenUnsatisfiable: 'DoNotSchedule', labelSelector: WEB, matchLabelKeys: ['rev'] },
          ],
        },
        { labels: { app: 'web', rev: '2' } },
      ),
      cluster: {
        nodes: [node('a'), node('b')],
        pods: [
          app('web-1', 'a', { labels: { app: 'web', rev: '1' } }),
          app('web-2', 'a', { labels: { app: 'web', rev: '1' } }),
          app('web-3', 'b', { labels: { app: 'web', rev: '2' } }),
        ],
      },
      says: 'a',
    },
    {
      name: 'the one where more is left for new volumes',
      pod: aStoredPod({ claims: ['data'] }),
      cluster: {
        nodes: [node('a'), node('b')],
        claims: [wants('data', '10Gi', 'lvm')],
        classes: [lvm],
        csiDrivers: [lvmDriver],
        capacities: [free('a', '20Gi'), free('b', '200Gi')],
      },
      says: 'b',
    },
    {
      name: 'another one than that whose driver has refused the volume',
      pod: aStoredPod({ claims: ['data'] }),
      cluster: {
        nodes: [node('a'), node('b')],
        claims: [aStoredClaim({ name: 'data', storageClassName: 'lvm', annotations: { 'volumes.stowage.dev/refused-nodes': 'a' } })],
        classes: [lvm],
        csiDrivers: [lvmDriver],
        capacities: [free('a', '100Gi'), free('b', '10Gi')],
      },
      says: 'b',
    },
    {
      name: 'the best one again where each has refused the volume',
      pod: aStoredPod({ claims: ['data'] }),
      cluster: {
        nodes: [node('a'), node('b')],
        claims: [aStoredClaim({ name: 'data', storageClassName: 'lvm', annotations: { 'volumes.stowage.dev/refused-nodes': 'a,b' } })],
        classes: [lvm],
        csiDrivers: [lvmDriver],
        capacities: [free('a', '100Gi'), free('b', '10Gi')],
      },
      says: 'a',
    },
    {
      name: 'any where the driver publishes nothing',
      pod: aStoredPod({ claims: ['data'] }),
      cluster: { nodes: [node('a')], claims: [wants('data', '10Gi', 'lvm')], classes: [lvm] },
      says: 'a',
    },
    {
      name: 'the one whose volume is the tighter fit',
      pod: aStoredPod({ claims: ['data'] }),
      cluster: {
        nodes: [node('a'), node('b')],
        claims: [wants('data', '1Gi', 'local')],
        classes: [local],
        volumes: [
          aStoredVolume({ name: 'big', size: '10Gi', storageClassName: 'local', spec: on('a'), ...available }),
          aStoredVolume({ name: 'small', size: '1Gi', storageClassName: 'local', spec: on('b'), ...available }),
        ],
      },
      says: 'b',
    },
    {
      name: 'the only one that has volumes for all of its claims',
      pod: aStoredPod({ claims: ['one', 'two'] }),
      cluster: {
        nodes: [node('a'), node('b')],
        claims: [wants('one', '1Gi', 'local'), wants('two', '1Gi', 'local')],
        classes: [local],
        volumes: ['a', 'b', 'b'].map((name, index) =>
          aStoredVolume({ name: `pv-${index}`, size: '1Gi', storageClassName: 'local', spec: on(name), ...available }),
        ),
      },
      says: 'b',
    },
  ])('$name', ({ pod: subject, cluster, says }) => {
    expect(place(subject, cluster)).toBe(says);
  });

  it('gives the small claim the larger volume where the other claim can take nothing else', () => {
    const picky = aStoredClaim({
      name: 'picky',
      size: '2Gi',
      storageClassName: 'local',
      spec: { selector: { matchLabels: { disk: 'ssd' } } },
    });
    const labels = { disk: 'ssd' };
    const volumes = [
      aStoredVolume({ name: 'pv-a', size: '2Gi', storageClassName: 'local', labels, ...available }),
      aStoredVolume({ name: 'pv-b', size: '9Gi', storageClassName: 'local', ...available }),
    ];
    const view = schedulingView({ nodes: [node('a')], claims: [wants('easy', '1Gi', 'local'), picky], classes: [local], volumes });
    const plan = planPlacement(aStoredPod({ claims: ['easy', 'picky'] }), view);
    const chosen = plan.kind === 'place' ? plan.assignments.map(({ claim, volume }) => [claim.metadata.name, volume?.metadata.name]) : [];
    expect(chosen).toEqual([
      ['easy', 'pv-b'],
      ['picky', 'pv-a'],
    ]);
  });
});

it('leaves alone what is placed, over, gated or another scheduler’s', () => {
  const cluster = { nodes: [node('a')] };
  const plans = [
    pod({ nodeName: 'a' }),
    aStoredPod({ status: { phase: 'Failed' } }),
    pod({ schedulerName: 'other' }),
    pod({ schedulingGates: [{ name: 'later' }] }),
  ].map((subject) => place(subject, cluster));
  expect(plans).toEqual(['leave', 'leave', 'leave', 'gated']);
});
