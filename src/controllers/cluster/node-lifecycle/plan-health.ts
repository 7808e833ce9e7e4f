import { findCondition, isConditionTrue, withCondition } from '#api/conditions.ts';
import type { Lease, Node, NodeCondition, Taint } from '#api/generated/kubernetes.ts';
import { formatTime } from '#kit/clock.ts';
import { deepEqual } from '#kit/json.ts';
import { NOT_READY, PRESSURE_TAINTS, UNREACHABLE, UNSCHEDULABLE } from '../scheduling/taint-keys.ts';

/** What is looked at to judge a node. */
export interface HealthView {
  readonly lease: Lease | undefined;
  /** Since when somebody listens: silence before that proves nothing. */
  readonly listeningSinceMs: number;
  readonly nowMs: number;
  /** Whether another node is ready. */
  readonly hasReadyPeer: boolean;
}

/** What to write; absent parts are right as they are. */
export interface HealthPlan {
  readonly conditions?: readonly NodeCondition[];
  readonly taints?: readonly Taint[];
  /** Milliseconds until the node's silence means something; absent where it does already. */
  readonly silentInMs?: number;
}

/** Of a lease that does not say it (kubelet's nodeLeaseDurationSeconds). */
const LEASE_DURATION_SEC = 40;
const MANAGED: ReadonlySet<string> = new Set([NOT_READY, UNREACHABLE, UNSCHEDULABLE, ...PRESSURE_TAINTS.values()]);

/** Judges a node by its lease and by what it says of itself. Pure. */
export function planHealth(node: Node, view: HealthView): HealthPlan {
  const silentInMs = silentInMsOf(node, view);
  const before = node.status?.conditions ?? [];
  const conditions = silentInMs > 0 ? before : unknownConditions(before, view.nowMs);
  const taints = taintsFor(node, { ready: findCondition(conditions, 'Ready')?.status, conditions, ...view });
  return {
    ...(deepEqual(conditions, before) ? {} : { conditions }),
    ...(deepEqual(taints, node.spec.taints ?? []) ? {} : { taints }),
    ...(silentInMs > 0 ? { silentInMs } : {}),
  };
}

function silentInMsOf({ metadata }: Node, { lease, listeningSinceMs, nowMs }: HealthView): number {
  const { renewTime, leaseDurationSeconds = LEASE_DURATION_SEC } = lease?.spec ?? {};
  const heardMs = Math.max(listeningSinceMs, timeOf(renewTime), timeOf(metadata.creationTimestamp));
  return heardMs + leaseDurationSeconds * 1000 - nowMs;
}

/** Nothing that a silent node said of itself is known any more. */
function unknownConditions(before: readonly NodeCondition[], nowMs: number): readonly NodeCondition[] {
  const types = new Set(['Ready', ...before.map(({ type }) => type)]);
  return [...types].reduce(
    (conditions, type) =>
      findCondition(conditions, type)?.status === 'Unknown'
        ? conditions
        : withCondition(conditions, {
            ...findCondition(conditions, type),
            type,
            status: 'Unknown',
            reason: 'NodeStatusUnknown',
            message: 'Kubelet stopped posting node status.',
            lastTransitionTime: formatTime(nowMs),
          }),
    before,
  );
}

function taintsFor(
  node: Node,
  view: HealthView & { readonly ready: string | undefined; readonly conditions: readonly NodeCondition[] },
): readonly Taint[] {
  const existing = node.spec.taints ?? [];
  const pressed = [...PRESSURE_TAINTS].filter(([type]) => isConditionTrue(view.conditions, type));
  const pressures = pressed.map(([, key]) => ({ key, effect: 'NoSchedule' }));
  const wanted = [
    ...healthTaints(view),
    ...pressures,
    ...(node.spec.unschedulable === true ? [{ key: UNSCHEDULABLE, effect: 'NoSchedule' }] : []),
  ];
  const isSame = (a: Taint, b: Taint): boolean => a.key === b.key && a.effect === b.effect;
  // why both in their order: taints that are right stay where they are, so that an unchanged node is not written
  const kept = existing.filter((taint) => !MANAGED.has(taint.key) || wanted.some((one) => isSame(one, taint)));
  const fresh = wanted.filter((taint) => !existing.some((one) => isSame(one, taint)));
  return [...kept, ...fresh.map((taint) => ({ ...taint, timeAdded: formatTime(view.nowMs) }))];
}

function healthTaints({ ready, hasReadyPeer }: { readonly ready: string | undefined; readonly hasReadyPeer: boolean }): readonly Taint[] {
  if (ready === 'True' || ready === undefined) return [];
  const key = ready === 'Unknown' ? UNREACHABLE : NOT_READY;
  // why: where no node is ready, pods that are put out have nowhere to go (upstream's full disruption)
  return [{ key, effect: 'NoSchedule' }, ...(hasReadyPeer ? [{ key, effect: 'NoExecute' }] : [])];
}

function timeOf(text: string | undefined): number {
  const timeMs = Date.parse(text ?? '');
  return Number.isNaN(timeMs) ? 0 : timeMs;
}
