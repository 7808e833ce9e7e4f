import { type SnapshotSchedule, snapshotSchedules, volumeGroupSnapshots, volumeSnapshots } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { keyOf } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { formatTime } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import { after, type Ctx, done, type Outcome } from '#machinery/runtime/controller.ts';
import { parseSchedule, type Schedule } from '../../cluster/workloads/cron-job/schedule.ts';
import { writeStatus } from '../../cluster/workloads/write-status.ts';
import { type Due, dueRun } from './due.ts';
import * as say from './events.ts';
import { hasHooks } from './hooks.ts';
import { advanceHeld, beginHeld, endHeld, type HoldView } from './hold-run.ts';
import type { ScheduleRuns } from './metrics.ts';
import { beyond, hasFailed, isReady, nextTooOldMs, type RetentionView } from './retention.ts';
import { groupDraft, runOf, snapshotDraft, type Taken } from './run.ts';

/** What a schedule looks at: the objects of its namespace. */
export interface ScheduleView {
  /** The claims that it selects. */
  readonly claims: readonly PersistentVolumeClaim[];
  /** What it has taken: by claim, or under `''` the groups. */
  readonly series: ReadonlyMap<string, readonly Taken[]>;
  readonly isUsed: RetentionView['isUsed'];
  readonly runs: ScheduleRuns;
  /** What runs with hooks work on. */
  readonly hold: Omit<HoldView, 'taken' | 'runs'>;
}

type Status = NonNullable<SnapshotSchedule['status']>;

/** Takes what is due, and lets go what is beyond what is kept. */
export async function reconcileSchedule(ctx: Ctx, view: ScheduleView, schedule: SnapshotSchedule): Promise<Outcome> {
  const held = schedule.status?.hooks;
  const hold = holdOf(view);
  if (isDeleting(schedule)) {
    await endHeld(ctx, hold, { schedule, held });
    return done;
  }
  if (held !== undefined)
    return advanceHeld(ctx, hold, { schedule, held, take: () => takeRun(ctx, view, { schedule, atMs: Date.parse(held.scheduledTime) }) });
  const nowMs = ctx.clock.nowMs();
  await tidy(ctx, view, { schedule, nowMs });
  const { spec } = schedule;
  const times = readTimes(schedule, nowMs);
  if (times === undefined) {
    const message = `spec.schedule ${JSON.stringify(spec.schedule)}${spec.timeZone === undefined ? '' : ` in ${spec.timeZone}`}: no time can be read from it, for example "0 3 * * *"`;
    ctx.events.record(say.unreadable(schedule, message));
    await write(ctx, view, { schedule, status: { message } });
    return done;
  }
  const due = dueRun(schedule, { times, nowMs });
  const made = due.atMs === undefined ? {} : await run(ctx, view, { schedule, due, atMs: due.atMs });
  // why: the run has written its part of the status, and wakes the schedule
  if (made === undefined) return done;
  const next = due.nextMs === undefined ? {} : { nextScheduleTime: formatTime(due.nextMs) };
  await write(ctx, view, { schedule, status: { ...next, ...made } });
  const lookMs = Math.min(due.lookMs ?? Number.POSITIVE_INFINITY, tooOldMs(view, schedule));
  return Number.isFinite(lookMs) ? after(Math.max(1, lookMs - nowMs), 'waiting for the next time of the schedule') : done;
}

/** Undefined where no time can be read from the schedule in its time zone. */
function readTimes({ spec, metadata }: SnapshotSchedule, nowMs: number): Schedule | undefined {
  const times = parseSchedule(spec.schedule, spec.timeZone, Date.parse(metadata.creationTimestamp));
  try {
    return times?.next(nowMs) === undefined ? undefined : times;
  } catch {
    // why: a time zone that there is not is found only when a time is asked for
    return undefined;
  }
}

/** Begins a run, unless the one before it is under way. Answers what of the status it changes; undefined where that is written. */
async function run(
  ctx: Ctx,
  view: ScheduleView,
  { schedule, due, atMs }: { readonly schedule: SnapshotSchedule; readonly due: Due; readonly atMs: number },
): Promise<Partial<Status> | undefined> {
  const open = all(view).filter((taken) => !isReady(taken) && !hasFailed(taken) && !isDeleting(taken) && runOf(taken) !== atMs);
  if (open.length > 0) {
    const message = `the run of ${formatTime(atMs)} waits: ${open.map(({ metadata }) => metadata.name).join(', ')} of the one before is not ready`;
    ctx.events.record(say.held(schedule, message));
    return { message };
  }
  view.runs.count('missed', due.missed);
  if (due.missed > 0)
    ctx.events.record(say.missed(schedule, `${due.missed} times were missed before ${formatTime(atMs)}; only this one is made up for`));
  const missedRuns = (schedule.status?.missedRuns ?? 0) + due.missed;
  const claims = bound(view);
  if (claims.length > 0 && hasHooks(schedule)) {
    const hold = holdOf(view);
    await beginHeld(ctx, hold, { schedule, atMs, missedRuns, take: () => takeRun(ctx, view, { schedule, atMs }) });
    return undefined;
  }
  view.runs.count(claims.length > 0 ? 'begun' : 'empty');
  if (claims.length === 0) ctx.events.record(say.held(schedule, NO_CLAIM));
  else await takeRun(ctx, view, { schedule, atMs });
  return { lastScheduleTime: formatTime(atMs), ...(missedRuns === 0 ? {} : { missedRuns }) };
}

/** Begins what the run of that time lacks of its snapshots. */
async function takeRun(
  ctx: Ctx,
  view: ScheduleView,
  { schedule, atMs }: { readonly schedule: SnapshotSchedule; readonly atMs: number },
): Promise<void> {
  const there = new Set(all(view).map(({ metadata }) => metadata.name));
  // why fine where it is there: a name is made from the time of its run, so it is this one's, begun before a crash
  const ignoreThere = (thrown: unknown): void => {
    if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
  };
  const claims = bound(view).map(({ metadata }) => metadata.name);
  if (schedule.spec.asGroup === true) {
    const draft = groupDraft(schedule, atMs);
    if (there.has(draft.metadata.name ?? '')) return;
    await ctx.client.create(volumeGroupSnapshots, draft).catch(ignoreThere);
  } else {
    const drafts = claims.map((name) => snapshotDraft(schedule, name, atMs)).filter(({ metadata }) => !there.has(metadata.name ?? ''));
    if (drafts.length === 0) return;
    for (const draft of drafts) await ctx.client.create(volumeSnapshots, draft).catch(ignoreThere);
  }
  ctx.events.record(say.begun(schedule, `snapshots for ${formatTime(atMs)}: ${claims.join(', ')}`));
}

async function tidy(
  ctx: Ctx,
  view: ScheduleView,
  { schedule, nowMs }: { readonly schedule: SnapshotSchedule; readonly nowMs: number },
): Promise<void> {
  for (const [claimName, series] of view.series)
    for (const taken of beyond(schedule.spec, series, { nowMs, isUsed: view.isUsed })) {
      const resource: Resource = claimName === '' ? volumeGroupSnapshots : volumeSnapshots;
      await ctx.client.delete(resource, keyOf(taken), { uid: taken.metadata.uid }).catch((thrown: unknown) => {
        if (!hasCode(thrown, 'NotFound', 'Aborted')) throw thrown;
      });
    }
}

/** The message is that of now; what was counted stays. */
async function write(
  ctx: Ctx,
  view: ScheduleView,
  { schedule, status }: { readonly schedule: SnapshotSchedule; readonly status: Partial<Status> },
): Promise<void> {
  const { lastScheduleTime, missedRuns, lastHookError } = schedule.status ?? {};
  const kept = {
    ...(lastScheduleTime === undefined ? {} : { lastScheduleTime }),
    ...(missedRuns === undefined ? {} : { missedRuns }),
    ...(lastHookError === undefined ? {} : { lastHookError }),
  };
  const successMs = lastSuccessMs(view);
  const success = successMs === undefined ? schedule.status?.lastSuccessfulTime : formatTime(successMs);
  const message = messageOf(view) ?? lastHookError;
  const next: Status = {
    ...kept,
    ...(message === undefined ? {} : { message }),
    ...(success === undefined ? {} : { lastSuccessfulTime: success }),
    snapshots: all(view).length,
    ...status,
  };
  await writeStatus(ctx, snapshotSchedules, { object: schedule, status: next });
}

const NO_CLAIM = 'spec.selector matches no bound claim of this namespace: nothing is taken';

function messageOf(view: ScheduleView): string | undefined {
  if (bound(view).length === 0) return NO_CLAIM;
  const failed = all(view).filter(hasFailed);
  if (failed.length === 0) return undefined;
  return `not taken: ${failed.map(({ metadata, status }) => `${metadata.name}: ${status?.error?.message ?? ''}`).join('; ')}`;
}

function bound({ claims }: ScheduleView): readonly PersistentVolumeClaim[] {
  return claims.filter((claim) => claim.status?.phase === 'Bound' && !isDeleting(claim));
}

/** The last run of which all is ready. */
function lastSuccessMs(view: ScheduleView): number | undefined {
  const times = [...new Set(all(view).map(runOf))].toSorted((a, b) => b - a);
  return times.find((atMs) => all(view).every((taken) => runOf(taken) !== atMs || isReady(taken)));
}

function tooOldMs(view: ScheduleView, { spec }: SnapshotSchedule): number {
  return Math.min(...[...view.series.values()].map((series) => nextTooOldMs(spec, series) ?? Number.POSITIVE_INFINITY));
}

function holdOf(view: ScheduleView): HoldView {
  return { ...view.hold, taken: all(view), runs: view.runs };
}

function all({ series }: ScheduleView): readonly Taken[] {
  return [...series.values()].flat();
}
