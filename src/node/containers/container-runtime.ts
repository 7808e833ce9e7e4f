import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Clock } from '#kit/clock.ts';
import type { Exec } from '#kit/exec.ts';
import type { Logger } from '#kit/log.ts';
import type { Image } from '../images/image.ts';
import type { NodePaths, PodPaths, RunPaths } from '../node-paths.ts';
import type { Mounter } from '#linux/mounter.ts';
import { signalProcess } from '../machine/processes.ts';
import { signalOf } from '../machine/signals.ts';
import { isErrno, isPresent, listNames, removeTree, writeTextAtomic } from '#linux/small-files.ts';
import { EXIT_ROOM, type ObservedRun, type RunRecord, RUN_FILES, observeRun } from './run-state.ts';
import { spawnShim } from './shim.ts';
import { execDirOf } from './exec-dir.ts';
import { closeStdin } from './stdin-holder.ts';
import { requireScript } from './terminal.ts';

/** What the runtime stands on. */
export interface ContainerRuntimeOptions {
  readonly paths: NodePaths;
  readonly exec: Exec;
  readonly mounter: Mounter;
  readonly clock: Clock;
  readonly log: Logger;
  /** Absolute paths; absent where containers can't run here. */
  readonly runc: string | undefined;
  readonly busybox: string | undefined;
  readonly bootId: string;
  /** cp(1), where layers can't be mounted and each run gets a copy of its image; undefined where they can. */
  readonly copier?: string | undefined;
}

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
  /** Called when the state directory is there and nothing has started yet. */
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

/** When something of a run's end happened, Unix ms. */
type Marks = Required<{ [Field in 'termAtMs' | 'signaledAtMs' | 'platformStopAtMs']: number }>;

/** Containers through an OCI runtime; all state is in files and processes, none in here. */
export class ContainerRuntime {
  readonly #options: ContainerRuntimeOptions;
  /** Marks for which there was no room, by the run's directory. */
  readonly #unwritten = new Map<string, Partial<Marks>>();

  constructor(options: ContainerRuntimeOptions) {
    this.#options = options;
  }

  /** Every container of the pod that was ever started, by name. */
  async observe(pod: PodPaths): Promise<Map<string, ObservedContainer>> {
    const observed = new Map<string, ObservedContainer>();
    for (const name of await listNames(pod.containers)) {
      const attempts = await attemptsOf(pod, name);
      const [latest, previous] = await Promise.all(
        attempts
          .slice(-2)
          .reverse()
          .map((attempt) => this.observeRun(pod.run(name, attempt))),
      );
      if (latest !== undefined || previous !== undefined)
        observed.set(name, { latest: latest ?? previous, previous: latest === undefined ? undefined : previous });
    }
    return observed;
  }

  async observeRun(run: RunPaths): Promise<ObservedRun | undefined> {
    const observed = await observeRun(run, { nowMs: this.#options.clock.nowMs(), bootId: this.#options.bootId });
    const unwritten = this.#unwritten.get(run.dir);
    return observed === undefined || unwritten === undefined ? observed : { ...unwritten, ...withoutAbsent(observed) };
  }

  /** Starts the run and returns at once: `state/pid` or `state/exit` tell what came of it. */
  async start(start: RunStart): Promise<void> {
    const { runc, busybox, paths, clock, bootId, copier, log } = this.#options;
    const { run } = start;
    const script = start.hasTerminal ? await requireScript() : undefined;
    if (runc === undefined || busybox === undefined) throw new TypeError('the node is not ready to run containers');
    // why: leftovers of an attempt that a crash cut off before its record was written
    await this.#options.mounter.unmountBelow(run.dir);
    await removeTree(run.dir);
    for (const dir of ['rootfs', 'upper', 'work', 'state']) await mkdir(join(run.dir, dir), { recursive: true, mode: 0o755 });
    await writeFile(join(run.dir, RUN_FILES.terminationLog), '');
    // why chmod: the mode of a new file is cut by the umask, and a container that is not root has to write there
    await chmod(join(run.dir, RUN_FILES.terminationLog), 0o666);
    await writeFile(join(run.dir, RUN_FILES.log), '', { mode: 0o600 });
    await writeFile(join(run.dir, RUN_FILES.nextExit), EXIT_ROOM);
    await writeFile(join(run.dir, 'config.json'), JSON.stringify(start.config), { mode: 0o600 });
    await mkdir(paths.runcRoot, { recursive: true, mode: 0o700 });
    const record: RunRecord = { ...start.record, createdAtMs: clock.nowMs(), bootId };
    await writeTextAtomic(join(run.dir, RUN_FILES.record), JSON.stringify(record));
    start.beforeSpawn();
    spawnShim({
      run,
      busybox,
      runc,
      runcRoot: paths.runcRoot,
      imageRoot: relative(run.dir, start.image.rootDir),
      copier,
      oomFile: start.oomFile,
      hasStdin: start.hasStdin,
      script,
      onError: (err) => log.error('a container could not be spawned', { name: run.runtimeId, err }),
    });
  }

  /** Remembers that a run is to end, from when on its grace counts. */
  async markEnding(run: RunPaths): Promise<void> {
    await this.#mark(run, RUN_FILES.term, 'termAtMs');
  }

  /** Asks a running container to end with its stop signal, and remembers when. */
  async terminate(run: RunPaths, observed: ObservedRun): Promise<void> {
    if (observed.state.phase !== 'running') return;
    signalProcess(observed.state.pid, signalOf(observed.record.stopSignal));
    // why after the signal: a crash in between sends it twice, which is better than never
    await this.#mark(run, RUN_FILES.signaled, 'signaledAtMs');
  }

  /** Remembers what came of the hook that runs after the start. */
  async markPostStart(run: RunPaths, result: NonNullable<ObservedRun['postStart']>): Promise<void> {
    // why: a run that was removed meanwhile is not to come back as a directory
    if (await isPresent(join(run.dir, 'state'))) await writeTextAtomic(join(run.dir, RUN_FILES.postStart), result);
  }

  /** Ends a run at once; one that hangs before its container exists is ended with its shim. */
  kill(observed: ObservedRun): void {
    if (observed.state.phase === 'running') signalProcess(observed.state.pid, 'SIGKILL');
    else if (observed.shimPid !== undefined) signalProcess(-observed.shimPid, 'SIGKILL');
  }

  /** Remembers that the platform itself stops this run, so that the next start runs it again. */
  async markPlatformStop(run: RunPaths): Promise<void> {
    await this.#mark(run, RUN_FILES.platformStop, 'platformStopAtMs');
  }

  /** Writes down that something happened now. A full disk is no reason not to end what may be filling it: then it is remembered, as long as this process lives. */
  async #mark(run: RunPaths, file: string, field: keyof Marks): Promise<void> {
    const nowMs = this.#options.clock.nowMs();
    try {
      await writeTextAtomic(join(run.dir, file), String(nowMs));
    } catch (error) {
      if (!isErrno(error, 'ENOSPC', 'EDQUOT')) throw error;
      this.#unwritten.set(run.dir, { ...this.#unwritten.get(run.dir), [field]: nowMs });
    }
  }

  /** Removes what an ended run leaves outside its directory, and its scratch space; its log and state stay. */
  async cleanUp(run: RunPaths): Promise<void> {
    const { runc, exec, paths, mounter } = this.#options;
    this.#unwritten.delete(run.dir);
    await closeStdin(run);
    await removeTree(execDirOf(paths.runcRoot, run));
    if (runc !== undefined && (await isPresent(join(paths.runcRoot, run.runtimeId)))) {
      await exec.run([runc, '--root', paths.runcRoot, 'delete', '--force', run.runtimeId]);
    }
    if (await isPresent(join(run.dir, 'upper'))) {
      await mounter.unmountBelow(run.dir);
      // why the upper one last: it says that there is something to remove
      for (const dir of ['rootfs', 'work', 'upper']) await removeTree(join(run.dir, dir));
    }
  }

  /** Cleans up after earlier attempts, and forgets those older than the one before `attempt`. */
  async forgetOlderRuns(pod: PodPaths, run: { readonly container: string; readonly attempt: number }): Promise<void> {
    for (const attempt of await attemptsOf(pod, run.container)) {
      if (attempt >= run.attempt) continue;
      const old = pod.run(run.container, attempt);
      // why also the last one: a shim that was killed left its root mounted
      await this.cleanUp(old);
      if (attempt < run.attempt - 1) await removeTree(old.dir);
    }
  }
}

/** Without fields that say nothing. */
function withoutAbsent(run: ObservedRun): ObservedRun {
  const { termAtMs, signaledAtMs, platformStopAtMs, ...rest } = run;
  return {
    ...rest,
    ...(termAtMs === undefined ? {} : { termAtMs }),
    ...(signaledAtMs === undefined ? {} : { signaledAtMs }),
    ...(platformStopAtMs === undefined ? {} : { platformStopAtMs }),
  };
}

/** Numbers of the attempts that left a directory, ascending. */
export async function attemptsOf(pod: PodPaths, container: string): Promise<number[]> {
  const names = await listNames(pod.container(container));
  return names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}
