import type { Pod } from '#api/generated/kubernetes.ts';
import type { ContainerRuntime } from '../containers/container-runtime.ts';
import type { NodePaths, RunPaths } from '../node-paths.ts';
import type { ContainerProbes } from '../probes/container-probes.ts';
import { announceRuns } from './announce-runs.ts';
import type { NodeEvents } from '../status/pod-events.ts';
import type { PodMemory } from './pod-memory.ts';
import type { PodSnapshot } from './pod-snapshot.ts';
import type { RunWatches } from './run-watches.ts';

/** Who watches runs, and who is told of them. */
export interface WatchTools {
  readonly watches: Pick<RunWatches, 'add' | 'remove'>;
  readonly wake: (uid: string) => void;
}

/** What looking needs. */
export interface ObserveTools extends WatchTools {
  readonly paths: NodePaths;
  readonly runtime: Pick<ContainerRuntime, 'observe'>;
  readonly probes: Pick<ContainerProbes, 'observe'>;
  readonly events: NodeEvents;
  /** The pod as the API has it now, if it is (still) on this node. */
  readonly findPod: (uid: string) => Pod | undefined;
}

/** Looks at a pod: what runs of it, what its probes say, what the API wants. Watches what runs, and tells what happened since the last look. */
export async function observePod(
  tools: ObserveTools,
  { uid, memory }: { readonly uid: string; readonly memory: PodMemory },
): Promise<PodSnapshot> {
  const paths = tools.paths.pod(uid);
  const found = await tools.runtime.observe(paths);
  // why after: whoever was taken from the API meanwhile is to be ended with all that is found
  const pod = tools.findPod(uid);
  const observed = pod === undefined ? found : tools.probes.observe(pod, paths, found);
  const seen = { uid, memory, paths, observed, pod };
  watchRuns(tools, seen);
  if (pod !== undefined) announceRuns(tools.events, { pod, observed, memory });
  return seen;
}

function watchRuns(tools: WatchTools, { uid, paths, observed }: PodSnapshot): void {
  for (const [name, { latest }] of observed) {
    if (latest === undefined) continue;
    const run = paths.run(name, latest.record.attempt);
    if (latest.state.phase === 'exited') tools.watches.remove(run.dir);
    else watchRun(tools, { uid, run });
  }
}

/** Has the pod looked at when the run begins or ends. */
export function watchRun({ watches, wake }: WatchTools, { uid, run }: { readonly uid: string; readonly run: RunPaths }): void {
  watches.add(run, () => wake(uid));
}
