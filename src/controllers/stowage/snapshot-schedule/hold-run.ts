import { type SnapshotSchedule, snapshotSchedules } from '#api/generated/definitions.ts';
import type { Pod } from '#api/generated/kubernetes.ts';
import { addingFinalizer, hasFinalizer, removingFinalizer } from '#api/meta/finalizers.ts';
import { keyOf } from '#api/meta/object.ts';
import { formatTime } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import * as say from './events.ts';
import type { ScheduleRuns } from './metrics.ts';
import { callsOf, canHold, type HeldRun, heldPods, type Hook, isCut, letGoMs } from './hooks.ts';
import { type PodCommands, runHook } from './run-hook.ts';
import { runOf, type Taken } from './run.ts';

/** Keeps a schedule until the pods that hold still for it have been let go. */
const FINALIZER = 'volumes.stowage.dev/snapshot-hooks';

/** What a run with hooks works on. */
export interface HoldView {
  /** Pods that use the claims of the schedule. */
  readonly users: readonly Pod[];
  readonly podOf: (name: string) => Pod | undefined;
  /** Absent where nothing can be run in pods from here. */
  readonly commands: PodCommands | undefined;
  readonly taken: readonly Taken[];
  readonly runs: ScheduleRuns;
}

/** A run as its schedule has it, and how its snapshots are begun. */
interface Run {
  readonly schedule: SnapshotSchedule;
  readonly atMs: number;
  readonly missedRuns: number;
  readonly take: () => Promise<void>;
}

/**
 * Begins a run with hooks: notes it, lets the pods hold still, begins the snapshots. Where a command that is required fails nothing is taken.
 * What comes then is {@link advanceHeld}'s; also after a stop at any moment.
 */
export async function beginHeld(ctx: Ctx, view: HoldView, { schedule, atMs, missedRuns, take }: Run): Promise<void> {
  const pods = view.users.filter(canHold);
  const noted = hasFinalizer(schedule, FINALIZER)
    ? schedule
    : await ctx.client.patch(snapshotSchedules, {
        key: keyOf(schedule),
        patch: { type: 'merge', body: addingFinalizer(schedule, FINALIZER) },
      });
  const held: HeldRun = {
    scheduledTime: formatTime(atMs),
    since: formatTime(ctx.clock.nowMs()),
    phase: 'Before',
    pods: pods.map(({ metadata: { name, uid } }) => ({ name, uid })),
  };
  const counted = missedRuns === 0 ? {} : { missedRuns };
  await writeHeld(ctx, noted, { hooks: held, lastHookError: null, lastScheduleTime: held.scheduledTime, ...counted });
  const failure = await runBefore(ctx, view, { hooks: schedule.spec.hooks?.before ?? [], pods, schedule });
  view.runs.count(failure === undefined ? 'begun' : 'refused');
  if (failure !== undefined) return letGo(ctx, noted, `before: ${failure}: nothing was taken at ${held.scheduledTime}`);
  await writeHeld(ctx, noted, { hooks: { phase: 'Taking' } });
  await take();
}

/** What is next for a run with hooks that has begun; `take` begins its snapshots where that was cut off. */
export async function advanceHeld(
  ctx: Ctx,
  view: HoldView,
  { schedule, held, take }: { readonly schedule: SnapshotSchedule; readonly held: HeldRun; readonly take: () => Promise<void> },
): Promise<Outcome> {
  switch (held.phase) {
    case 'Before':
      view.runs.count('refused');
      // why: a run goes on from here in one piece, so this one was cut off; what its commands have done is not known
      await letGo(ctx, schedule, `before: it was cut off: nothing was taken at ${held.scheduledTime}`);
      return done;
    case 'Taking': {
      await take();
      const leftMs = letGoMs(held, schedule.spec.hooks) - ctx.clock.nowMs();
      const ofRun = view.taken.filter((taken) => formatTime(runOf(taken)) === held.scheduledTime);
      const open = ofRun.filter((taken) => !isCut(taken));
      const isComplete = ofRun.length > 0 && open.length === 0;
      if (!isComplete && leftMs > 0) return after(leftMs, 'the pods of the run hold still until its snapshots are cut');
      const late = `${open.map(({ metadata }) => metadata.name).join(', ') || 'nothing'} was not cut in time: the pods were let go before`;
      await letGo(ctx, schedule, isComplete ? undefined : late);
      return done;
    }
    case 'After':
      await endHeld(ctx, view, { schedule, held });
      return done;
  }
}

/** Lets the pods of a run go, if there is one, and the schedule with it. */
export async function endHeld(
  ctx: Ctx,
  view: HoldView,
  { schedule, held }: { readonly schedule: SnapshotSchedule; readonly held: HeldRun | undefined },
): Promise<void> {
  if (held !== undefined) {
    const pods = heldPods(held, view.podOf);
    const failure = await runAfter(ctx, view, { hooks: schedule.spec.hooks?.after ?? [], pods, schedule });
    const told = failure === undefined ? {} : { lastHookError: `after: ${failure}` };
    await writeHeld(ctx, schedule, { hooks: null, ...told });
  }
  if (!hasFinalizer(schedule, FINALIZER)) return;
  const newest = await ctx.client.get(snapshotSchedules, keyOf(schedule));
  await ctx.client.patch(snapshotSchedules, { key: keyOf(newest), patch: { type: 'merge', body: removingFinalizer(newest, FINALIZER) } });
}

/** The commands after come next. */
async function letGo(ctx: Ctx, schedule: SnapshotSchedule, failure: string | undefined): Promise<void> {
  if (failure !== undefined) ctx.events.record(say.hookFailed(schedule, failure));
  await writeHeld(ctx, schedule, { hooks: { phase: 'After' }, ...(failure === undefined ? {} : { lastHookError: failure }) });
}

interface Commands {
  readonly hooks: readonly Hook[];
  readonly pods: readonly Pod[];
  readonly schedule: SnapshotSchedule;
}

/** Runs hooks in order until a required one fails. Answers how, in words. */
async function runBefore(ctx: Ctx, view: HoldView, { hooks, ...rest }: Commands): Promise<string | undefined> {
  for (const hook of hooks) {
    const failure = await runInAll(ctx, view, { hook, ...rest });
    if (failure !== undefined) return failure;
  }
  return undefined;
}

/** Runs all hooks in order. Answers how the first required one that did failed, in words. */
async function runAfter(ctx: Ctx, view: HoldView, { hooks, ...rest }: Commands): Promise<string | undefined> {
  const failures: string[] = [];
  for (const hook of hooks) failures.push((await runInAll(ctx, view, { hook, ...rest })) ?? '');
  return failures.find((failure) => failure !== '');
}

/** Runs a hook in all of its pods at once. Answers how it failed in one where it is required, in words. */
async function runInAll(
  ctx: Ctx,
  { commands }: HoldView,
  { hook, pods, schedule }: Omit<Commands, 'hooks'> & { readonly hook: Hook },
): Promise<string | undefined> {
  const failures = await Promise.all(
    callsOf(hook, pods).map(async (call) => {
      const why = commands === undefined ? 'commands can not be run in pods from here' : await runHook(commands, call, ctx);
      if (why === undefined) return undefined;
      const told = `${JSON.stringify(call.command)} in pod ${call.pod.metadata.name}: ${why}`;
      ctx.events.record(say.hookFailed(schedule, told));
      return call.isRequired ? told : undefined;
    }),
  );
  return failures.find((told) => told !== undefined);
}

/** A change of the status, whoever has changed the schedule meanwhile: nobody else writes this. */
async function writeHeld(ctx: Ctx, schedule: SnapshotSchedule, status: object): Promise<void> {
  try {
    await ctx.client.patch(
      snapshotSchedules,
      { key: keyOf(schedule), patch: { type: 'merge', body: { status } } },
      { subresource: 'status' },
    );
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
}
