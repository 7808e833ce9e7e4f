import type { Container } from '#api/generated/kubernetes.ts';
import { type BackoffPolicy, backoffMs } from '#kit/retry.ts';
import { PlatformError } from '#kit/errors.ts';
import type { PreparedVolume } from '../volumes/prepared-volume.ts';
import type { Problem } from '../status/observed-pod.ts';

/** Retries of what stands in a pod's way: 0.5 s doubling to 2 min (kubelet's volume operations: 500 ms, 2 min 2 s). */
const PROBLEM_BACKOFF: BackoffPolicy = { initialMs: 500, maxMs: 120_000, factor: 2 };
/** Containers that can't be started are tried again like image pulls: 10 s doubling to 5 min (kubelet). */
const CONTAINER_BACKOFF: BackoffPolicy = { initialMs: 10_000, maxMs: 300_000, factor: 2 };
/** So much of what was told is remembered, lest a pod that crashes for months takes ever more memory. */
const NEWS_KEPT = 1_000;
/** What a waiting container shows from the second try on. */
const LATER_REASONS: Readonly<Record<string, string>> = { ErrImagePull: 'ImagePullBackOff' };

/** A problem and when to try again. */
export interface PendingProblem extends Problem {
  readonly attempt: number;
  readonly retryAtMs: number;
  /** What was wrong at the first try, and with which image, for a container's problem: another one is tried from the beginning. */
  readonly cause: string;
  readonly image?: string | undefined;
}

/** What the agent keeps of a pod between two looks: only what can be found out again, at the price of an extra try or an event. */
export class PodMemory {
  /** Volumes that this process made ready. */
  volumes: ReadonlyMap<string, PreparedVolume> | undefined;
  /** When the files that the node wrote into volumes are compared again; 0 = at the next look. */
  refreshAtMs = 0;
  /** When scratch space is measured next; 0 = at the next look. */
  measureAtMs = 0;
  podProblem: PendingProblem | undefined;
  /** Why a volume that is to grow did not. */
  growthProblem: PendingProblem | undefined;
  readonly containerProblems = new Map<string, PendingProblem>();
  /** Failures of looks at the pod, one after the other. */
  failures = 0;
  readonly #announced = new Set<string>();

  /** Remembers that this process started the run `container/attempt`: what becomes of it is news, what becomes of an adopted one is not. */
  noteSpawn(run: string): void {
    this.#note(`spawned/${run}`);
  }

  wasSpawned(run: string): boolean {
    return this.#announced.has(`spawned/${run}`);
  }

  /** True the first time that `what` is asked about. */
  isNews(what: string): boolean {
    if (this.#announced.has(what)) return false;
    this.#note(what);
    return true;
  }

  #note(what: string): void {
    this.#announced.add(what);
    const [oldest] = this.#announced;
    if (this.#announced.size > NEWS_KEPT && oldest !== undefined) this.#announced.delete(oldest);
  }

  /** Remembers why the pod as a whole waits. */
  failPod(thrown: unknown, nowMs: number): PendingProblem {
    this.podProblem = nextProblem({ before: this.podProblem, thrown, nowMs, policy: PROBLEM_BACKOFF });
    return this.podProblem;
  }

  /** Remembers that a volume could not grow. */
  failGrowth(thrown: unknown, nowMs: number): void {
    this.growthProblem = nextProblem({ before: this.growthProblem, thrown, nowMs, policy: PROBLEM_BACKOFF });
  }

  /** Remembers why a container waits; the back-off is that of one cause and one image. */
  failContainer({ name, image }: ContainerName, thrown: unknown, nowMs: number): PendingProblem {
    // why: a missing configMap costs one read to look for again and often comes a moment after the pod; an image costs a fetch
    const { reason } = PlatformError.from(thrown);
    const policy = reason === 'CreateContainerConfigError' ? PROBLEM_BACKOFF : CONTAINER_BACKOFF;
    const known = this.containerProblems.get(name);
    const before = known?.cause === reason && known.image === image ? known : undefined;
    const problem = { ...nextProblem({ before, thrown, nowMs, policy }), image };
    this.containerProblems.set(name, problem);
    return problem;
  }

  /** True while a container that could not be started is not to be tried again. */
  isHeld({ name, image }: ContainerName, nowMs: number): boolean {
    const problem = this.containerProblems.get(name);
    return problem !== undefined && problem.image === image && problem.retryAtMs > nowMs;
  }

  /** The delay after one more failed look, in milliseconds. */
  nextFailureMs(): number {
    this.failures += 1;
    return backoffMs(PROBLEM_BACKOFF, this.failures - 1);
  }
}

type ContainerName = Pick<Container, 'name' | 'image'>;

interface NextProblem {
  readonly before: PendingProblem | undefined;
  readonly thrown: unknown;
  readonly nowMs: number;
  readonly policy: BackoffPolicy;
}

function nextProblem({ before, thrown, nowMs, policy }: NextProblem): PendingProblem {
  const { reason, message } = PlatformError.from(thrown);
  const attempt = (before?.attempt ?? -1) + 1;
  return {
    cause: reason,
    reason: attempt === 0 ? reason : (LATER_REASONS[reason] ?? reason),
    message,
    attempt,
    retryAtMs: nowMs + backoffMs(policy, attempt),
  };
}
