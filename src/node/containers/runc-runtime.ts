import { watch } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Clock } from '#kit/clock.ts';
import type { Exec } from '#kit/exec.ts';
import type { Logger } from '#kit/log.ts';
import type { NodePaths, PodPaths, RunPaths } from '../node-paths.ts';
import type { Mounter } from '#linux/mounter.ts';
import { signalProcess } from '../machine/processes.ts';
import { signalOf } from '../machine/signals.ts';
import { isErrno, isPresent, listNames, removeTree, writeTextAtomic } from '#linux/small-files.ts';
import { EXIT_ROOM, type ObservedRun, type RunRecord, RUN_FILES, observeRun } from './run-state.ts';
import type { ContainerRuntime, ObservedContainer, RunListener, RunStart } from './container-runtime.ts';
import { spawnShim } from './shim.ts';
import { execDirOf } from './exec-dir.ts';
import { closeStdin } from './stdin-holder.ts';
import { requireScript } from './terminal.ts';

/** What the runtime stands on. */
export interface RuncRuntimeOptions {
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

/** When something of a run's end happened, Unix ms. */
type Marks = Required<{ [Field in 'termAtMs' | 'signaledAtMs' | 'platformStopAtMs']: number }>;

/** Containers through runc; all state is in files and processes, none in here. */
export class RuncRuntime implements ContainerRuntime {
  readonly #options: RuncRuntimeOptions;
  /** Marks for which there was no room, by the run's directory. */
  readonly #unwritten = new Map<string, Partial<Marks>>();

  constructor(options: RuncRuntimeOptions) {
    this.#options = options;
  }

  async observe(pod: PodPaths): Promise<Map<string, ObservedContainer>> {
    const observed = new Map<string, ObservedContainer>();
    for (const name of await listNames(pod.containers)) {
      const attempts = await this.attempts(pod, name);
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

  async attempts(pod: PodPaths, container: string): Promise<readonly number[]> {
    const names = await listNames(pod.container(container));
    return names
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  }

  watch(run: RunPaths, { onChange, onLost }: RunListener): () => void {
    const watcher = watch(join(run.dir, 'state'), { persistent: false }, (_, file) => {
      if (file === 'pid' || file === 'exit') onChange();
    });
    watcher.on('error', onLost);
    return () => watcher.close();
  }

  /** As its contract; `state/pid` or `state/exit` tell what came of it. */
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

  async markEnding(run: RunPaths): Promise<void> {
    await this.#mark(run, RUN_FILES.term, 'termAtMs');
  }

  async terminate(run: RunPaths, observed: ObservedRun): Promise<void> {
    if (observed.state.phase !== 'running') return;
    signalProcess(observed.state.pid, signalOf(observed.record.stopSignal));
    // why after the signal: a crash in between sends it twice, which is better than never
    await this.#mark(run, RUN_FILES.signaled, 'signaledAtMs');
  }

  async markPostStart(run: RunPaths, result: NonNullable<ObservedRun['postStart']>): Promise<void> {
    // why: a run that was removed meanwhile is not to come back as a directory
    if (await isPresent(join(run.dir, 'state'))) await writeTextAtomic(join(run.dir, RUN_FILES.postStart), result);
  }

  /** As its contract; one that hangs before its container exists is ended with its shim. */
  kill(observed: ObservedRun): void {
    if (observed.state.phase === 'running') signalProcess(observed.state.pid, 'SIGKILL');
    else if (observed.shimPid !== undefined) signalProcess(-observed.shimPid, 'SIGKILL');
  }

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

  async forgetOlderRuns(pod: PodPaths, run: { readonly container: string; readonly attempt: number }): Promise<void> {
    for (const attempt of await this.attempts(pod, run.container)) {
      if (attempt >= run.attempt) continue;
      const old = pod.run(run.container, attempt);
      // why also the last one: a shim that was killed left its root mounted
      await this.cleanUp(old);
      if (attempt < run.attempt - 1) await removeTree(old.dir);
    }
  }

  async cleanUpAll(pod: PodPaths): Promise<void> {
    for (const container of await listNames(pod.containers)) {
      for (const attempt of await this.attempts(pod, container)) await this.cleanUp(pod.run(container, attempt));
    }
  }

  forgetPod(pod: PodPaths): Promise<void> {
    return removeTree(pod.containers);
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
