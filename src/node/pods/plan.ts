import type { ObservedContainers } from '../status/observed-pod.ts';
import type { Container, Pod } from '#api/generated/kubernetes.ts';
import { toDouble } from '#kit/exact-json.ts';
import type { HealthFailure } from '../containers/container-runtime.ts';
import { isInStart } from '../containers/post-start.ts';
import type { ObservedRun } from '../containers/run-state.ts';
import { statusOfContainer } from '../status/container-status.ts';
import { hasBegunMain, isInitDone, isStarted } from '../status/progress.ts';
import { decideRestart, isSidecar, type RestartDecision, restartPolicyOf } from '../status/restart.ts';

/** A step towards what the pod should be. */
export type PodAction =
  | {
      readonly kind: 'start';
      readonly container: Container;
      readonly attempt: number;
      readonly restartCount: number;
      readonly backoffStep: number;
    }
  /** Runs the hook that follows a start. */
  | { readonly kind: 'post-start'; readonly container: Container; readonly run: ObservedRun }
  /** Runs the hook that comes before an end, for as long as the grace lasts, then sends the stop signal. */
  | { readonly kind: 'terminate'; readonly container: string; readonly run: ObservedRun; readonly graceMs: number; readonly why?: string }
  | { readonly kind: 'kill'; readonly container: string; readonly run: ObservedRun; readonly why?: string };

/** What to do now, and when to look again by oneself. */
export interface PodPlan {
  readonly actions: readonly PodAction[];
  readonly wakeAtMs?: number | undefined;
  /** `active`: something runs or will; `over`: every container has ended for good and none runs. */
  readonly stage: 'active' | 'over';
}

/** A container that neither shows a process nor an end for this long is ended with its shim. */
const STUCK_START_MS = 30_000;
/** A killed container is looked at again after this long, should its end not be seen at once. */
const KILL_RECHECK_MS = 1_000;
/** What is left of a grace after a hook, or after the containers before, is never less (kubelet: minimumGracePeriodInSeconds). */
const LEAST_GRACE_MS = 2_000;
/** core/v1 default of terminationGracePeriodSeconds. */
const DEFAULT_GRACE_SEC = 30;

/** Steps towards a running pod: init containers in order, then all others; restarts by policy and back-off; ends of what its probes failed. Pure. */
export function planRunning(pod: Pod, observed: ObservedContainers, nowMs: number): PodPlan {
  const steps = new Steps(observed, nowMs);
  // why first: they come to look at pods that hang, too, and hold nobody up
  for (const container of pod.spec.ephemeralContainers ?? []) steps.keepRunning(pod, container);
  const isPastInit = hasBegunMain(pod, observed);
  for (const container of pod.spec.initContainers ?? []) {
    if (!isSidecar(container) && isInitDone(pod, container, observed)) continue;
    const isOver = steps.keepRunning(pod, container);
    if (isSidecar(container) && (isPastInit || isStarted(container, observed))) continue;
    return isOver ? endSidecars(pod, steps) : steps.plan('active');
  }
  let isHeld = false;
  const ended = pod.spec.containers.map((container) => {
    const run = observed.get(container.name)?.latest;
    if (isHeld && run === undefined) return false;
    isHeld ||= holdsOthers(pod, container, run);
    return steps.keepRunning(pod, container);
  });
  return ended.every(Boolean) ? endSidecars(pod, steps) : steps.plan('active');
}

/** Those after a container with a hook are first started when the hook is through (kubelet starts containers one by one). */
function holdsOthers(pod: Pod, container: Container, run: ObservedRun | undefined): boolean {
  if (container.lifecycle?.postStart === undefined) return false;
  if (run !== undefined) return run.record.attempt === 0 && (run.state.phase === 'starting' || isInStart(container, run));
  const reason = statusOfContainer(pod, container.name)?.state?.waiting?.reason;
  // why: one that can't even start holds nobody up
  return reason === undefined || reason === 'ContainerCreating' || reason === 'PodInitializing';
}

/** How a pod is ended. */
export interface StoppingOptions {
  /** 0 = kill at once. */
  readonly graceMs: number;
  readonly nowMs: number;
  /** Since when the grace runs; absent = each container has a grace of its own. */
  readonly sinceMs?: number | undefined;
  /** Containers that end after the others, one after the other. */
  readonly last?: readonly string[];
}

/** Steps towards nothing running; sidecars end after the others, the last started first. Pure. */
export function planStopping(observed: ObservedContainers, options: StoppingOptions): PodPlan {
  const steps = new Steps(observed, options.nowMs);
  const last = options.last ?? [];
  const first = [...observed.keys()].filter((name) => !last.includes(name)).map((name) => steps.endRun(name, { graceMs: options.graceMs }));
  return first.every(Boolean) ? steps.endInTurn(last, options) : steps.plan('active');
}

/** Names of the containers that end last, in the order in which they do. Pure. */
export function sidecarsOf(pod: Pod): string[] {
  const sidecars = (pod.spec.initContainers ?? []).filter(isSidecar).map((container) => container.name);
  return sidecars.toReversed();
}

function endSidecars(pod: Pod, steps: Steps): PodPlan {
  return steps.endInTurn(sidecarsOf(pod), { graceMs: graceMsOf(pod) });
}

/** The pod's own grace, milliseconds. Pure. */
export function graceMsOf(pod: Pod): number {
  return toDouble(pod.spec.terminationGracePeriodSeconds ?? DEFAULT_GRACE_SEC) * 1000;
}

/** How one container is ended. */
interface Ending {
  readonly graceMs: number;
  /** What the event says; absent = nothing special. */
  readonly why?: string;
}

/** Collects the steps of one plan. */
class Steps {
  readonly #observed: ObservedContainers;
  readonly #nowMs: number;
  readonly #actions: PodAction[] = [];
  #wakeAtMs: number | undefined;

  constructor(observed: ObservedContainers, nowMs: number) {
    this.#observed = observed;
    this.#nowMs = nowMs;
  }

  plan(stage: PodPlan['stage']): PodPlan {
    return { actions: this.#actions, wakeAtMs: this.#wakeAtMs, stage };
  }

  /** Starts or restarts where that is due; true where the container has ended for good. */
  keepRunning(pod: Pod, container: Container): boolean {
    const latest = this.#observed.get(container.name)?.latest;
    if (latest === undefined) {
      this.#actions.push({ kind: 'start', container, attempt: 0, restartCount: countFromStatus(pod, container.name), backoffStep: 0 });
      return false;
    }
    if (latest.state.phase === 'starting') this.#endIfStuck(container.name, latest);
    if (latest.state.phase === 'running') this.#keepHealthy(pod, container, latest);
    if (latest.state.phase !== 'exited') return false;
    // why: whoever gives a container another image wants it to run, whatever the policy says of ends (kubelet)
    const isReplaced = isOutdated(container, latest) && latest.termAtMs !== undefined;
    const decision = isReplaced
      ? replacement(latest, latest.state.finishedAtMs)
      : decideRestart(restartPolicyOf(pod, container, latest), latest);
    if (decision.kind === 'none') return true;
    if (decision.atMs > this.#nowMs) this.#wakeAt(decision.atMs);
    else {
      const { restartCount, backoffStep } = decision;
      this.#actions.push({ kind: 'start', container, attempt: latest.record.attempt + 1, restartCount, backoffStep });
    }
    return false;
  }

  /** Ends the containers one after the other. */
  endInTurn(names: readonly string[], options: Pick<StoppingOptions, 'graceMs' | 'sinceMs'>): PodPlan {
    const { graceMs, sinceMs } = options;
    for (const name of names) {
      const beganAtMs = this.#observed.get(name)?.latest?.termAtMs ?? this.#nowMs;
      const leftMs = sinceMs === undefined ? graceMs : graceMs - Math.max(0, beganAtMs - sinceMs);
      if (!this.endRun(name, { graceMs: graceMs === 0 ? 0 : Math.max(leftMs, LEAST_GRACE_MS) })) return this.plan('active');
    }
    return this.plan('over');
  }

  /** Ends what runs; true where nothing does. */
  endRun(name: string, { graceMs, why }: Ending): boolean {
    const run = this.#observed.get(name)?.latest;
    // why: a shim that still tidies up holds the run's mounts
    if (run === undefined || (run.state.phase === 'exited' && run.shimPid === undefined)) return true;
    if (run.state.phase === 'exited') this.#wakeAt(this.#nowMs + SHIM_RECHECK_MS);
    else if (run.state.phase === 'starting') this.#endIfStuck(name, run);
    else this.#endRunning(name, run, { graceMs, ...(why === undefined ? {} : { why }) });
    return false;
  }

  /** First the hook, then the signal, then the end: each look does what is due. */
  #endRunning(name: string, run: ObservedRun, ending: Ending): void {
    const { graceMs, why } = ending;
    const { termAtMs = this.#nowMs, signaledAtMs } = run;
    const killAtMs = Math.max(termAtMs + graceMs, (signaledAtMs ?? 0) + Math.min(graceMs, LEAST_GRACE_MS));
    if (graceMs <= 0 || (signaledAtMs !== undefined && killAtMs <= this.#nowMs)) {
      this.#actions.push({ kind: 'kill', container: name, run, ...(why === undefined ? {} : { why }) });
      this.#wakeAt(this.#nowMs + KILL_RECHECK_MS);
      return;
    }
    if (signaledAtMs === undefined) this.#actions.push({ kind: 'terminate', container: name, run, ...ending });
    // why at least a moment: a look that finds the grace over sends the signal, and the next one decides about the end
    this.#wakeAt(Math.max(killAtMs, this.#nowMs + SHIM_RECHECK_MS));
  }

  /** Runs the hook of a start; ends what failed it or its probes, and what an earlier look began to end. */
  #keepHealthy(pod: Pod, container: Container, run: ObservedRun): void {
    const { name } = container;
    const failure = this.#observed.get(name)?.health?.failure;
    const graceMs = failure?.graceSec === undefined ? graceMsOf(pod) : toDouble(failure.graceSec) * 1000;
    if (isOutdated(container, run)) this.endRun(name, { graceMs, why: `Container ${name} definition changed, will be restarted` });
    else if (failure !== undefined) this.endRun(name, { graceMs, why: whyUnhealthy(pod, container, failure) });
    else if (run.postStart === 'failed') this.endRun(name, { graceMs, why: 'FailedPostStartHook' });
    else if (run.termAtMs !== undefined) this.endRun(name, { graceMs });
    else if (isInStart(container, run)) this.#actions.push({ kind: 'post-start', container, run });
  }

  #endIfStuck(name: string, run: ObservedRun): void {
    if (this.#nowMs - run.record.createdAtMs >= STUCK_START_MS) this.#actions.push({ kind: 'kill', container: name, run });
    this.#wakeAt(this.#nowMs + KILL_RECHECK_MS);
  }

  #wakeAt(atMs: number): void {
    this.#wakeAtMs = Math.min(this.#wakeAtMs ?? atMs, atMs);
  }
}

/** True where the run is of another image than the pod names by now; the image is all of a container that may change (core/v1 validation). */
function isOutdated({ image = '' }: Container, { record }: ObservedRun): boolean {
  return record.image !== image;
}

/** The next run at once, as no crash loop. */
function replacement({ record }: ObservedRun, atMs: number): RestartDecision {
  return { kind: 'restart', atMs, delayMs: 0, restartCount: record.restartCount + 1, backoffStep: 0 };
}

/** A shim needs a moment between the exit file and its own end. */
const SHIM_RECHECK_MS = 20;

/** In kubelet's words. */
function whyUnhealthy(pod: Pod, container: Container, { probe }: HealthFailure): string {
  const isOver = restartPolicyOf(pod, container) === 'Never';
  return `Container ${container.name} failed ${probe} probe${isOver ? '' : ', will be restarted'}`;
}

/** Where the node has lost its files (a wiped data directory) the API still knows the count. */
function countFromStatus(pod: Pod, name: string): number {
  const known = statusOfContainer(pod, name);
  return known?.containerID === undefined || known.containerID === '' ? 0 : known.restartCount + 1;
}
