import type { Pod } from '#api/generated/kubernetes.ts';
import type { Clock } from '#kit/clock.ts';
import type { ContainerRuntime } from '../containers/container-runtime.ts';
import { allContainers } from '../containers/pod-containers.ts';
import type { PodPaths } from '../node-paths.ts';
import type { HookRuns } from './hook-runs.ts';
import type { PodAction } from './plan.ts';

/** What ending a container needs. */
export interface EndingTools {
  readonly runtime: Pick<ContainerRuntime, 'kill' | 'markEnding' | 'terminate'>;
  readonly hooks: Pick<HookRuns, 'preStop' | 'cancel'>;
  readonly clock: Clock;
}

/** Does what is due of an end: remember it, its hook, its signal. To be called at each look until the container has ended. */
export async function endContainer(
  { runtime, hooks, clock }: EndingTools,
  { pod, paths }: { readonly pod: Pod | undefined; readonly paths: PodPaths },
  action: Extract<PodAction, { kind: 'terminate' | 'kill' }>,
): Promise<void> {
  const run = paths.run(action.container, action.run.record.attempt);
  if (action.kind === 'kill') {
    hooks.cancel({ paths, container: action.container });
    runtime.kill(action.run);
    return;
  }
  if (action.run.termAtMs === undefined) await runtime.markEnding(run);
  const graceEndsMs = (action.run.termAtMs ?? clock.nowMs()) + action.graceMs;
  const container = (pod === undefined ? [] : allContainers(pod)).find(({ name }) => name === action.container);
  if (pod !== undefined && container !== undefined && graceEndsMs > clock.nowMs()) {
    if (!hooks.preStop({ pod, paths, container, run: action.run })) return;
  }
  hooks.cancel({ paths, container: action.container });
  await runtime.terminate(run, action.run);
}
