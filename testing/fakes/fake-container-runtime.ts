import { relative, sep } from 'node:path';
import type { Clock, Timer } from '#kit/clock.ts';
import type { ContainerRuntime, ObservedContainer, RunListener, RunStart } from '#node/containers/container-runtime.ts';
import type { ObservedRun, RunRecord, RunState } from '#node/containers/run-state.ts';
import type { PodPaths, RunPaths } from '#node/node-paths.ts';

/** How a container of the fake ends. */
export interface FakeEnd {
  readonly exitCode: number;
  readonly isOutOfMemory?: boolean;
  /** What it wrote into its termination message. */
  readonly message?: string;
  /** What it wrote into its log, which stands for a message where the record says so. */
  readonly log?: string;
}

/** What a container of the fake does; `{}` = it runs at once, until it is told to end. */
export interface FakeLife {
  readonly start?: { readonly afterMs: number } | { readonly error: string } | 'hangs';
  /** When it ends by itself, counted from its start. */
  readonly end?: FakeEnd & { readonly afterMs: number };
  /** What its stop signal does; absent = it ends with 143. */
  readonly onStop?: FakeEnd | 'ignored';
}

/** What a shell reports for SIGTERM and SIGKILL. */
const TERMINATED: FakeEnd = { exitCode: 143 };
const KILLED: FakeEnd = { exitCode: 137 };
/** More than any process of the machine can have (proc(5), pid_max), lest a real one is signalled by mistake. */
const FIRST_PID = 2 ** 22 + 1;

interface FakeRun {
  readonly record: RunRecord;
  readonly life: FakeLife;
  readonly shimPid: number;
  state: RunState;
  marks: Partial<Pick<ObservedRun, 'termAtMs' | 'signaledAtMs' | 'platformStopAtMs' | 'postStart'>>;
  timer?: Timer | undefined;
}

/** What goes on without the platform. */
class FakeContainers {
  readonly runs = new Map<string, FakeRun>();
  readonly listeners = new Map<string, Set<RunListener>>();
  pids = FIRST_PID;
}

/**
 * Containers in memory, on an injected clock and without processes; whatever happens to one happens when the clock goes on. A test says what containers do (`lifeOf`),
 * lets starts fail (`beforeStart`), ends runs (`exit`, `lose`), and goes on with `restarted` as after a restart of the platform, or with `rebooted` as after one of the machine.
 */
export class FakeContainerRuntime implements ContainerRuntime {
  /** Every start that was asked for. */
  readonly starts: RunStart[] = [];
  /** What a container does that starts now. */
  lifeOf: (start: RunStart) => FakeLife = () => ({});
  /** Runs before a start takes effect; throws to fail it, as a full disk does. */
  beforeStart: (start: RunStart) => Promise<void> = async () => {};
  readonly #clock: Clock;
  readonly #bootId: string;
  readonly #containers: FakeContainers;

  constructor(
    clock: Clock,
    { bootId = 'boot-1', containers = new FakeContainers() }: { readonly bootId?: string; readonly containers?: FakeContainers } = {},
  ) {
    this.#clock = clock;
    this.#bootId = bootId;
    this.#containers = containers;
  }

  /** The runtime of the next platform on this machine: what runs goes on, and nobody watches. */
  restarted(): FakeContainerRuntime {
    this.#containers.listeners.clear();
    return this.#next(this.#bootId);
  }

  /** The runtime after a restart of the machine: nothing runs, and nobody saw how it ended. */
  rebooted(bootId = `${this.#bootId}+`): FakeContainerRuntime {
    this.#containers.listeners.clear();
    for (const run of this.#containers.runs.values()) run.timer?.cancel();
    return this.#next(bootId);
  }

  #next(bootId: string): FakeContainerRuntime {
    const next = new FakeContainerRuntime(this.#clock, { bootId, containers: this.#containers });
    next.lifeOf = this.lifeOf;
    next.beforeStart = this.beforeStart;
    return next;
  }

  /** Ends a run as if by itself. */
  exit(run: RunPaths, end: FakeEnd): void {
    const found = this.#containers.runs.get(run.dir);
    if (found !== undefined) this.#end(run.dir, found, end);
  }

  /** The directories of all runs that run now. */
  running(): readonly string[] {
    const isRunning = ({ state, record }: FakeRun): boolean => state.phase === 'running' && record.bootId === this.#bootId;
    return [...this.#containers.runs].flatMap(([dir, run]) => (isRunning(run) ? [dir] : []));
  }

  /** Kills everything from outside, with what waits for it: nobody sees how it ended. */
  lose(): void {
    for (const [dir, run] of this.#containers.runs) this.#lose(dir, run);
  }

  async observe(pod: PodPaths): Promise<Map<string, ObservedContainer>> {
    const names = new Set(this.#runsOf(pod).map(({ container }) => container));
    const observed = new Map<string, ObservedContainer>();
    for (const name of [...names].toSorted()) {
      const attempts = await this.attempts(pod, name);
      const [latest, previous] = await Promise.all(
        attempts
          .slice(-2)
          .toReversed()
          .map((attempt) => this.observeRun(pod.run(name, attempt))),
      );
      observed.set(name, { latest, previous });
    }
    return observed;
  }

  async observeRun({ dir }: RunPaths): Promise<ObservedRun | undefined> {
    const run = this.#containers.runs.get(dir);
    if (run === undefined) return undefined;
    // why: a run of another boot is over, whatever is known of it
    if (run.record.bootId !== this.#bootId) this.#lose(dir, run);
    const { record, state, shimPid, marks } = run;
    const { signaledAtMs, ...others } = marks;
    const signaled = marks.termAtMs === undefined ? undefined : signaledAtMs;
    return { record, state, ...others, signaledAtMs: signaled, shimPid: state.phase === 'exited' ? undefined : shimPid };
  }

  async attempts(pod: PodPaths, container: string): Promise<readonly number[]> {
    const runs = this.#runsOf(pod).filter((run) => run.container === container);
    return runs.map(({ attempt }) => attempt).toSorted((a, b) => a - b);
  }

  async start(start: RunStart): Promise<void> {
    await this.beforeStart(start);
    this.starts.push(start);
    const containers = this.#containers;
    const { dir } = start.run;
    containers.runs.get(dir)?.timer?.cancel();
    const record: RunRecord = { ...start.record, createdAtMs: this.#clock.nowMs(), bootId: this.#bootId };
    containers.pids += 2;
    const run: FakeRun = { record, life: this.lifeOf(start), shimPid: containers.pids, state: { phase: 'starting' }, marks: {} };
    containers.runs.set(dir, run);
    start.beforeSpawn();
    this.#spawn(dir, run);
  }

  watch({ dir }: RunPaths, listener: RunListener): () => void {
    const listeners = this.#containers.listeners.get(dir) ?? new Set();
    this.#containers.listeners.set(dir, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  async markEnding(run: RunPaths): Promise<void> {
    this.#mark(run, { termAtMs: this.#clock.nowMs() });
  }

  async terminate(run: RunPaths, observed: ObservedRun): Promise<void> {
    if (observed.state.phase !== 'running') return;
    const found = this.#containers.runs.get(run.dir);
    const { onStop = TERMINATED } = found?.life ?? {};
    if (found !== undefined && onStop !== 'ignored') this.#endSoon(run.dir, found, onStop);
    this.#mark(run, { signaledAtMs: this.#clock.nowMs() });
  }

  async markPostStart(run: RunPaths, result: NonNullable<ObservedRun['postStart']>): Promise<void> {
    this.#mark(run, { postStart: result });
  }

  kill({ shimPid }: ObservedRun): void {
    for (const [dir, run] of this.#containers.runs) {
      if (run.shimPid !== shimPid) continue;
      if (run.state.phase === 'running') this.#endSoon(dir, run, KILLED);
      if (run.state.phase === 'starting') this.#lose(dir, run);
    }
  }

  async markPlatformStop(run: RunPaths): Promise<void> {
    this.#mark(run, { platformStopAtMs: this.#clock.nowMs() });
  }

  async cleanUp({ dir }: RunPaths): Promise<void> {
    const run = this.#containers.runs.get(dir);
    if (run?.state.phase === 'running') this.#end(dir, run, KILLED);
  }

  async forgetOlderRuns(pod: PodPaths, { container, attempt }: { readonly container: string; readonly attempt: number }): Promise<void> {
    for (const old of await this.attempts(pod, container)) {
      if (old < attempt) await this.cleanUp(pod.run(container, old));
      if (old < attempt - 1) this.#containers.runs.delete(pod.run(container, old).dir);
    }
  }

  async cleanUpAll(pod: PodPaths): Promise<void> {
    for (const { container, attempt } of this.#runsOf(pod)) await this.cleanUp(pod.run(container, attempt));
  }

  async forgetPod(pod: PodPaths): Promise<void> {
    for (const { container, attempt } of this.#runsOf(pod)) this.#containers.runs.delete(pod.run(container, attempt).dir);
  }

  #runsOf(pod: PodPaths): readonly { readonly container: string; readonly attempt: number }[] {
    return [...this.#containers.runs.keys()].flatMap((dir) => {
      const [container = '', attempt = '', ...more] = relative(pod.containers, dir).split(sep);
      return container === '..' || more.length > 0 ? [] : [{ container, attempt: Number(attempt) }];
    });
  }

  #mark({ dir }: RunPaths, mark: FakeRun['marks']): void {
    const run = this.#containers.runs.get(dir);
    if (run !== undefined) run.marks = { ...run.marks, ...mark };
  }

  #spawn(dir: string, run: FakeRun): void {
    const { start = { afterMs: 0 }, end } = run.life;
    if (start === 'hangs') return;
    const afterMs = 'error' in start ? 0 : start.afterMs;
    run.timer = this.#clock.after(afterMs, () => {
      if ('error' in start) return this.#setState(dir, run, startError(run, { message: start.error, nowMs: this.#clock.nowMs() }));
      this.#setState(dir, run, { phase: 'running', startedAtMs: this.#clock.nowMs(), pid: run.shimPid + 1 });
      if (end !== undefined) run.timer = this.#clock.after(end.afterMs, () => this.#end(dir, run, end));
    });
  }

  /** When the clock goes on: what is sent to a process takes effect beside who sends it. */
  #endSoon(dir: string, run: FakeRun, end: FakeEnd): void {
    run.timer?.cancel();
    run.timer = this.#clock.after(0, () => this.#end(dir, run, end));
  }

  #end(dir: string, run: FakeRun, end: FakeEnd): void {
    if (run.state.phase !== 'running') return;
    const { exitCode, isOutOfMemory = false, message: left = '', log = '' } = end;
    const reason = exitCode === 0 ? 'Completed' : isOutOfMemory ? 'OOMKilled' : 'Error';
    const message = left === '' && exitCode !== 0 && run.record.tellsLog === true ? log : left;
    const { startedAtMs } = run.state;
    const finishedAtMs = this.#clock.nowMs();
    this.#setState(dir, run, { phase: 'exited', startedAtMs, finishedAtMs, exitCode, reason, ...(message === '' ? {} : { message }) });
  }

  #lose(dir: string, run: FakeRun): void {
    if (run.state.phase === 'exited') return;
    const startedAtMs = run.state.phase === 'running' ? run.state.startedAtMs : run.record.createdAtMs;
    const ending = { exitCode: 137, reason: 'ContainerStatusUnknown', message: 'the container ended while nobody watched' };
    this.#setState(dir, run, { phase: 'exited', startedAtMs, finishedAtMs: this.#clock.nowMs(), ...ending });
  }

  #setState(dir: string, run: FakeRun, state: RunState): void {
    run.timer?.cancel();
    run.state = state;
    // why: who was replaced by another start of the same run has nothing to tell
    if (this.#containers.runs.get(dir) === run) for (const { onChange } of this.#containers.listeners.get(dir) ?? []) onChange();
  }
}

function startError({ record }: FakeRun, { message, nowMs }: { readonly message: string; readonly nowMs: number }): RunState {
  return { phase: 'exited', startedAtMs: record.createdAtMs, finishedAtMs: nowMs, exitCode: 128, reason: 'StartError', message };
}
