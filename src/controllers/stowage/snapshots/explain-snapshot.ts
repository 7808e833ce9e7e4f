import { type VolumeSnapshot, type VolumeSnapshotContent, volumeSnapshotContents, volumeSnapshots } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { type Explanation, type Finding, said, words } from '#api/explanation.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { formatKey, type ObjectKey } from '#api/meta/object.ts';
import { groupOwnerOf } from '#api/storage/group-snapshot.ts';
import { contentNameOf, snapshotHandleOf } from '#api/storage/snapshot.ts';
import { listed } from '#kit/listed.ts';
import type { KindExplainer } from '../explain/explained-kind.ts';
import { blocked, busy, fine } from '../explain/states.ts';
import { readSeen, restoresOf, type UserClient, warningsOf } from './read-snapshots.ts';

/** Of snapshots. */
export const snapshotExplainer: KindExplainer = {
  resource: volumeSnapshots,
  explain: (key, { client }) => explainSnapshot(key, client),
};

/** What is looked at beside the snapshot. */
interface SnapshotFacts {
  readonly content: VolumeSnapshotContent | undefined;
  /** Claims that are being made from it. */
  readonly restores: readonly PersistentVolumeClaim[];
  readonly warnings: readonly Finding[];
}

async function explainSnapshot(key: ObjectKey, client: UserClient): Promise<Explanation> {
  const object = `volumesnapshot ${formatKey(key)}`;
  const snapshot = await readSeen(client, volumeSnapshots, key);
  if (snapshot === undefined) return blocked(words('notThere', { object }), [], [words('createOrLookElsewhere')]);
  const [content, restores, warnings] = await Promise.all([
    readSeen(client, volumeSnapshotContents, { namespace: '', name: contentNameOf(snapshot) }),
    restoresOf(client, [snapshot]),
    warningsOf(client, snapshot),
  ]);
  const ofContent = content === undefined ? [] : await warningsOf(client, content);
  return explain(object, snapshot, { content, restores, warnings: [...warnings, ...ofContent] });
}

/** Why the snapshot is as it is: its controller has written that into its status. Pure. */
function explain(object: string, snapshot: VolumeSnapshot, facts: SnapshotFacts): Explanation {
  const findings = [...contentFindings(facts.content), ...facts.warnings];
  if (isDeleting(snapshot)) return explainDeletion(object, snapshot, facts);
  const { readyToUse = false, restoreSize = '?', creationTime = '?', error } = snapshot.status ?? {};
  if (readyToUse) {
    const holds = { subject: object, words: words('snapshotIsOf', { size: String(restoreSize), time: creationTime }) };
    return fine(words('snapshotReady', { object }), [holds, ...contentFindings(facts.content)]);
  }
  if (error?.message === undefined) return busy(words('snapshotComes', { object }), findings);
  return blocked(words('snapshotNotReady', { object, reason: said(error.message) }), findings, [words('snapshotMendReason')]);
}

function explainDeletion(object: string, snapshot: VolumeSnapshot, { content, restores, warnings }: SnapshotFacts): Explanation {
  const findings = [...contentFindings(content), ...warnings];
  const claims = listed(restores.map(({ metadata }) => metadata.name));
  if (restores.length > 0) return blocked(words('snapshotHeld', { object }), findings, [words('snapshotMendClaims', { claims })]);
  const group = groupOwnerOf(snapshot)?.name;
  if (group !== undefined)
    return blocked(words('snapshotHeldByGroup', { object, group }), findings, [words('snapshotDeleteGroup', { group })]);
  const summary = words('snapshotGoes', { object });
  return warnings.length === 0 ? busy(summary, findings) : blocked(summary, findings, [words('snapshotMendReason')]);
}

function contentFindings(content: VolumeSnapshotContent | undefined): readonly Finding[] {
  const handle = content === undefined ? undefined : snapshotHandleOf(content);
  if (content === undefined || handle === undefined) return [];
  const { driver } = content.spec;
  return [{ subject: `volumesnapshotcontent ${content.metadata.name}`, words: words('contentAtDriver', { driver, handle }) }];
}
