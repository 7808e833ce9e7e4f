import { describe, expect, it } from 'vitest';
import type { Node, Pod, PodDisruptionBudget } from '#api/generated/kubernetes.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { aStoredNode } from '#testing/builders/node.ts';
import { aStoredPod, type PodOverrides } from '#testing/builders/pod.ts';
import { aStoredVolume } from '#testing/builders/volume.ts';
import { schedulingView, type SmallCluster } from '#testing/scheduling-view.ts';
import { planPreemption, PREEMPTION_REASON } from './preemption.ts';

function node(name: string, cpu = '2'): Node {
  const made = aStoredNode({ name });
  return { ...made, status: { ...made.status, allocatable: { cpu, memory: '8Gi', pods: '110' } } };
}

interface Asked extends PodOverrides {
  readonly cpu?: string;
  readonly priority?: number;
  readonly deletionTimestamp?: string;
}

function pod(name: string, { cpu = '1', priority = 0, ...rest }: Asked = {}): Pod {
  const made = aStoredPod({ ...rest, name, uid: name, container: { resources: { requests: { cpu } } } });
  const { deletionTimestamp } = rest;
  return {
    ...made,
    metadata: { ...made.metadata, ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }) },
    spec: { ...made.spec, priority },
  };
}

function budget(app: string, disruptionsAllowed: number): PodDisruptionBudget {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: aStoredClaim({ name: app }).metadata,
    spec: { selector: { matchLabels: { app } } },
    status: { disruptionsAllowed, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
  };
}

const started = (time: string): PodOverrides => ({ status: { startTime: time } });
const leaving: Asked = {
  nodeName: 'a',
  deletionTimestamp: '2026-01-01T00:00:00Z',
  status: { conditions: [{ type: 'DisruptionTarget', status: 'True', reason: PREEMPTION_REASON }] },
};

interface Case {
  readonly name: string;
  readonly pod: Pod;
  readonly cluster: SmallCluster;
  readonly budgets?: readonly PodDisruptionBudget[];
  readonly says: string;
}

describe('VOL-16: who leaves for a pod of higher priority', () => {
  it.each<Case>([
    {
      name: 'the one of lower priority',
      pod: pod('high', { cpu: '2', priority: 10 }),
      cluster: { nodes: [node('a')], pods: [pod('low', { nodeName: 'a' })] },
      says: 'a: low',
    },
    {
      name: 'nobody of the same priority',
      pod: pod('high', { cpu: '2', priority: 10 }),
      cluster: { nodes: [node('a')], pods: [pod('same', { nodeName: 'a', priority: 10 })] },
      says: 'none',
    },
    {
      name: 'nobody for a pod whose class says Never',
      pod: pod('high', { cpu: '2', priority: 10, spec: { preemptionPolicy: 'Never' } }),
      cluster: { nodes: [node('a')], pods: [pod('low', { nodeName: 'a' })] },
      says: 'none',
    },
    {
      name: 'nobody where the room would not do anyhow',
      pod: pod('high', { cpu: '3', priority: 10 }),
      cluster: { nodes: [node('a')], pods: [pod('low', { nodeName: 'a' })] },
      says: 'none',
    },
    {
      name: 'the less important one, and of equals the younger',
      pod: pod('high', { priority: 10 }),
      cluster: {
        nodes: [node('a', '3')],
        pods: [
          pod('five', { nodeName: 'a', priority: 5 }),
          pod('old', { nodeName: 'a', ...started('2026-01-01T00:00:00Z') }),
          pod('young', { nodeName: 'a', ...started('2026-01-02T00:00:00Z') }),
        ],
      },
      says: 'a: young',
    },
    {
      name: 'one that no budget protects before one that a budget does',
      pod: pod('high', { priority: 10 }),
      cluster: {
        nodes: [node('a')],
        pods: [
          pod('shielded', { nodeName: 'a', labels: { app: 'db' }, ...started('2026-01-02T00:00:00Z') }),
          pod('free', { nodeName: 'a', ...started('2026-01-01T00:00:00Z') }),
        ],
      },
      budgets: [budget('db', 0)],
      says: 'a: free',
    },
    {
      name: 'one that only a budget of another namespace is for',
      pod: pod('high', { priority: 10 }),
      cluster: {
        nodes: [node('a')],
        pods: [
          pod('young', { nodeName: 'a', labels: { app: 'db' }, ...started('2026-01-02T00:00:00Z') }),
          pod('old', { nodeName: 'a', ...started('2026-01-01T00:00:00Z') }),
        ],
      },
      budgets: [{ ...budget('db', 0), metadata: aStoredClaim({ name: 'db', namespace: 'elsewhere' }).metadata }],
      says: 'a: young',
    },
    {
      name: 'one that a budget protects where there is no other way',
      pod: pod('high', { cpu: '2', priority: 10 }),
      cluster: { nodes: [node('a')], pods: [pod('shielded', { nodeName: 'a', labels: { app: 'db' } })] },
      budgets: [budget('db', 0)],
      says: 'a: shielded',
    },
    {
      name: 'on the node whose victims matter least',
      pod: pod('high', { cpu: '2', priority: 10 }),
      cluster: {
        nodes: [node('a'), node('b'), node('c')],
        pods: [
          pod('five', { nodeName: 'a', priority: 5 }),
          pod('b1', { nodeName: 'b' }),
          pod('b2', { nodeName: 'b' }),
          pod('c1', { nodeName: 'c' }),
        ],
      },
      says: 'c: c1',
    },
    {
      name: 'the one that uses a claim for one pod only',
      pod: pod('high', { priority: 10, claims: ['data'] }),
      cluster: {
        nodes: [node('a')],
        pods: [pod('low', { nodeName: 'a', claims: ['data'] })],
        claims: [
          aStoredClaim({ accessModes: ['ReadWriteOncePod'], volumeName: 'v', annotations: { 'pv.kubernetes.io/bind-completed': 'yes' } }),
        ],
        volumes: [aStoredVolume({ name: 'v' })],
        rivals: ['low'],
      },
      says: 'a: low',
    },
    {
      name: 'nobody while those that had to leave are leaving',
      pod: pod('high', { cpu: '2', priority: 10, status: { nominatedNodeName: 'a' } }),
      cluster: { nodes: [node('a'), node('b')], pods: [pod('low', leaving), pod('other', { nodeName: 'b' })] },
      says: 'wait',
    },
    {
      name: 'somebody else while those that had to leave a node are leaving for ever, since the node is out of order',
      pod: pod('high', { cpu: '2', priority: 10, status: { nominatedNodeName: 'a' } }),
      cluster: {
        nodes: [{ ...node('a'), spec: { unschedulable: true } }, node('b')],
        pods: [pod('low', leaving), pod('other', { nodeName: 'b' })],
      },
      says: 'b: other',
    },
    {
      name: 'somebody else where the nominated node was taken meanwhile',
      pod: pod('high', { cpu: '2', priority: 10, status: { nominatedNodeName: 'a' } }),
      cluster: { nodes: [node('a'), node('b')], pods: [pod('higher', { nodeName: 'a', priority: 20 }), pod('other', { nodeName: 'b' })] },
      says: 'b: other',
    },
  ])('$name', ({ pod: subject, cluster, budgets = [], says }) => {
    const plan = planPreemption(subject, schedulingView(cluster), (namespace) =>
      budgets.filter(({ metadata }) => metadata.namespace === namespace),
    );
    const said =
      plan.kind === 'preempt' ? `${plan.node.metadata.name}: ${plan.victims.map(({ metadata }) => metadata.name).join(' ')}` : plan.kind;
    expect(said).toBe(says);
  });
});
