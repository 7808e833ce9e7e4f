import { type SnapshotSchedule, snapshotSchedules, volumeGroupSnapshots, volumeSnapshots } from '#api/generated/definitions.ts';
import { type Explanation, type Finding, said, words } from '#api/explanation.ts';
import { formatKey, type ObjectKey } from '#api/meta/object.ts';
import type { KindExplainer } from '../explain/explained-kind.ts';
import { blocked, busy, fine } from '../explain/states.ts';
import { listSeen, readSeen, type UserClient, warningsOf } from '../snapshots/read-snapshots.ts';
import { hasFailed, isReady } from './retention.ts';
import { runOf, scheduleNameOf, type Taken } from './run.ts';

/** Snapshots that are told of one by one: the newest. */
const MAX_TOLD = 10;

/** Of schedules of snapshots. What hinders one, its controller has written into its status. */
export const scheduleExplainer: KindExplainer = {
  resource: snapshotSchedules,
  explain: (key, { client }) => explainSchedule(key, client),
};

async function explainSchedule(key: ObjectKey, client: UserClient): Promise<Explanation> {
  const object = `snapshotschedule ${formatKey(key)}`;
  const schedule = await readSeen(client, snapshotSchedules, key);
  if (schedule === undefined) return blocked(words('notThere', { object }), [], [words('createOrLookElsewhere')]);
  const resource = schedule.spec.asGroup === true ? volumeGroupSnapshots : volumeSnapshots;
  const [all, warnings] = await Promise.all([listSeen<Taken>(client, resource, key.namespace), warningsOf(client, schedule)]);
  const taken = all.filter((each) => scheduleNameOf(each) === key.name).toSorted((a, b) => runOf(b) - runOf(a));
  return explain(object, schedule, { taken, warnings });
}

interface Facts {
  readonly taken: readonly Taken[];
  readonly warnings: readonly Finding[];
}

/** Pure. */
function explain(object: string, schedule: SnapshotSchedule, { taken, warnings }: Facts): Explanation {
  const { status = {}, spec } = schedule;
  const findings = [...runFindings(schedule), ...taken.slice(0, MAX_TOLD).map(takenFinding), ...warnings];
  if (spec.suspend === true) return { ...fine(words('scheduleSuspended', { object }), findings), remedies: [words('scheduleResume')] };
  if (taken.some((each) => !isReady(each) && !hasFailed(each))) return busy(words('scheduleTakes', { object }), findings);
  if (status.message !== undefined)
    return blocked(words('scheduleHindered', { object, why: said(status.message) }), findings, [words('scheduleMend')]);
  const { nextScheduleTime: next } = status;
  return fine(next === undefined ? words('scheduleNoNext', { object }) : words('scheduleWell', { object, next }), findings);
}

function runFindings({ status = {} }: SnapshotSchedule): readonly Finding[] {
  const { lastScheduleTime: last, lastSuccessfulTime: success = '-', missedRuns = 0, lastHookError } = status;
  return [
    ...(last === undefined ? [] : [{ subject: 'runs', words: words('scheduleLast', { last, success }) }]),
    ...(lastHookError === undefined ? [] : [{ subject: 'hooks', words: said(lastHookError) }]),
    ...(missedRuns === 0 ? [] : [{ subject: 'runs', words: words('scheduleMissed', { count: String(missedRuns) }) }]),
  ];
}

function takenFinding(taken: Taken): Finding {
  const subject = `${taken.kind.toLowerCase()} ${taken.metadata.name}`;
  if (isReady(taken)) return { subject, words: words('snapshotIsReady') };
  const message = taken.status?.error?.message;
  return { subject, words: message === undefined ? words('snapshotIsTaken') : said(message) };
}
