import { type VolumeSnapshotContent, volumeSnapshotContents } from '#api/generated/definitions.ts';
import { type Explanation, type Finding, said, words } from '#api/explanation.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { formatKey } from '#api/meta/object.ts';
import { BEING_DELETED, snapshotHandleOf } from '#api/storage/snapshot.ts';
import type { KindExplainer } from '../explain/explained-kind.ts';
import { blocked, busy, fine } from '../explain/states.ts';
import { readSeen, warningsOf } from './read-snapshots.ts';

/** Of contents. */
export const contentExplainer: KindExplainer = {
  resource: volumeSnapshotContents,
  explain: async ({ name }, { client }) => {
    const object = `volumesnapshotcontent ${name}`;
    const content = await readSeen(client, volumeSnapshotContents, { namespace: '', name });
    if (content === undefined) return blocked(words('notThere', { object }), [], []);
    return explain(object, content, await warningsOf(client, content));
  },
};

/** Why the content is as it is. Pure. */
function explain(object: string, content: VolumeSnapshotContent, warnings: readonly Finding[]): Explanation {
  const { namespace = '', name = '', uid = '' } = content.spec.volumeSnapshotRef;
  const key = formatKey({ namespace, name });
  const snapshot = `volumesnapshot ${key}`;
  const findings = [{ subject: object, words: words('contentOfSnapshot', { snapshot }) }, ...handleFindings(object, content), ...warnings];
  if (isDeleting(content)) return explainDeletion(object, content, { snapshot, findings, hasWarnings: warnings.length > 0 });
  const { readyToUse = false, error } = content.status ?? {};
  if (error?.message !== undefined && !readyToUse)
    return blocked(words('snapshotNotReady', { object, reason: said(error.message) }), findings, [words('snapshotMendReason')]);
  if (uid === '') {
    const nameIt = words('contentNameIt', {
      kind: 'VolumeSnapshot',
      snapshot: key,
      field: 'volumeSnapshotContentName',
      name: content.metadata.name,
    });
    return blocked(words('contentFree', { object, snapshot: key }), findings, [nameIt]);
  }
  return readyToUse ? fine(words('snapshotReady', { object }), findings) : busy(words('snapshotComes', { object }), findings);
}

function explainDeletion(
  object: string,
  content: VolumeSnapshotContent,
  { snapshot, findings, hasWarnings }: { readonly snapshot: string; readonly findings: readonly Finding[]; readonly hasWarnings: boolean },
): Explanation {
  const isTold = content.metadata.annotations?.[BEING_DELETED] !== undefined || (content.spec.volumeSnapshotRef.uid ?? '') === '';
  if (!isTold) return blocked(words('contentHeld', { object, snapshot }), findings, [words('contentDeleteSnapshot', { snapshot })]);
  const summary = words('snapshotGoes', { object });
  return hasWarnings ? blocked(summary, findings, [words('snapshotMendReason')]) : busy(summary, findings);
}

function handleFindings(object: string, content: VolumeSnapshotContent): readonly Finding[] {
  const handle = snapshotHandleOf(content);
  return handle === undefined ? [] : [{ subject: object, words: words('contentAtDriver', { driver: content.spec.driver, handle }) }];
}
