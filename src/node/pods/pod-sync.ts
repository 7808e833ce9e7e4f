import type { Pod } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { pods } from '#api/resources.ts';
import type { Clock } from '#kit/clock.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import type { Exec } from '#kit/exec.ts';
import { Limiter } from '#kit/limiter.ts';
import type { Logger } from '#kit/log.ts';
import { isApiError } from '#machinery/client/api-error.ts';
import type { Client } from '#machinery/client/client.ts';
import type { ContainerRuntime } from '../containers/container-runtime.ts';
import type { Mounter } from '#linux/mounter.ts';
import type { NodePaths, PodPaths, RunPaths } from '../node-paths.ts';
import { isPresent } from '#linux/small-files.ts';
import type { PodVolumes } from '../volumes/pod-volumes.ts';
import type { NodeClaims } from '../volumes/used-claims.ts';
import { type AdmissionMeans, rejectPod } from './reject-pod.ts';
import { evictOverfull, nextMeasureMs } from './evict-overfull.ts';
import { growVolumes } from './grow-volumes.ts';
import { nextLookMs, STARTING_CHECK_MS } from './next-look.ts';
import { graceMsOf, type PodAction, type PodPlan, planRunning, planStopping, sidecarsOf, type StoppingOptions } from './plan.ts';
import type { ObservedContainers } from './observed-pod.ts';
import { deadlineMsOf, DEADLINE_EXCEEDED } from './active-deadline.ts';
import { endContainer } from './end-container.ts';
import type { HookRuns } from './hook-runs.ts';
import type { PodNetwork } from '../network/pod-network.ts';
import type { ContainerProbes } from '../probes/container-probes.ts';
import * as podEvents from './pod-events.ts';
import { PodMemory } from './pod-memory.ts';
import { readPodRecord, writePodRecord } from './pod-record.ts';
import type { Problem } from './observed-pod.ts';
import { preparePod } from './prepare-pod.ts';
import { announceRuns } from './announce-runs.ts';
import { patchStatus } from './patch-status.ts';
import type { RunWatches } from './run-watches.ts';
import type { ContainerStarter } from './start-container.ts';
import { unsupportedFeatures } from './unsupported-features.ts';
import { tearDownPod } from './tear-down.ts';

/** An evicted pod is ended when its new phase is seen, or after this long. */
const EVICTED_RECHECK_MS = 100;

/** What syncing a pod needs. */
export interface PodSyncOptions {
  readonly paths: NodePaths;
  readonly client: Client;
  readonly clock: Clock;
  readonly exec: Exec;
  readonly log: Logger;
  readonly events: podEvents.NodeEvents;
  readonly mounter: Mounter;
  readonly runtime: ContainerRuntime;
  readonly starter: ContainerStarter;
  readonly volumes: PodVolumes;
  readonly watches: RunWatches;
  readonly network: PodNetwork;
  readonly probes: ContainerProbes;
  readonly hooks: HookRuns;
  readonly claims: NodeClaims;
  readonly hostIp: string;
  /** Why no pod can run on this node; undefined where they can. */
  readonly notReady: Problem | undefined;
  readonly admission: AdmissionMeans;
  /** The pod as the API has it now, if it is (still) on this node. */
  readonly findPod: (uid: string) => Pod | undefined;
  readonly wake: (uid: string) => void;
  readonly signal: AbortSignal;
}

/** A status that another writer overtook is computed again from the newer object. */
const CONFLICT_RETRY_MS = 50;
/** A pod whose volumes take longer shows that it is being made. */
const SHOWN_MS = 1_000;
/** A driver that has said nothing for this long is worth a word. */
const SILENCE_MS = 5_000;
/** Files of configMaps, secrets and tokens are compared this often (kubelet: each minute or so). */
const REFRESH_MS = 60_000;

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
      const delayMs = await this.#step(uid, memory);
      memory.failures = 0;
      return delayMs;
    } catch (error) {
      const err = PlatformError.from(error);
      if (this.#options.signal.aborted) return undefined;
      // why only the API's: a driver that answers Aborted is busy with the volume, and is asked again with back-off
      if (isApiError(err) && hasCode(err, 'Aborted', 'NotFound')) return CONFLICT_RETRY_MS;
      this.#options.log.warn('a pod could not be synced', { uid, reason: err.reason, err });
      const pod = this.#options.findPod(uid);
      if (pod?.metadata.deletionTimestamp !== undefined) this.#options.events.record(podEvents.failedKill(pod, err.message));
      // why not what the API says: that is between it and the node
      else if (pod !== undefined && !isApiError(err)) this.#options.events.record(podEvents.failedSandbox(pod, err.message));
      return memory.nextFailureMs();
    }
  }

  async #step(uid: string, memory: PodMemory): Promise<number | undefined> {
    const { paths, runtime, findPod } = this.#options;
    const found = await runtime.observe(paths.pod(uid));
    const pod = findPod(uid);
    const observed = pod === undefined ? found : this.#options.probes.observe(pod, paths.pod(uid), found);
    const on = { uid, memory, paths: paths.pod(uid), observed };
    this.#watchRuns(on);
    if (pod !== undefined) announceRuns(this.#options.events, { pod, observed: on.observed, memory });
    if (pod === undefined) return this.#remove(on);
    if (pod.metadata.deletionTimestamp !== undefined) return this.#terminate({ ...on, pod });
    if (pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return this.#finish({ ...on, pod });
    return this.#run({ ...on, pod });
  }

  /** The API knows nothing of the pod any more: end it at once. */
  async #remove(on: Sight): Promise<number | undefined> {
    const delayMs = await this.#stop(on, { graceMs: 0 });
    if (delayMs !== undefined) return delayMs;
    await this.#tearDown(on, 'remove');
    this.#memories.delete(on.uid);
    this.#options.volumes.forget(on.uid);
    this.#options.starter.forget(on.uid);
    this.#options.hooks.forget(on.uid);
    this.#options.probes.forget(on.uid);
    return undefined;
  }

  async #terminate(on: PodSight): Promise<number | undefined> {
    const { pod } = on;
    const { client, signal } = this.#options;
    const { deletionGracePeriodSeconds: graceSec, deletionTimestamp = '' } = pod.metadata;
    const graceMs = graceSec === undefined ? graceMsOf(pod) : graceSec * 1000;
    const delayMs = await this.#stop(on, { graceMs, last: sidecarsOf(pod), sinceMs: Date.parse(deletionTimestamp) - graceMs });
    if (delayMs !== undefined) return delayMs;
    if (await isPresent(on.paths.dir)) {
      await this.#patch(on, { isOver: on.observed.size > 0 });
      await this.#tearDown(on, 'remove');
    }
    signal.throwIfAborted();
    await client.delete(pods, keyOf(pod), { gracePeriodSec: 0, uid: on.uid }).catch((error: unknown) => {
      // why: gone already, or replaced by another pod of that name: both mean that ours is deleted
      if (!hasCode(error, 'NotFound', 'Aborted')) throw error;
    });
    return undefined;
  }

  /** Every container ended for good: only logs and exit codes stay until the pod is deleted. */
  async #finish(on: PodSight): Promise<number | undefined> {
    const record = await readPodRecord(on.paths);
    if (record === undefined || record.isFinished) return undefined;
    const delayMs = await this.#stop(on, { graceMs: 0 });
    if (delayMs !== undefined) return delayMs;
    // why: of a pod that was failed from outside the containers' ends are not told yet
    await this.#patch(on, { isOver: true });
    await this.#tearDown(on, 'finish');
    return undefined;
  }

  async #run(on: PodSight): Promise<number | undefined> {
    const { notReady, events } = this.#options;
    const { pod, memory } = on;
    if (notReady !== undefined) {
      events.record(podEvents.nodeNotReady(pod, notReady.message));
      await this.#patch(on, { podProblem: notReady });
      return undefined;
    }
    if (!(await this.#admit(on))) return undefined;
    if (memory.isNews('features')) for (const event of unsupportedFeatures(pod)) events.record(event);
    return this.#keepRunning(on);
  }

  async #keepRunning(on: PodSight): Promise<number | undefined> {
    const { clock } = this.#options;
    const { pod } = on;
    const deadlineMs = deadlineMsOf(pod);
    if (deadlineMs !== undefined && deadlineMs <= clock.nowMs()) return this.#expire(on);
    const plan = planRunning(pod, on.observed, clock.nowMs());
    const starts = plan.actions.filter((action) => action.kind === 'start');
    if (starts.length > 0 && (await this.#prepare(on))) {
      // why: volumes may take minutes, and a pod that was deleted meanwhile is not to be started
      if (this.#options.findPod(on.uid) !== pod) return 0;
      for (const start of starts) await this.#start(on, start);
    }
    await this.#apply(on, plan);
    await this.#refresh(on);
    if (await evictOverfull(this.#options, on)) return EVICTED_RECHECK_MS;
    await growVolumes(this.#options, { ...on, signal: this.#options.signal });
    await this.#patch(on, { isOver: plan.stage === 'over' });
    if (plan.stage === 'over') return this.#finish(on);
    return this.#nextLook(on, plan);
  }

  /** The pod has been active for longer than it may: it is ended, then Failed. */
  async #expire(on: PodSight): Promise<number | undefined> {
    const { pod, memory } = on;
    if (memory.isNews('deadline')) this.#options.events.record(podEvents.deadlineExceeded(pod));
    const delayMs = await this.#stop(on, { graceMs: graceMsOf(pod), last: sidecarsOf(pod) });
    if (delayMs !== undefined) return delayMs;
    await this.#patch(on, { isOver: true, failure: DEADLINE_EXCEEDED });
    return this.#finish(on);
  }

  #nextLook(on: PodSight, plan: PodPlan): number {
    const { memory, observed } = on;
    const times = [nextMeasureMs(on), deadlineMsOf(on.pod)].filter((atMs) => atMs !== undefined);
    const problems = [...memory.containerProblems.values(), memory.podProblem, memory.growthProblem].filter(
      (problem) => problem !== undefined,
    );
    return nextLookMs({
      nowMs: this.#options.clock.nowMs(),
      wakeAtMs: plan.wakeAtMs,
      retryAtMs: [...problems.map((problem) => problem.retryAtMs), ...times],
      isStarting: [...observed.values()].some((container) => container.latest?.state.phase === 'starting'),
    });
  }

  /** True when volumes and network are ready. */
  async #prepare(on: PodSight): Promise<boolean> {
    const { clock, events, signal, volumes, network } = this.#options;
    const { pod, memory, paths } = on;
    if (memory.volumes !== undefined) return true;
    if (memory.podProblem !== undefined && memory.podProblem.retryAtMs > clock.nowMs()) return false;
    // why ignored: another writer was faster, and the look that follows writes it again
    const slow = clock.after(SHOWN_MS, () => void this.#patch(on, {}).catch(() => {}));
    try {
      memory.volumes = await this.#tellingSilence(pod, podEvents.failedMount, preparePod({ network, volumes }, { pod, paths, signal }));
      memory.podProblem = undefined;
      memory.refreshAtMs = clock.nowMs() + REFRESH_MS;
      return true;
    } catch (error) {
      signal.throwIfAborted();
      const problem = memory.failPod(error, clock.nowMs());
      events.record(
        problem.reason === 'FailedMount' ? podEvents.failedMount(pod, problem.message) : podEvents.failedSandbox(pod, problem.message),
      );
      // why: upstream keeps saying ContainerCreating while volumes are missing, and people and scripts look for that word
      memory.podProblem = { ...problem, reason: 'ContainerCreating' };
      return false;
    } finally {
      slow.cancel();
    }
  }

  /** Brings changed configuration and new tokens into the volumes of what runs. */
  async #refresh({ pod, memory, paths, observed }: PodSight): Promise<void> {
    const { clock, events, signal, volumes } = this.#options;
    const isRunning = [...observed.values()].some((container) => container.latest?.state.phase === 'running');
    if (!isRunning || clock.nowMs() < memory.refreshAtMs) return;
    memory.refreshAtMs = clock.nowMs() + REFRESH_MS;
    try {
      await volumes.refresh({ pod, paths, signal });
    } catch (error) {
      signal.throwIfAborted();
      // why no more than an event: what runs goes on with the files that it has
      events.record(podEvents.failedMount(pod, PlatformError.from(error).message));
    }
  }

  async #start(on: PodSight, action: Extract<PodAction, { kind: 'start' }>): Promise<void> {
    const { starter, volumes, clock, events, signal } = this.#options;
    const { pod, memory, paths } = on;
    const { name, image } = action.container;
    const problem = memory.containerProblems.get(name);
    if (memory.volumes === undefined || memory.isHeld(action.container, clock.nowMs())) return;
    try {
      const beforeSpawn = (run: RunPaths): void => this.#watch(on.uid, run);
      const outcome = await starter.start({
        ...action,
        pod,
        paths,
        volumes: memory.volumes,
        config: volumes.configOf(pod),
        beforeSpawn,
        onImage: () => this.#options.wake(on.uid),
      });
      if (outcome.kind === 'waits') {
        if (memory.isNews(`pulling/${name}/${action.attempt}/${problem?.attempt ?? 0}`)) events.record(podEvents.pulling(pod, image ?? ''));
        return;
      }
      memory.containerProblems.delete(name);
      memory.noteSpawn(`${name}/${action.attempt}`);
      events.record(podEvents.pulled(pod, image ?? '', outcome.tookMs));
      if (outcome.image.standsInBecause !== undefined) events.record(podEvents.standsIn(pod, name, outcome.image.standsInBecause));
      events.record(podEvents.created(pod, name));
    } catch (error) {
      signal.throwIfAborted();
      events.record(podEvents.failed(pod, memory.failContainer(action.container, error, clock.nowMs()).message));
    }
  }

  /** Ends what runs; undefined when nothing does. */
  async #stop(on: Sight & { readonly pod?: Pod }, how: Omit<StoppingOptions, 'nowMs'>): Promise<number | undefined> {
    const nowMs = this.#options.clock.nowMs();
    const plan = planStopping(on.observed, { ...how, nowMs });
    await this.#apply(on, plan);
    if (plan.stage === 'over') return undefined;
    if (on.pod !== undefined) await this.#patch({ ...on, pod: on.pod }, {});
    return Math.max(0, (plan.wakeAtMs ?? nowMs + STARTING_CHECK_MS) - nowMs);
  }

  async #apply(on: Sight & { readonly pod?: Pod }, plan: PodPlan): Promise<void> {
    const { hooks, events } = this.#options;
    const { pod, paths } = on;
    for (const action of plan.actions) {
      if (action.kind === 'start') continue;
      if (action.kind === 'post-start') {
        if (pod !== undefined) hooks.postStart({ ...action, pod, paths });
        continue;
      }
      if (pod !== undefined && on.memory.isNews(`killing/${action.container}/${action.run.record.attempt}`))
        events.record(podEvents.killing(pod, action.container, action.why));
      await endContainer(this.#options, { pod, paths }, action);
    }
  }

  async #tearDown(on: Sight & { readonly pod?: Pod }, extent: 'finish' | 'remove'): Promise<void> {
    this.#options.watches.removeBelow(on.paths.dir);
    on.memory.volumes = undefined;
    if (!(await isPresent(on.paths.dir))) return;
    const work = tearDownPod(this.#options, on.paths, { extent, signal: this.#options.signal });
    await (on.pod === undefined ? work : this.#tellingSilence(on.pod, podEvents.failedKill, work));
  }

  /** Does `work`; where it waits for a driver for long, the pod says so long before the call is given up. */
  async #tellingSilence<T>(pod: Pod, event: (about: Pod, message: string) => podEvents.NodeEvent, work: Promise<T>): Promise<T> {
    const { clock, events, volumes } = this.#options;
    const timer = clock.after(SILENCE_MS, () => {
      for (const text of volumes.awaited(pod.metadata.uid)) events.record(event(pod, text));
    });
    try {
      return await work;
    } finally {
      timer.cancel();
    }
  }

  /** Takes the pod, once and for all, which its record tells; false where it is refused. */
  #admit(on: PodSight): Promise<boolean> {
    // why one at a time: two pods may want the same port
    return this.#admissions.run(async () => {
      const { pod, paths } = on;
      if ((await readPodRecord(paths)) !== undefined) return true;
      if (await rejectPod(this.#options, on)) return false;
      await writePodRecord(paths, { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, isFinished: false });
      return true;
    });
  }

  async #patch(
    on: PodSight,
    facts: { readonly isOver?: boolean; readonly podProblem?: Problem; readonly failure?: Problem },
  ): Promise<void> {
    const { client, clock, hostIp } = this.#options;
    const { pod, observed, memory } = on;
    const isRunning = [...observed.values()].some((container) => container.latest?.state.phase === 'running');
    await patchStatus(client, {
      pod,
      observed,
      nowMs: clock.nowMs(),
      hostIp,
      podIp: this.#options.network.addressOf(on.uid),
      isPrepared: memory.volumes !== undefined || isRunning,
      isOver: facts.isOver === true,
      failure: facts.failure,
      podProblem: facts.podProblem ?? memory.podProblem,
      containerProblems: memory.containerProblems,
    });
  }

  #watchRuns({ uid, paths, observed }: Sight): void {
    for (const [name, { latest }] of observed) {
      if (latest === undefined) continue;
      const run = paths.run(name, latest.record.attempt);
      if (latest.state.phase === 'exited') this.#options.watches.remove(run.dir);
      else this.#watch(uid, run);
    }
  }

  #watch(uid: string, run: RunPaths): void {
    this.#options.watches.add(run, () => this.#options.wake(uid));
  }
}

/** A pod that may be unknown to the API. */
interface Sight {
  readonly uid: string;
  readonly memory: PodMemory;
  readonly paths: PodPaths;
  readonly observed: ObservedContainers;
}

interface PodSight extends Sight {
  readonly pod: Pod;
}
