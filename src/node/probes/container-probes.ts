import type { Container, Pod } from '#api/generated/kubernetes.ts';
import type { Clock } from '#kit/clock.ts';
import type { ContainerHealth, ObservedContainer } from '../containers/container-runtime.ts';
import { isInStart } from '../containers/post-start.ts';
import type { ObservedRun } from '../containers/run-state.ts';
import type { HandlerRunner } from '../handlers/handler-runner.ts';
import type { PodPaths } from '../node-paths.ts';
import { PatientLimiter } from '../patient-limiter.ts';
import type { ObservedContainers } from '../status/observed-pod.ts';
import { type NodeEvents, unhealthy } from '../status/pod-events.ts';
import { containerIdOf, statusOfContainer } from '../status/container-status.ts';
import { RunProbes } from './run-probes.ts';

/** What probing needs. */
export interface ContainerProbesOptions {
  readonly clock: Clock;
  readonly handlers: Pick<HandlerRunner, 'probe'>;
  readonly events: NodeEvents;
  /** Has the pod looked at. */
  readonly wake: (uid: string) => void;
}

interface Probed {
  readonly attempt: number;
  readonly probes: RunProbes;
}

/** Probes that run at a time; more wait for their turn. */
const CONCURRENCY = 16;
/** A probe that takes longer gives its place away: a pod whose probes hang must not keep the others' from running. */
const PATIENCE_MS = 2_000;

/** Probes the running containers of this node. Holds one entry per running container that has a probe. */
export class ContainerProbes {
  readonly #options: ContainerProbesOptions;
  readonly #limiter: PatientLimiter;
  readonly #pods = new Map<string, Map<string, Probed>>();

  constructor(options: ContainerProbesOptions) {
    this.#options = options;
    this.#limiter = new PatientLimiter({ clock: options.clock, limit: CONCURRENCY, patienceMs: PATIENCE_MS });
  }

  /** Begins and ends probing as what runs demands, and answers what was found with what the probes say of it. */
  observe(pod: Pod, paths: PodPaths, observed: ObservedContainers): ObservedContainers {
    const probed = this.#pods.get(paths.uid) ?? new Map<string, Probed>();
    const seen = new Map<string, ObservedContainer>(observed);
    for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
      const found = observed.get(container.name);
      const health = this.#healthOf({ pod, paths, container }, probed, found?.latest);
      if (found !== undefined && health !== undefined) seen.set(container.name, { ...found, health });
    }
    if (probed.size > 0) this.#pods.set(paths.uid, probed);
    else this.#pods.delete(paths.uid);
    return seen;
  }

  /** The pod is gone. */
  forget(uid: string): void {
    for (const { probes } of this.#pods.get(uid)?.values() ?? []) probes.stop();
    this.#pods.delete(uid);
  }

  /** Ends all probing; what is being tried is given up. */
  stop(): void {
    for (const uid of this.#pods.keys()) this.forget(uid);
  }

  #healthOf(about: ProbedContainer, probed: Map<string, Probed>, run: ObservedRun | undefined): ContainerHealth | undefined {
    const { pod, container } = about;
    dropStale(probed, container.name, run);
    if (run?.state.phase !== 'running') return undefined;
    if (isInStart(container, run)) return { isStarted: false, isReady: false };
    if (!isProbed(container)) return undefined;
    const probes = probed.get(container.name)?.probes ?? this.#begin(about, run, run.state.startedAtMs);
    probed.set(container.name, { attempt: run.record.attempt, probes });
    if (pod.metadata.deletionTimestamp !== undefined) probes.endRestarts();
    return probes.health;
  }

  #begin({ pod, paths, container }: ProbedContainer, observed: ObservedRun, startedAtMs: number): RunProbes {
    const { clock, handlers, events, wake } = this.#options;
    const { startupProbe: startup, livenessProbe: liveness, readinessProbe: readiness } = container;
    const run = paths.run(container.name, observed.record.attempt);
    const status = statusOfContainer(pod, container.name);
    const known = status?.containerID === containerIdOf(pod, container, observed) ? status : undefined;
    return new RunProbes({
      clock,
      startedAtMs,
      probes: {
        ...(startup === undefined ? {} : { startup }),
        ...(liveness === undefined ? {} : { liveness }),
        ...(readiness === undefined ? {} : { readiness }),
      },
      known: { isStarted: known?.started ?? false, isReady: known?.ready ?? false },
      probe: (probe, signal) => this.#limiter.run(() => handlers.probe({ pod, container, run }, probe, signal)),
      onFailure: (kind, message) => events.record(unhealthy(pod, kind, message)),
      onChange: () => wake(paths.uid),
    });
  }
}

interface ProbedContainer {
  readonly pod: Pod;
  readonly paths: PodPaths;
  readonly container: Container;
}

function isProbed({ startupProbe, livenessProbe, readinessProbe }: Container): boolean {
  return (startupProbe ?? livenessProbe ?? readinessProbe) !== undefined;
}

/** Ends the probes of a run that is over. */
function dropStale(probed: Map<string, Probed>, name: string, run: ObservedRun | undefined): void {
  const before = probed.get(name);
  if (before === undefined || (before.attempt === run?.record.attempt && run.state.phase === 'running')) return;
  before.probes.stop();
  probed.delete(name);
}
