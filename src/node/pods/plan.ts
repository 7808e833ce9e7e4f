import type { Container, Pod } from '#api/generated/kubernetes.ts';
import type { ObservedContainer } from '../containers/container-runtime.ts';
import type { ObservedRun, RunState } from '../containers/run-state.ts';
import { decideRestart, isSidecar, restartPolicyOf } from './restart.ts';

/** A step towards what the pod should be. */
export type PodAction =
  | {
      readonly kind: 'start';
      readonly container: Container;
      readonly attempt: number;
      readonly restartCount: number;
      readonly backoffStep: number;
    }
  | { readonly kind: 'terminate'; readonly container: string; readonly run: ObservedRun }
  | { readonly kind: 'kill'; readonly container: string; readonly run: ObservedRun };

/** What to do now, and when to look again by oneself. */
export interface PodPlan {
  readonly actions: readonly PodAction[];
  readonly wakeAtMs?: number | undefined;
  /** `active`: something runs or will; `over`: every container has ended for good and none runs. */
  readonly stage: 'active' | 'over';
}

/** Containers by name, as found. */
export type ObservedContainers = ReadonlyMap<string, ObservedContainer>;

/** A container that neither shows a process nor an end for this long is ended with its shim. */
const STUCK_START_MS = 30_000;
/** A killed container is looked at again after this long, should its end not be seen at once. */
const KILL_RECHECK_MS = 1_000;

/** Steps towards a running pod: init containers in order, then all others; restarts by policy and back-off. Pure. */
export function planRunning(pod: Pod, observed: ObservedContainers, nowMs: number): PodPlan {
  const steps = new Steps(observed, nowMs);
  for (const container of pod.spec.initContainers ?? []) {
    const state = observed.get(container.name)?.latest?.state;
    if (hasSucceeded(container, state)) continue;
    const isOver = steps.keepRunning(pod, container);
    if (isSidecar(container) && state?.phase === 'running') continue;
    return isOver ? endSidecars(pod, steps) : steps.plan('active');
  }
  const ended = pod.spec.containers.map((container) => steps.keepRunning(pod, container));
  return ended.every(Boolean) ? endSidecars(pod, steps) : steps.plan('active');
}

/** An init container that has done its work; a sidecar never has. */
function hasSucceeded(container: Container, state: RunState | undefined): boolean {
  return !isSidecar(container) && state?.phase === 'exited' && state.exitCode === 0;
}

/** Steps towards nothing running. `graceMs` 0 = kill at once; sidecars end after the others. Pure. */
export function planStopping(
  observed: ObservedContainers,
  options: { readonly graceMs: number; readonly nowMs: number; readonly last?: ReadonlySet<string> },
): PodPlan {
  const steps = new Steps(observed, options.nowMs);
  const last = options.last ?? new Set<string>();
  const names = [...observed.keys()];
  const first = names.filter((name) => !last.has(name)).map((name) => steps.endRun(name, options.graceMs));
  if (!first.every(Boolean)) return steps.plan('active');
  const rest = names.filter((name) => last.has(name)).map((name) => steps.endRun(name, options.graceMs));
  return steps.plan(rest.every(Boolean) ? 'over' : 'active');
}

/** Names of the containers that end last. Pure. */
export function sidecarsOf(pod: Pod): Set<string> {
  return new Set((pod.spec.initContainers ?? []).filter(isSidecar).map((container) => container.name));
}

function endSidecars(pod: Pod, steps: Steps): PodPlan {
  const graceMs = (pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
  const ended = [...sidecarsOf(pod)].map((name) => steps.endRun(name, graceMs));
  return steps.plan(ended.every(Boolean) ? 'over' : 'active');
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
    if (latest.state.phase !== 'exited') return false;
    const decision = decideRestart(restartPolicyOf(pod, container), latest);
    if (decision.kind === 'none') return true;
    if (decision.atMs > this.#nowMs) this.#wakeAt(decision.atMs);
    else {
      const { restartCount, backoffStep } = decision;
      this.#actions.push({ kind: 'start', container, attempt: latest.record.attempt + 1, restartCount, backoffStep });
    }
    return false;
  }

  /** Ends what runs; true where nothing does. */
  endRun(name: string, graceMs: number): boolean {
    const run = this.#observed.get(name)?.latest;
    // why: a shim that still tidies up holds the run's mounts
    if (run === undefined || (run.state.phase === 'exited' && run.shimPid === undefined)) return true;
    if (run.state.phase === 'exited') this.#wakeAt(this.#nowMs + SHIM_RECHECK_MS);
    else if (run.state.phase === 'starting') this.#endIfStuck(name, run);
    else if (graceMs > 0 && run.termAtMs === undefined) {
      this.#actions.push({ kind: 'terminate', container: name, run });
      this.#wakeAt(this.#nowMs + graceMs);
    } else if (graceMs > 0 && run.termAtMs !== undefined && run.termAtMs + graceMs > this.#nowMs) this.#wakeAt(run.termAtMs + graceMs);
    else {
      this.#actions.push({ kind: 'kill', container: name, run });
      this.#wakeAt(this.#nowMs + KILL_RECHECK_MS);
    }
    return false;
  }

  #endIfStuck(name: string, run: ObservedRun): void {
    if (this.#nowMs - run.record.createdAtMs >= STUCK_START_MS) this.#actions.push({ kind: 'kill', container: name, run });
    this.#wakeAt(this.#nowMs + KILL_RECHECK_MS);
  }

  #wakeAt(atMs: number): void {
    this.#wakeAtMs = Math.min(this.#wakeAtMs ?? atMs, atMs);
  }
}

/** A shim needs a moment between the exit file and its own end. */
const SHIM_RECHECK_MS = 20;

/** Where the node has lost its files (a wiped data directory) the API still knows the count. */
function countFromStatus(pod: Pod, name: string): number {
  const statuses = [...(pod.status?.containerStatuses ?? []), ...(pod.status?.initContainerStatuses ?? [])];
  const known = statuses.find((status) => status.name === name);
  return known?.containerID === undefined || known.containerID === '' ? 0 : known.restartCount + 1;
}
