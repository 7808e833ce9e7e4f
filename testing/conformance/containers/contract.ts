import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWith, type Requirement } from '#testing/requirements.ts';
import type { ContainerRuntime, RunStart } from '#node/containers/container-runtime.ts';
import type { ObservedRun } from '#node/containers/run-state.ts';
import type { PodPaths, RunPaths } from '#node/node-paths.ts';

/** What a container of the suite does, in words that each subject understands. */
export type Behaviour =
  /** Runs until it is told to end, and then ends with 7. */
  | { readonly kind: 'obeys' }
  /** Runs, and lets its stop signal pass. */
  | { readonly kind: 'ignores' }
  | { readonly kind: 'ends'; readonly exitCode: number; readonly message?: string; readonly log?: string }
  /** Its program does not exist. */
  | { readonly kind: 'cannotStart' };

/** An implementation under test, with a pod of its own. */
export interface RuntimeSubject {
  readonly runtime: ContainerRuntime;
  readonly pod: PodPaths;
  /** What starts such a container. */
  describe(run: RunPaths, behaviour: Behaviour): Promise<Pick<RunStart, 'image' | 'config'>>;
  /** Resolves when a run that obeys would hear a signal: a container runs a moment before its program does. */
  listening(run: RunPaths): Promise<void>;
  /** Lets time go on until `check` no longer throws. */
  until<T>(check: () => Promise<T>): Promise<T>;
  /** The implementation as after a restart of the platform. */
  restarted(): ContainerRuntime;
  /** The implementation as after a restart of the machine: all that ran is gone. */
  rebooted(): Promise<ContainerRuntime>;
  dispose(): Promise<void>;
}

const MARKS = { termAtMs: expect.any(Number), signaledAtMs: expect.any(Number) };

/** What every container runtime keeps to. */
export function describeRuntimeContract(options: {
  readonly name: string;
  readonly needs: readonly Requirement[];
  readonly start: () => Promise<RuntimeSubject>;
}): void {
  describeWith(options.needs, `container runtime: ${options.name}`, () => {
    let subject: RuntimeSubject;
    let runtime: ContainerRuntime;
    let pod: PodPaths;
    beforeEach(async () => {
      subject = await options.start();
      ({ runtime, pod } = subject);
    });
    afterEach(() => subject.dispose());

    const start = async (behaviour: Behaviour, over: Partial<RunStart['record']> & { readonly beforeSpawn?: () => void } = {}) => {
      const { beforeSpawn = () => {}, ...record } = over;
      const run = pod.run('main', record.attempt ?? 0);
      await runtime.start({
        run,
        record: { attempt: 0, restartCount: 2, backoffStep: 1, image: 'busybox', imageId: 'id', ...record },
        ...(await subject.describe(run, behaviour)),
        oomFile: '',
        hasStdin: false,
        hasTerminal: false,
        beforeSpawn,
      });
      return run;
    };
    const seen = async (run: RunPaths, phase: ObservedRun['state']['phase'], by: ContainerRuntime = runtime): Promise<ObservedRun> =>
      subject.until(async () => {
        const observed = await by.observeRun(run);
        if (observed?.state.phase !== phase) throw new Error(`${run.runtimeId} is ${observed?.state.phase ?? 'not there'}, not ${phase}`);
        return observed;
      });

    it('knows nothing of what was never started', async () => {
      const run = pod.run('main', 0);
      expect(await runtime.observe(pod)).toEqual(new Map());
      expect(await runtime.observeRun(run)).toBeUndefined();
      expect(await runtime.attempts(pod, 'main')).toEqual([]);
      await runtime.cleanUp(run);
      await runtime.cleanUpAll(pod);
      await runtime.forgetPod(pod);
      await runtime.markPostStart(run, 'done');
      expect(await runtime.observeRun(run)).toBeUndefined();
    });

    it('starts at once and tells what came of it, with the record as it was given', async () => {
      const told: string[] = [];
      const run = await start({ kind: 'obeys' }, { beforeSpawn: () => void told.push('before') });
      expect(told).toEqual(['before']);
      expect(['starting', 'running']).toContain((await runtime.observeRun(run))?.state.phase);
      const observed = await seen(run, 'running');
      const record = { attempt: 0, restartCount: 2, backoffStep: 1, image: 'busybox', imageId: 'id', createdAtMs: expect.any(Number) };
      expect(observed).toMatchObject({ record, state: { startedAtMs: expect.any(Number), pid: expect.any(Number) } });
      expect(observed.shimPid).toBeDefined();
      expect(await runtime.observe(pod)).toMatchObject(new Map([['main', { latest: { state: { phase: 'running' } } }]]));
      expect(await runtime.attempts(pod, 'main')).toEqual([0]);
    });

    it('tells who watches that a run begins and ends, until they no longer listen', async () => {
      const told = { run: 0, other: 0 };
      const watch = (name: keyof typeof told) =>
        runtime.watch(pod.run('main', 0), { onChange: () => (told[name] += 1), onLost: () => expect.unreachable('the watch was lost') });
      const stops: (() => void)[] = [];
      const run = await start({ kind: 'obeys' }, { beforeSpawn: () => stops.push(watch('run'), watch('other')) });
      await subject.until(async () => expect(told.run).toBeGreaterThan(0));
      const running = await seen(run, 'running');
      const before = { ...told };
      stops[1]?.();
      runtime.kill(running);
      await subject.until(async () => expect(told.run).toBeGreaterThan(before.run));
      expect(told.other).toBe(before.other);
      stops[0]?.();
    });

    it.each<{ name: string; behaviour: Behaviour; tellsLog?: boolean; want: object }>([
      { name: 'well', behaviour: { kind: 'ends', exitCode: 0 }, want: { exitCode: 0, reason: 'Completed' } },
      { name: 'with a code', behaviour: { kind: 'ends', exitCode: 3 }, want: { exitCode: 3, reason: 'Error' } },
      {
        name: 'with last words',
        behaviour: { kind: 'ends', exitCode: 1, message: 'no disk' },
        want: { exitCode: 1, reason: 'Error', message: 'no disk' },
      },
      {
        name: 'with a log that stands for last words',
        behaviour: { kind: 'ends', exitCode: 1, log: 'lost' },
        tellsLog: true,
        want: { exitCode: 1, message: 'lost' },
      },
      {
        name: 'before it began',
        behaviour: { kind: 'cannotStart' },
        want: { exitCode: 128, reason: 'StartError', message: expect.any(String) },
      },
    ])('tells of a run that ends $name', async ({ behaviour, tellsLog = false, want }) => {
      const run = await start(behaviour, tellsLog ? { tellsLog } : {});
      const { state } = await seen(run, 'exited');
      expect(state).toMatchObject({ ...want, startedAtMs: expect.any(Number), finishedAtMs: expect.any(Number) });
      if (behaviour.kind === 'ends' && behaviour.message === undefined && !tellsLog) expect(state).not.toHaveProperty('message');
    });

    it('asks to end, and tells since when', async () => {
      const run = await start({ kind: 'obeys' });
      await seen(run, 'running');
      await runtime.markEnding(run);
      const ending = await seen(run, 'running');
      expect({ ...ending }).toMatchObject({ termAtMs: expect.any(Number), signaledAtMs: undefined });
      await subject.listening(run);
      await runtime.terminate(run, ending);
      const ended = await seen(run, 'exited');
      expect(ended).toMatchObject({ ...MARKS, state: { exitCode: 7, reason: 'Error' } });
      // why: whoever comes late changes nothing
      await runtime.terminate(run, ended);
      expect((await runtime.observeRun(run))?.state).toEqual(ended.state);
    });

    it('kills what lets its stop signal pass', async () => {
      const run = await start({ kind: 'ignores' });
      await runtime.markEnding(run);
      await runtime.terminate(run, await seen(run, 'running'));
      const signaled = await seen(run, 'running');
      expect(signaled).toMatchObject(MARKS);
      runtime.kill(signaled);
      expect((await seen(run, 'exited')).state).toMatchObject({ exitCode: 137, reason: 'Error' });
    });

    it('remembers the hook after the start and a stop by the platform', async () => {
      const run = await start({ kind: 'obeys' });
      await seen(run, 'running');
      await runtime.markPostStart(run, 'done');
      await runtime.markPlatformStop(run);
      const observed = await runtime.observeRun(run);
      expect(observed).toMatchObject({ postStart: 'done', platformStopAtMs: expect.any(Number) });
      expect(observed?.termAtMs).toBeUndefined();
    });

    it('a restart of the platform is nothing to what runs', async () => {
      const run = await start({ kind: 'obeys' });
      const running = await seen(run, 'running');
      await runtime.markEnding(run);
      const next = subject.restarted();
      const observed = await seen(run, 'running', next);
      expect(observed).toMatchObject({ record: running.record, state: running.state, termAtMs: expect.any(Number) });
      await subject.listening(run);
      await next.terminate(run, observed);
      expect((await seen(run, 'exited', next)).state).toMatchObject({ exitCode: 7 });
    });

    it('a restart of the machine ends every run, at one time that stays', async () => {
      const run = await start({ kind: 'obeys' });
      const running = await seen(run, 'running');
      runtime.kill(running);
      const ended = pod.run('main', 1);
      await start({ kind: 'ends', exitCode: 0 }, { attempt: 1 });
      await seen(run, 'exited');
      await seen(ended, 'exited');
      const cut = pod.run('main', 2);
      await start({ kind: 'obeys' }, { attempt: 2 });
      await seen(cut, 'running');
      const next = await subject.rebooted();
      const lost = await seen(cut, 'exited', next);
      expect(lost.state).toMatchObject({ exitCode: 137, reason: 'ContainerStatusUnknown', message: expect.any(String) });
      expect((await next.observeRun(ended))?.state).toMatchObject({ exitCode: 0, reason: 'Completed' });
      expect((await next.observeRun(cut))?.state).toEqual(lost.state);
    });

    it('cleans up so that the end stays known, as often as it is asked', async () => {
      const run = await start({ kind: 'ends', exitCode: 3 });
      const ended = await seen(run, 'exited');
      for (let round = 0; round < 2; round += 1) await runtime.cleanUp(run);
      await runtime.cleanUpAll(pod);
      expect((await runtime.observeRun(run))?.state).toEqual(ended.state);
    });

    it('keeps the run before the one that is to start, and none that is older', async () => {
      for (const attempt of [0, 1, 2]) await seen(await start({ kind: 'ends', exitCode: attempt }, { attempt }), 'exited');
      await runtime.forgetOlderRuns(pod, { container: 'main', attempt: 3 });
      expect(await runtime.attempts(pod, 'main')).toEqual([2]);
      await seen(await start({ kind: 'ends', exitCode: 3 }, { attempt: 3 }), 'exited');
      const { latest, previous } = (await runtime.observe(pod)).get('main') ?? {};
      expect([latest?.record.attempt, previous?.record.attempt]).toEqual([3, 2]);
    });

    it('starts a run anew that a crash cut off, and forgets a pod as a whole', async () => {
      await seen(await start({ kind: 'ends', exitCode: 3 }), 'exited');
      await runtime.cleanUpAll(pod);
      const run = await start({ kind: 'ends', exitCode: 0 });
      expect((await seen(run, 'exited')).state).toMatchObject({ exitCode: 0 });
      await runtime.cleanUpAll(pod);
      await runtime.forgetPod(pod);
      expect(await runtime.observe(pod)).toEqual(new Map());
    });
  });
}
