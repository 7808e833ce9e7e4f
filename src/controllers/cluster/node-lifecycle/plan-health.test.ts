import { describe, expect, it } from 'vitest';
import type { Lease, Node, Taint } from '#api/generated/kubernetes.ts';
import { formatMicroTime, formatTime } from '#kit/clock.ts';
import { trusted } from '#kit/json.ts';
import { aStoredNode } from '#testing/builders/node.ts';
import { type HealthView, planHealth } from './plan-health.ts';
import { NOT_READY, UNREACHABLE, UNSCHEDULABLE } from '../scheduling/taint-keys.ts';

const NOW_MS = Date.parse('2026-01-01T01:00:00Z');
const NOW = formatTime(NOW_MS);
const own: Taint = { key: 'mine', effect: 'NoExecute' };
const both = (key: string): readonly Taint[] => [
  { key, effect: 'NoSchedule', timeAdded: NOW },
  { key, effect: 'NoExecute', timeAdded: NOW },
];

function view(heardAgoSec: number, over: Partial<HealthView> = {}): HealthView {
  const spec = { renewTime: formatMicroTime(NOW_MS - heardAgoSec * 1000), leaseDurationSeconds: 40 };
  return { lease: trusted<Lease>({ spec }), listeningSinceMs: 0, nowMs: NOW_MS, hasReadyPeer: true, ...over };
}

const ready = aStoredNode();
const sick = aStoredNode({ state: 'not-ready' });
const tainted = (taints: readonly Taint[]): Node => aStoredNode({ spec: { taints } });

function pressed(type: string, status: string): Node {
  return { ...ready, status: { ...ready.status, conditions: [...(ready.status?.conditions ?? []), { type, status }] } };
}

describe('VOL-17: what a silent or a sick node gets', () => {
  it.each<{ name: string; node: Node; view: HealthView; taints?: readonly Taint[]; silentInMs?: number }>([
    { name: 'a node that was heard of', node: ready, view: view(10), silentInMs: 30_000 },
    { name: 'a node that says it is not ready', node: sick, view: view(10), taints: both(NOT_READY), silentInMs: 30_000 },
    { name: 'a silent node', node: ready, view: view(40), taints: both(UNREACHABLE) },
    {
      name: 'a silent node without ready peers: nobody is put out',
      node: ready,
      view: view(40, { hasReadyPeer: false }),
      taints: both(UNREACHABLE).slice(0, 1),
    },
    { name: 'silence before anybody listened', node: ready, view: view(4_000, { listeningSinceMs: NOW_MS - 1_000 }), silentInMs: 39_000 },
    { name: 'a node that is back', node: tainted(both(UNREACHABLE)), view: view(1), taints: [], silentInMs: 39_000 },
    {
      name: 'a node that is back, with taints of others',
      node: tainted([own, ...both(NOT_READY)]),
      view: view(1),
      taints: [own],
      silentInMs: 39_000,
    },
    {
      name: 'a sick node that is silent now',
      node: aStoredNode({ state: 'not-ready', spec: { taints: both(NOT_READY) } }),
      view: view(50),
      taints: both(UNREACHABLE),
    },
    {
      name: 'a node that takes no pods',
      node: aStoredNode({ spec: { unschedulable: true } }),
      view: view(10),
      taints: [{ key: UNSCHEDULABLE, effect: 'NoSchedule', timeAdded: NOW }],
      silentInMs: 30_000,
    },
    {
      name: 'a node whose disk is full',
      node: pressed('DiskPressure', 'True'),
      view: view(10),
      taints: [{ key: 'node.kubernetes.io/disk-pressure', effect: 'NoSchedule', timeAdded: NOW }],
      silentInMs: 30_000,
    },
    {
      name: 'a node that has memory again',
      node: {
        ...pressed('MemoryPressure', 'False'),
        spec: { taints: [{ key: 'node.kubernetes.io/memory-pressure', effect: 'NoSchedule' }, own] },
      },
      view: view(10),
      taints: [own],
      silentInMs: 30_000,
    },
  ])('$name', ({ node, view: seen, taints, silentInMs }) => {
    const plan = planHealth(node, seen);
    expect(plan.taints).toEqual(taints);
    expect(plan.silentInMs).toBe(silentInMs);
  });

  it('its conditions are unknown, each since now', () => {
    expect(planHealth(ready, view(40)).conditions).toEqual([
      {
        type: 'Ready',
        status: 'Unknown',
        reason: 'NodeStatusUnknown',
        message: 'Kubelet stopped posting node status.',
        lastTransitionTime: NOW,
      },
    ]);
  });

  it('a lease that says how long it holds is believed', () => {
    const lease = trusted<Lease>({ spec: { renewTime: formatMicroTime(NOW_MS - 5_000), leaseDurationSeconds: 4 } });
    expect(planHealth(ready, view(0, { lease })).conditions).toHaveLength(1);
  });

  it('asks for nothing where everything is said already', () => {
    const done: Node = {
      ...aStoredNode({ spec: { taints: both(UNREACHABLE) } }),
      status: { conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }] },
    };
    expect(planHealth(done, view(100))).toEqual({});
  });
});
