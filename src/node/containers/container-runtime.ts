import type { Image } from '../images/image.ts';
import type { PodPaths, RunPaths } from '../node-paths.ts';
import type { ObservedRun, RunRecord } from './run-state.ts';

/** A run to start. */
export interface RunStart {
  readonly run: RunPaths;
  readonly record: Omit<RunRecord, 'createdAtMs' | 'bootId'>;
  readonly image: Image;
  /** `config.json` of the OCI bundle. */
  readonly config: Record<string, unknown>;
  /** Counts OOM kills; '' = do not look. */
  readonly oomFile: string;
  /** Whether it has an input that can be attached to. */
  readonly hasStdin: boolean;
  readonly hasTerminal: boolean;
  /** Called when the run can be watched and nothing has started yet. */
  readonly beforeSpawn: () => void;
}

/** What probes say of a container that runs. */
export interface ContainerHealth {
  readonly isStarted: boolean;
  readonly isReady: boolean;
  /** Why it is to be ended. */
  readonly failure?: HealthFailure | undefined;
}

/** A probe that failed as often as it may. */
export interface HealthFailure {
  readonly probe: 'liveness' | 'startup';
  /** The probe's own terminationGracePeriodSeconds. */
  readonly graceSec?: number | undefined;
}

/** The last runs of a container. */
export interface ObservedContainer {
  readonly latest?: ObservedRun | undefined;
  readonly previous?: ObservedRun | undefined;
  /** Absent = nobody probes it: it is started and ready as long as it runs. */
  readonly health?: ContainerHealth | undefined;
}

/** Told of a run that is watched. */
export interface RunListener {
  /** The run began or ended. */
  readonly onChange: () => void;
  /** Nothing more will be told: watch it anew. */
  readonly onLost: () => void;
}

/**
 * Runs containers, which go on without the platform: all that an implementation knows of a run is found again by another one after a restart.
 * What each keeps to is in `testing/conformance/containers`.
 */
export interface ContainerRuntime {
  /** Every container of the pod that was ever started, by name. */
  observe(pod: PodPaths): Promise<Map<string, ObservedContainer>>;
  /** Undefined where there is no such run. */
  observeRun(run: RunPaths): Promise<ObservedRun | undefined>;
  /** Numbers of the container's attempts that left something, ascending. */
  attempts(pod: PodPaths, container: string): Promise<readonly number[]>;
  /** Starts the run and returns at once: what came of it is observed. What an earlier start of the same run left is gone. */
  start(start: RunStart): Promise<void>;
  /** Tells when the run begins and ends, until the answer is called. */
  watch(run: RunPaths, listener: RunListener): () => void;
  /** Remembers that a run is to end, from when on its grace counts. */
  markEnding(run: RunPaths): Promise<void>;
  /** Asks a running container to end with its stop signal, and remembers when. */
  terminate(run: RunPaths, observed: ObservedRun): Promise<void>;
  /** Remembers what came of the hook that runs after the start; of a run that is gone nothing is remembered. */
  markPostStart(run: RunPaths, result: NonNullable<ObservedRun['postStart']>): Promise<void>;
  /** Ends a run at once; one that hangs before its container exists, too. */
  kill(observed: ObservedRun): void;
  /** Remembers that the platform itself stops this run, so that the next start runs it again. */
  markPlatformStop(run: RunPaths): Promise<void>;
  /** Removes what an ended run leaves outside, and its scratch space; its log and how it ended stay. */
  cleanUp(run: RunPaths): Promise<void>;
  /** Cleans up after earlier attempts, and forgets those older than the one before `attempt`. */
  forgetOlderRuns(pod: PodPaths, run: { readonly container: string; readonly attempt: number }): Promise<void>;
  /** Cleans up after every run of the pod. */
  cleanUpAll(pod: PodPaths): Promise<void>;
  /** Forgets every run of a pod that was cleaned up after. */
  forgetPod(pod: PodPaths): Promise<void>;
}
