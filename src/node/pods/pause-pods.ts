import type { Pod } from '#api/generated/kubernetes.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Logger } from '#kit/log.ts';
import type { Client } from '#machinery/client/client.ts';
import type { ContainerRuntime } from '../containers/container-runtime.ts';
import type { NodePaths, PodPaths } from '../node-paths.ts';
import { listNames } from '#linux/small-files.ts';
import { endContainer, type EndingTools } from './end-container.ts';
import { markPaused } from './mark-paused.ts';
import { graceMsOf, planStopping, sidecarsOf } from './plan.ts';
import { tearDownPod, type TearDownTools } from './tear-down.ts';

/** What pausing needs. */
export interface PauseOptions extends TearDownTools {
  readonly paths: NodePaths;
  readonly client: Client;
  readonly runtime: ContainerRuntime;
  readonly clock: Clock;
  readonly hooks: EndingTools['hooks'];
  readonly log: Logger;
  readonly findPod: (uid: string) => Pod | undefined;
  /** No container is given longer than this to end. */
  readonly maxGraceMs: number;
}

/** Ends of containers are looked for this often; only while the platform stops. */
const RECHECK_MS = 25;
/** A pod whose containers can't be ended in this time beyond its grace is left as it is for the next start. */
const GIVE_UP_MS = 10_000;

/**
 * Stops everything of this node on the machine for as long as the platform is stopped: containers end (and are marked, so that the next start runs them again
 * whatever their restart policy), mounts and namespaces go, data and logs stay. All pods at once. Never throws: what can't be stopped is logged and adopted again.
 */
export async function pausePods(options: PauseOptions): Promise<void> {
  const uids = await listNames(options.paths.pods);
  await Promise.all(
    uids.map(async (uid) => {
      try {
        await pausePod(options, options.paths.pod(uid));
      } catch (error) {
        options.log.warn('a pod could not be stopped with the platform', { uid, err: PlatformError.from(error) });
      }
    }),
  );
}

async function pausePod(options: PauseOptions, paths: PodPaths): Promise<void> {
  const { runtime, clock } = options;
  const pod = options.findPod(paths.uid);
  const graceMs = Math.min(options.maxGraceMs, pod === undefined ? options.maxGraceMs : graceMsOf(pod));
  const giveUpMs = clock.nowMs() + graceMs + GIVE_UP_MS;
  const marked = new Set<string>();
  for (;;) {
    const observed = await runtime.observe(paths);
    const plan = planStopping(observed, { graceMs, nowMs: clock.nowMs(), ...(pod === undefined ? {} : { last: sidecarsOf(pod) }) });
    for (const action of plan.actions) {
      if (action.kind === 'start' || action.kind === 'post-start') continue;
      const run = paths.run(action.container, action.run.record.attempt);
      if (!marked.has(run.runtimeId)) await runtime.markPlatformStop(run);
      marked.add(run.runtimeId);
      await endContainer(options, { pod, paths }, action);
    }
    if (plan.stage === 'over') break;
    if (clock.nowMs() > giveUpMs)
      throw new PlatformError({
        code: 'DeadlineExceeded',
        reason: 'PodStillRunning',
        message: `containers of pod ${paths.uid} did not end in time`,
      });
    await sleep(clock, RECHECK_MS);
  }
  await tearDownPod(options, paths, { extent: 'pause', signal: new AbortController().signal });
  if (pod !== undefined) await markPaused(options.client, pod, clock.nowMs());
}
