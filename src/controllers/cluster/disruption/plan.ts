import { withCondition } from '#api/conditions.ts';
import { isPodHealthy } from '#api/disruption.ts';
import type { Condition, Pod, PodDisruptionBudget, PodDisruptionBudgetStatus } from '#api/generated/kubernetes.ts';
import { formatTime } from '#kit/clock.ts';
import { shareOf } from '../workloads/share.ts';

/** How long an eviction may take to show as a deletion, in milliseconds (disruption controller `DeletionTimeout`). */
const DELETION_TIMEOUT_MS = 120_000;

/** What the status of a budget follows from. */
export interface BudgetInput {
  /** The pods that the budget is for. */
  readonly pods: readonly Pod[];
  /** How many pods there should be, by what their controllers ask for. */
  readonly expected: number;
  readonly nowMs: number;
}

/** The status of a budget (kube-controller-manager's `disruption` controller). */
export function planBudget(budget: PodDisruptionBudget, input: BudgetInput): PodDisruptionBudgetStatus {
  const { pods, nowMs } = input;
  const disrupted = stillDisrupted(budget, pods, nowMs);
  const expectedPods = needsScale(budget) ? input.expected : pods.length;
  const currentHealthy = pods.filter((pod) => isPodHealthy(pod) && disrupted[pod.metadata.name] === undefined).length;
  const desiredHealthy = desiredOf(budget, expectedPods);
  const isSufficient = expectedPods > 0 && currentHealthy > desiredHealthy;
  const condition: Condition = {
    type: 'DisruptionAllowed',
    status: isSufficient ? 'True' : 'False',
    reason: isSufficient ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    observedGeneration: budget.metadata.generation,
    lastTransitionTime: formatTime(nowMs),
  };
  return {
    ...(Object.keys(disrupted).length === 0 ? {} : { disruptedPods: disrupted }),
    observedGeneration: budget.metadata.generation,
    disruptionsAllowed: expectedPods > 0 ? Math.max(0, currentHealthy - desiredHealthy) : 0,
    currentHealthy,
    desiredHealthy,
    expectedPods,
    conditions: withCondition(budget.status?.conditions, condition),
  };
}

/** True where the budget counts against what controllers ask for, not against the pods that there are. */
function needsScale({ spec }: PodDisruptionBudget): boolean {
  return spec.maxUnavailable !== undefined || typeof spec.minAvailable === 'string';
}

function desiredOf({ spec }: PodDisruptionBudget, expected: number): number {
  if (spec.maxUnavailable !== undefined) return Math.max(0, expected - shareOf(spec.maxUnavailable, expected, 'up'));
  return shareOf(spec.minAvailable, expected, 'up');
}

/** Pods whose eviction was granted and whose deletion is not seen yet. */
function stillDisrupted({ status }: PodDisruptionBudget, pods: readonly Pod[], nowMs: number): Readonly<Record<string, string>> {
  const there = new Map(pods.map((pod) => [pod.metadata.name, pod]));
  return Object.fromEntries(
    Object.entries(status?.disruptedPods ?? {}).filter(([name, time]) => {
      const pod = there.get(name);
      return pod !== undefined && pod.metadata.deletionTimestamp === undefined && Date.parse(time) + DELETION_TIMEOUT_MS > nowMs;
    }),
  );
}
