import {
  type VolumeGroupSnapshot,
  volumeGroupSnapshotContents,
  volumeGroupSnapshots,
  type VolumeSnapshot,
  volumeSnapshots,
} from '#api/generated/definitions.ts';
import { type Explanation, type Finding, said, type Words, words } from '#api/explanation.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { formatKey, type ObjectKey } from '#api/meta/object.ts';
import { groupContentNameOf, groupOwnerOf } from '#api/storage/group-snapshot.ts';
import { listed } from '#kit/listed.ts';
import type { KindExplainer } from '../explain/explained-kind.ts';
import { blocked, busy, fine } from '../explain/states.ts';
import { listSeen, readSeen, restoresOf, type UserClient, warningsOf } from './read-snapshots.ts';

/** Of groups of snapshots. */
export const groupExplainer: KindExplainer = {
  resource: volumeGroupSnapshots,
  explain: (key, { client }) => explainGroup(key, client),
};

async function explainGroup(key: ObjectKey, client: UserClient): Promise<Explanation> {
  const object = `volumegroupsnapshot ${formatKey(key)}`;
  const group = await readSeen(client, volumeGroupSnapshots, key);
  if (group === undefined) return blocked(words('notThere', { object }), [], [words('createOrLookElsewhere')]);
  const [all, content, warnings] = await Promise.all([
    listSeen(client, volumeSnapshots, key.namespace),
    readSeen(client, volumeGroupSnapshotContents, { namespace: '', name: groupContentNameOf(group) }),
    warningsOf(client, group),
  ]);
  const members = all.filter((snapshot) => groupOwnerOf(snapshot)?.uid === group.metadata.uid);
  const ofContent = content === undefined ? [] : await warningsOf(client, content);
  const findings = [...members.map(memberFinding), ...warnings, ...ofContent];
  if (!isDeleting(group)) return explain(object, group, findings);
  const restores = await restoresOf(client, members);
  const claims = listed(restores.map(({ metadata }) => metadata.name));
  if (restores.length > 0) return blocked(words('snapshotHeld', { object }), findings, [words('snapshotMendClaims', { claims })]);
  const summary = words('snapshotGoes', { object });
  return ofContent.length === 0 ? busy(summary, findings) : blocked(summary, findings, [words('snapshotMendReason')]);
}

/** Why the group is as it is: its controller has written that into its status. Pure. */
function explain(object: string, { status }: VolumeGroupSnapshot, findings: readonly Finding[]): Explanation {
  if (status?.readyToUse === true) return fine(words('snapshotReady', { object }), findings);
  const reason = status?.error?.message;
  if (reason === undefined) return busy(words('snapshotComes', { object }), findings);
  return blocked(words('snapshotNotReady', { object, reason: said(reason) }), findings, [words('snapshotMendReason')]);
}

function memberFinding({ metadata, spec, status }: VolumeSnapshot): Finding {
  const claim = spec.source.persistentVolumeClaimName ?? '';
  const subject = `volumesnapshot ${metadata.name}${claim === '' ? '' : ` of ${claim}`}`;
  return { subject, words: howMember(status) };
}

function howMember(status: VolumeSnapshot['status']): Words {
  if (status?.readyToUse === true) return words('snapshotIsReady');
  return status?.error?.message === undefined ? words('snapshotIsTaken') : said(status.error.message);
}
