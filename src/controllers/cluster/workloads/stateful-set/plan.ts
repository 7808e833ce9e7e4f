import type { Pod, StatefulSet, StatefulSetStatus } from '#api/generated/kubernetes.ts';
import { isOver, isReady, msUntilAvailable } from '../pod-facts.ts';
import { shareOf } from '../share.ts';
import { identityLabels, ordinalOf, revisionOf } from './identity.ts';

/** One step; each idempotent. */
export type PodAction =
  | { readonly kind: 'create'; readonly ordinal: number; readonly revision: 'current' | 'update' }
  /** `isCondemned`: the set has fewer pods now. */
  | { readonly kind: 'delete'; readonly pod: Pod; readonly ordinal: number; readonly isCondemned: boolean }
  | { readonly kind: 'label'; readonly pod: Pod; readonly labels: Readonly<Record<string, string>> };

/** What a plan is made from. */
export interface StatefulSetView {
  readonly pods: readonly Pod[];
  readonly isGoing: (pod: Pod) => boolean;
  /** Names of the revisions. */
  readonly current: string;
  readonly update: string;
  readonly nowMs: number;
}

/** The number of the first pod, and the one after the last. */
export function rangeOf({ spec }: StatefulSet): { readonly start: number; readonly end: number } {
  const start = spec.ordinals?.start ?? 0;
  return { start, end: start + (spec.replicas ?? 1) };
}

/** What to do with the pods of `set` now (stateful_set_control.go `updateStatefulSet`). Pure. */
export function planPods(set: StatefulSet, view: StatefulSetView): readonly PodAction[] {
  if (set.metadata.deletionTimestamp !== undefined) return [];
  return new PodPlan(set, view).actions();
}

class PodPlan {
  readonly #set: StatefulSet;
  readonly #view: StatefulSetView;
  readonly #isOrdered: boolean;
  readonly #byOrdinal: ReadonlyMap<number, Pod>;
  readonly #actions: PodAction[] = [];

  constructor(set: StatefulSet, view: StatefulSetView) {
    this.#set = set;
    this.#view = view;
    this.#isOrdered = set.spec.podManagementPolicy !== 'Parallel';
    this.#byOrdinal = new Map(view.pods.map((pod) => [ordinalOf(set, pod) ?? -1, pod]));
  }

  actions(): readonly PodAction[] {
    if (this.#fill() && this.#shrink()) this.#renew();
    return this.#actions;
  }

  /** Every number has a pod; in order, where that was asked for. False = wait. */
  #fill(): boolean {
    const { start, end } = rangeOf(this.#set);
    for (let ordinal = start; ordinal < end; ordinal += 1) {
      const pod = this.#byOrdinal.get(ordinal);
      const isSettled = pod === undefined ? this.#create(ordinal) : this.#keep(pod, ordinal);
      if (!isSettled && this.#isOrdered) return false;
    }
    return true;
  }

  #create(ordinal: number): boolean {
    const { updateStrategy } = this.#set.spec;
    const isHeldBack =
      updateStrategy?.type === 'RollingUpdate' && ordinal < rangeOf(this.#set).start + (updateStrategy.rollingUpdate?.partition ?? 0);
    this.#actions.push({ kind: 'create', ordinal, revision: isHeldBack ? 'current' : 'update' });
    return false;
  }

  #keep(pod: Pod, ordinal: number): boolean {
    if (this.#view.isGoing(pod)) return false;
    if (isOver(pod)) {
      this.#actions.push({ kind: 'delete', pod, ordinal, isCondemned: false });
      return false;
    }
    const labels = identityLabels(this.#set, ordinal);
    if (Object.entries(labels).some(([key, value]) => pod.metadata.labels?.[key] !== value))
      this.#actions.push({ kind: 'label', pod, labels });
    return this.#isAvailable(pod);
  }

  /** Pods beyond the last number go, the highest first; in order, each only when all others are well. False = wait. */
  #shrink(): boolean {
    const { start, end } = rangeOf(this.#set);
    const condemned = [...this.#byOrdinal]
      .filter(([ordinal]) => ordinal >= 0 && (ordinal < start || ordinal >= end))
      .toSorted(([a], [b]) => b - a);
    const lowestIll = condemned.findLast(([, pod]) => !this.#isHealthy(pod))?.[1];
    for (const [ordinal, pod] of condemned) {
      if (this.#view.isGoing(pod)) {
        if (this.#isOrdered) return false;
        continue;
      }
      if (this.#isOrdered && !this.#isHealthy(pod) && pod !== lowestIll) return false;
      this.#actions.push({ kind: 'delete', pod, ordinal, isCondemned: true });
      if (this.#isOrdered) return false;
    }
    return true;
  }

  /** Pods of an older template are replaced, the highest number first, each only when those above are well. */
  #renew(): void {
    const { updateStrategy, replicas = 1 } = this.#set.spec;
    if (updateStrategy?.type !== 'RollingUpdate') return;
    const { start, end } = rangeOf(this.#set);
    const { partition = 0, maxUnavailable } = updateStrategy.rollingUpdate ?? {};
    const limit = Math.max(1, shareOf(maxUnavailable ?? 1, replicas, 'up'));
    let unavailable = 0;
    for (let ordinal = end - 1; ordinal >= start + partition && unavailable < limit; ordinal -= 1) {
      const pod = this.#byOrdinal.get(ordinal);
      if (pod === undefined || !this.#isUpToDate(pod, ordinal)) unavailable += 1;
    }
  }

  /** True for a pod of the newest template that is well; one of an older template is deleted. */
  #isUpToDate(pod: Pod, ordinal: number): boolean {
    const isOld = this.#isOld(pod);
    if (isOld) this.#actions.push({ kind: 'delete', pod, ordinal, isCondemned: false });
    return !isOld && this.#isHealthy(pod) && this.#isAvailable(pod);
  }

  #isOld(pod: Pod): boolean {
    return revisionOf(pod) !== this.#view.update && !this.#view.isGoing(pod) && !isOver(pod);
  }

  #isHealthy(pod: Pod): boolean {
    return isReady(pod) && !this.#view.isGoing(pod);
  }

  #isAvailable(pod: Pod): boolean {
    return msUntilAvailable(pod, this.#set.spec.minReadySeconds ?? 0, this.#view.nowMs) === 0;
  }
}

/** The status of `set`, and when it changes next by itself (stateful_set_control.go). Pure. */
export function statefulSetStatus(
  set: StatefulSet,
  view: StatefulSetView & { readonly collisionCount: number | undefined; readonly conditions: StatefulSetStatus['conditions'] },
): { readonly status: StatefulSetStatus; readonly nextMs?: number } {
  const { pods, isGoing, current, update, nowMs, collisionCount, conditions } = view;
  const members = pods.filter((pod) => ordinalOf(set, pod) !== undefined);
  const waits = members.map((pod) => msUntilAvailable(pod, set.spec.minReadySeconds ?? 0, nowMs)).filter((wait) => wait !== undefined);
  const { start, end } = rangeOf(set);
  const inRange = members.filter((pod) => {
    const ordinal = ordinalOf(set, pod) ?? -1;
    return ordinal >= start && ordinal < end;
  });
  const staying = inRange.filter((pod) => !isGoing(pod));
  const count = (revision: string): number => staying.filter((pod) => revisionOf(pod) === revision).length;
  const readyReplicas = members.filter(isReady).length;
  const updatedReplicas = count(update);
  // why: when the last pod is renewed, the new template is the one that the set has
  const isComplete =
    current !== update &&
    set.spec.updateStrategy?.type === 'RollingUpdate' &&
    updatedReplicas === members.length &&
    readyReplicas === members.length;
  const status: StatefulSetStatus = {
    replicas: members.length,
    readyReplicas,
    availableReplicas: waits.filter((wait) => wait === 0).length,
    currentReplicas: isComplete ? updatedReplicas : count(current),
    updatedReplicas,
    currentRevision: isComplete ? update : current,
    updateRevision: update,
    observedGeneration: set.metadata.generation,
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(conditions === undefined ? {} : { conditions }),
  };
  const pending = waits.filter((wait) => wait > 0);
  return { status, ...(pending.length === 0 ? {} : { nextMs: Math.min(...pending) }) };
}
