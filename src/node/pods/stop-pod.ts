import { isPresent } from '#linux/small-files.ts';
import { endContainer, type EndingTools } from './end-container.ts';
import type { HookRuns } from './hook-runs.ts';
import { STARTING_CHECK_MS } from './next-look.ts';
import { type PodPlan, planStopping } from './plan.ts';
import type { Ending } from './plan-step.ts';
import { failedKill, killing } from '../status/pod-events.ts';
import type { PodSnapshot } from './pod-snapshot.ts';
import type { RunWatches } from './run-watches.ts';
import { type TearDownExtent, tearDownPod, type TearDownTools } from './tear-down.ts';
import { type SilenceTools, tellingSilence } from './tell-silence.ts';
import { type StatusTools, writeStatus } from './write-status.ts';

/** What ending containers needs. */
export interface StopTools extends EndingTools, StatusTools, Pick<SilenceTools, 'events'> {
  readonly hooks: EndingTools['hooks'] & Pick<HookRuns, 'postStart'>;
}

/** What clearing away needs. */
export interface ClearTools extends SilenceTools, TearDownTools {
  readonly volumes: SilenceTools['volumes'] & TearDownTools['volumes'];
  readonly watches: Pick<RunWatches, 'removeBelow'>;
  readonly signal: AbortSignal;
}

/** Ends what runs; undefined when nothing does, else after how many milliseconds to look again. */
export async function stopPod(tools: StopTools, on: PodSnapshot, ending: Ending): Promise<number | undefined> {
  const nowMs = tools.clock.nowMs();
  const plan = planStopping(on.observed, { ...ending, nowMs });
  await applyPlan(tools, on, plan);
  if (plan.stage === 'over') return undefined;
  if (on.pod !== undefined) await writeStatus(tools, { ...on, pod: on.pod }, {});
  return Math.max(0, (plan.wakeAtMs ?? nowMs + STARTING_CHECK_MS) - nowMs);
}

/** Does what the plan says, but starts nothing. */
export async function applyPlan(tools: StopTools, on: PodSnapshot, plan: PodPlan): Promise<void> {
  const { hooks, events } = tools;
  const { pod, paths, memory } = on;
  for (const action of plan.actions) {
    if (action.kind === 'start') continue;
    if (action.kind === 'post-start') {
      if (pod !== undefined) hooks.postStart({ ...action, pod, paths });
      continue;
    }
    if (pod !== undefined && memory.isNews(`killing/${action.container}/${action.run.record.attempt}`))
      events.record(killing(pod, action.container, action.why));
    await endContainer(tools, { pod, paths }, action);
  }
}

/** Clears away what a pod without running containers has outside. */
export async function clearPod(tools: ClearTools, on: PodSnapshot, extent: Exclude<TearDownExtent, 'pause'>): Promise<void> {
  const { pod, paths, memory } = on;
  tools.watches.removeBelow(paths.dir);
  memory.volumes = undefined;
  if (!(await isPresent(paths.dir))) return;
  const work = tearDownPod(tools, paths, { extent, signal: tools.signal });
  await (pod === undefined ? work : tellingSilence(tools, { pod, event: failedKill }, work));
}
