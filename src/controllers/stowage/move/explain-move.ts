import { type VolumeMove, volumeMoves } from '#api/generated/definitions.ts';
import { type Explanation, type Finding, words } from '#api/explanation.ts';
import { formatKey, type ObjectKey } from '#api/meta/object.ts';
import { explainJob, stoppedFindings } from '../claim-swap/explain-job.ts';
import type { KindExplainer } from '../explain/explained-kind.ts';
import { blocked } from '../explain/states.ts';
import { readSeen, type UserClient, warningsOf } from '../snapshots/read-snapshots.ts';

/** Of moves of claims. */
export const moveExplainer: KindExplainer = {
  resource: volumeMoves,
  explain: (key, { client }) => explainMove(key, client),
};

async function explainMove(key: ObjectKey, client: UserClient): Promise<Explanation> {
  const object = `volumemove ${formatKey(key)}`;
  const move = await readSeen(client, volumeMoves, key);
  if (move === undefined) return blocked(words('notThere', { object }), [], [words('createOrLookElsewhere')]);
  return explainJob(object, move, {
    type: 'vmv',
    kind: volumeMoves.kind,
    swapped: words('moveSwapped', { object }),
    findings: [...claimFindings(move), ...stoppedFindings(move), ...(await warningsOf(client, move))],
  });
}

/** Pure. */
function claimFindings({ spec, status = {} }: VolumeMove): readonly Finding[] {
  const { oldVolume, newVolume, copy } = status;
  if (oldVolume === undefined) return [];
  const subject = `persistentvolumeclaim ${spec.claimName}`;
  const values = { before: oldVolume.name, after: newVolume?.name ?? '' };
  return [
    { subject, words: newVolume === undefined ? words('movedWithout', values) : words('movedFromTo', values) },
    ...(copy?.percent === undefined ? [] : [{ subject, words: words('moveCopied', { percent: String(copy.percent) }) }]),
  ];
}
