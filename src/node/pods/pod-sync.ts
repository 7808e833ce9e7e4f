import { keyOf } from '#api/meta/object.ts';
import { pods } from '#api/resources.ts';
import { assertNever } from '#kit/assert-never.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { Limiter } from '#kit/limiter.ts';
import type { Logger } from '#kit/log.ts';
import { isPresent } from '#linux/small-files.ts';
import { isApiError } from '#machinery/client/api-error.ts';
import type { Client } from '#machinery/client/client.ts';
import type { ContainerRuntime } from '../containers/container-runtime.ts';
import type { PodNetwork } from '../network/pod-network.ts';
import type { ContainerProbes } from '../probes/container-probes.ts';
import type { PodVolumes } from '../volumes/pod-volumes.ts';
import { DEADLINE_EXCEEDED } from '../status/active-deadline.ts';
import type { HookRuns } from './hook-runs.ts';
import { keepRunning, type RunningTools } from './keep-running.ts';
import { observePod, type ObserveTools } from './observe-pod.ts';
import type { Problem } from '../status/observed-pod.ts';
import type { PodPlan } from './plan.ts';
import { type Ending, planStep } from './plan-step.ts';
import { deadlineExceeded, failedKill, failedSandbox, nodeNotReady } from '../status/pod-events.ts';
import { PodMemory } from './pod-memory.ts';
import { readPodRecord, writePodRecord } from '../pod-record.ts';
import type { KnownPod, PodSnapshot } from './pod-snapshot.ts';
import { rejectPod, type RejectionTools } from './reject-pod.ts';
import type { RunWatches } from './run-watches.ts';
import type { ContainerStarter } from './start-container.ts';
import { type ClearTools, clearPod, stopPod } from './stop-pod.ts';
import { unsupportedFeatures } from './unsupported-features.ts';
import { writeStatus } from './write-status.ts';

/** What syncing a pod needs: what its steps need. */
export interface PodSyncOptions extends ObserveTools, RunningTools, ClearTools, RejectionTools {
  readonly client: Client;
  readonly log: Logger;
  readonly runtime: ContainerRuntime;
  readonly starter: Pick<ContainerStarter, 'start' | 'forget'>;
  readonly volumes: RunningTools['volumes'] & ClearTools['volumes'] & Pick<PodVolumes, 'forget'>;
  readonly watches: Pick<RunWatches, 'add' | 'remove' | 'removeBelow'>;
  readonly network: RunningTools['network'] & Pick<PodNetwork, 'detach'>;
  readonly probes: Pick<ContainerProbes, 'observe' | 'forget'>;
  readonly hooks: Pick<HookRuns, 'postStart' | 'preStop' | 'cancel' | 'forget'>;
  /** Why no pod can run on this node; undefined where they can. */
  readonly notReady: Problem | undefined;
}

/** What the API no longer wants, or what is over, is given no time. */
const AT_ONCE: Ending = { graceMs: 0 };
/** A status that another writer overtook is computed again from the newer object. */
const CONFLICT_RETRY_MS = 50;

/** Brings one pod a step closer to what the API says: observe, plan, apply, status. All that matters is on disk, in the process table or in the API. */
export class PodSync {
  readonly #options: PodSyncOptions;
  readonly #memories = new Map<string, PodMemory>();
  readonly #admissions = new Limiter(1);

  constructor(options: PodSyncOptions) {
    this.#options = options;
  }

  /** Looks at the pod and acts; answers after how many milliseconds to look again. Never throws. */
  async sync(uid: string): Promise<number | undefined> {
    const memory = this.#memories.get(uid) ?? new PodMemory();
    this.#memories.set(uid, memory);
    try {
      const delayMs = await this.#step(await observePod(this.#options, { uid, memory }));
      memory.failures = 0;
      return delayMs;
    } catch (error) {
      const err = PlatformError.from(error);
      if (this.#options.signal.aborted) return undefined;
      // why only the API's: a driver that answers Aborted is busy with the volume, and is asked again with back-off
      if (isApiError(err) && hasCode(err, 'Aborted', 'NotFound')) return CONFLICT_RETRY_MS;
      this.#tellFailure(uid, err);
      return memory.nextFailureMs();
    }
  }

  #tellFailure(uid: string, err: PlatformError): void {
    const { log, events, findPod } = this.#options;
    log.warn('a pod could not be synced', { uid, reason: err.reason, err });
    const pod = findPod(uid);
    if (pod?.metadata.deletionTimestamp !== undefined) events.record(failedKill(pod, err.message));
    // why not what the API says: that is between it and the node
    else if (pod !== undefined && !isApiError(err)) events.record(failedSandbox(pod, err.message));
  }

  async #step(seen: PodSnapshot): Promise<number | undefined> {
    const { pod, observed } = seen;
    const step = planStep({ pod, observed, notReady: this.#options.notReady, nowMs: this.#options.clock.nowMs() });
    if (step.kind === 'remove' || pod === undefined) return this.#remove(seen);
    const on = { ...seen, pod };
    switch (step.kind) {
      case 'delete':
        return this.#delete(on, step.ending);
      case 'finish':
        return this.#finish(on);
      case 'hold':
        return this.#hold(on, step.problem);
      case 'expire':
        return (await this.#admit(on)) ? this.#expire(on, step.ending) : undefined;
      case 'run':
        return (await this.#admit(on)) ? this.#run(on, step.plan) : undefined;
      default:
        return assertNever(step);
    }
  }

  async #remove(on: PodSnapshot): Promise<number | undefined> {
    const delayMs = await stopPod(this.#options, on, AT_ONCE);
    if (delayMs !== undefined) return delayMs;
    await clearPod(this.#options, on, 'remove');
    this.#memories.delete(on.uid);
    const { volumes, starter, hooks, probes } = this.#options;
    for (const known of [volumes, starter, hooks, probes]) known.forget(on.uid);
    return undefined;
  }

  async #delete(on: KnownPod, ending: Ending): Promise<number | undefined> {
    const { client, signal } = this.#options;
    const delayMs = await stopPod(this.#options, on, ending);
    if (delayMs !== undefined) return delayMs;
    if (await isPresent(on.paths.dir)) {
      await writeStatus(this.#options, on, { isOver: on.observed.size > 0 });
      await clearPod(this.#options, on, 'remove');
    }
    signal.throwIfAborted();
    await client.delete(pods, keyOf(on.pod), { gracePeriodSec: 0, uid: on.uid }).catch((error: unknown) => {
      // why: gone already, or replaced by another pod of that name: both mean that ours is deleted
      if (!hasCode(error, 'NotFound', 'Aborted')) throw error;
    });
    return undefined;
  }

  async #finish(on: KnownPod): Promise<number | undefined> {
    const record = await readPodRecord(on.paths);
    if (record === undefined || record.isFinished) return undefined;
    const delayMs = await stopPod(this.#options, on, AT_ONCE);
    if (delayMs !== undefined) return delayMs;
    // why: of a pod that was failed from outside the containers' ends are not told yet
    await writeStatus(this.#options, on, { isOver: true });
    await clearPod(this.#options, on, 'finish');
    return undefined;
  }

  async #hold(on: KnownPod, problem: Problem): Promise<undefined> {
    this.#options.events.record(nodeNotReady(on.pod, problem.message));
    await writeStatus(this.#options, on, { podProblem: problem });
    return undefined;
  }

  async #run(on: KnownPod, plan: PodPlan): Promise<number | undefined> {
    const next = await keepRunning(this.#options, on, plan);
    return next === 'over' ? this.#finish(on) : next;
  }

  async #expire(on: KnownPod, ending: Ending): Promise<number | undefined> {
    const { pod, memory } = on;
    if (memory.isNews('deadline')) this.#options.events.record(deadlineExceeded(pod));
    const delayMs = await stopPod(this.#options, on, ending);
    if (delayMs !== undefined) return delayMs;
    await writeStatus(this.#options, on, { isOver: true, failure: DEADLINE_EXCEEDED });
    return this.#finish(on);
  }

  /** Takes the pod, once and for all, which its record tells; false where it is refused. */
  async #admit(on: KnownPod): Promise<boolean> {
    const { pod, memory } = on;
    // why one at a time: two pods may want the same port
    const isTaken = await this.#admissions.run(() => this.#take(on));
    if (isTaken && memory.isNews('features')) for (const event of unsupportedFeatures(pod)) this.#options.events.record(event);
    return isTaken;
  }

  async #take({ pod, paths }: KnownPod): Promise<boolean> {
    if ((await readPodRecord(paths)) !== undefined) return true;
    if (await rejectPod(this.#options, { pod })) return false;
    await writePodRecord(paths, { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, isFinished: false });
    return true;
  }
}
