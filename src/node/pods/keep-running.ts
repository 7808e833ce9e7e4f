import type { Pod } from '#api/generated/kubernetes.ts';
import { deadlineMsOf } from '../status/active-deadline.ts';
import { type EnsurePreparedTools, ensurePrepared, refreshFiles } from './ensure-prepared.ts';
import { evictOverfull, type EvictionTools, nextMeasureMs } from './evict-overfull.ts';
import { type GrowingTools, growVolumes } from './grow-volumes.ts';
import { nextLookMs } from './next-look.ts';
import type { PodPlan } from './plan.ts';
import type { KnownPod } from './pod-snapshot.ts';
import { startPlanned, type StartTools } from './start-planned.ts';
import { applyPlan, type StopTools } from './stop-pod.ts';
import { writeStatus } from './write-status.ts';

/** What a pod that runs needs of its node. */
export interface RunningTools extends EnsurePreparedTools, StartTools, StopTools, EvictionTools, GrowingTools {
  readonly volumes: EnsurePreparedTools['volumes'] & StartTools['volumes'] & GrowingTools['volumes'];
  readonly network: EnsurePreparedTools['network'];
  readonly client: EvictionTools['client'];
  /** The pod as the API has it now, if it is (still) on this node. */
  readonly findPod: (uid: string) => Pod | undefined;
}

/** An evicted pod is ended when its new phase is seen, or after this long. */
const EVICTED_RECHECK_MS = 100;

/** Does what the plan says, looks after what runs and writes the status; answers after how many milliseconds to look again, or that the pod is over. */
export async function keepRunning(tools: RunningTools, on: KnownPod, plan: PodPlan): Promise<number | 'over'> {
  const starts = plan.actions.filter((action) => action.kind === 'start');
  if (starts.length > 0 && (await ensurePrepared(tools, on))) {
    // why: volumes may take minutes, and a pod that was deleted meanwhile is not to be started
    if (tools.findPod(on.uid) !== on.pod) return 0;
    for (const start of starts) await startPlanned(tools, on, start);
  }
  await applyPlan(tools, on, plan);
  await refreshFiles(tools, on);
  if (await evictOverfull(tools, on)) return EVICTED_RECHECK_MS;
  await growVolumes(tools, { ...on, signal: tools.signal });
  await writeStatus(tools, on, { isOver: plan.stage === 'over' });
  return plan.stage === 'over' ? 'over' : nextLook(on, { plan, nowMs: tools.clock.nowMs() });
}

function nextLook(on: KnownPod, { plan, nowMs }: { readonly plan: PodPlan; readonly nowMs: number }): number {
  const { memory, observed } = on;
  const times = [nextMeasureMs(on), deadlineMsOf(on.pod)].filter((atMs) => atMs !== undefined);
  const problems = [...memory.containerProblems.values(), memory.podProblem, memory.growthProblem].filter(
    (problem) => problem !== undefined,
  );
  return nextLookMs({
    nowMs,
    wakeAtMs: plan.wakeAtMs,
    retryAtMs: [...problems.map((problem) => problem.retryAtMs), ...times],
    isStarting: [...observed.values()].some((container) => container.latest?.state.phase === 'starting'),
  });
}
