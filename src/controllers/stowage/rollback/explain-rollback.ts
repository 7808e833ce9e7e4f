import { type VolumeRollback, volumeRollbacks } from '#api/generated/definitions.ts';
import { type Explanation, type Finding, said, words } from '#api/explanation.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { formatKey, type ObjectKey } from '#api/meta/object.ts';
import type { KindExplainer } from '../explain/explained-kind.ts';
import { blocked, busy, fine } from '../explain/states.ts';
import { readSeen, type UserClient, warningsOf } from '../snapshots/read-snapshots.ts';
import { isFinal, type RolledClaim } from './rolled.ts';

/** Of rollbacks. What one waits for, its controller has written into its status, from its own plan. */
export const rollbackExplainer: KindExplainer = {
  resource: volumeRollbacks,
  explain: (key, { client }) => explainRollback(key, client),
};

async function explainRollback(key: ObjectKey, client: UserClient): Promise<Explanation> {
  const object = `volumerollback ${formatKey(key)}`;
  const rollback = await readSeen(client, volumeRollbacks, key);
  if (rollback === undefined) return blocked(words('notThere', { object }), [], [words('createOrLookElsewhere')]);
  const findings = [...(rollback.status?.claims ?? []).map(claimFinding), ...consumerFindings(rollback)];
  return explain(object, rollback, [...findings, ...(await warningsOf(client, rollback))]);
}

/** Pure. */
function explain(object: string, rollback: VolumeRollback, findings: readonly Finding[]): Explanation {
  const { phase, message = '' } = rollback.status ?? {};
  const { name, namespace = '' } = rollback.metadata;
  switch (phase) {
    case 'Refused':
      return blocked(words('rollbackRefused', { object, why: said(message) }), findings, [words('rollbackMakeAnother')]);
    case 'Confirmed':
      return fine(words('rollbackConfirmed', { object }), findings);
    case 'Undone':
      return fine(words('rollbackUndone', { object }), findings);
    case 'Swapped':
      if (rollback.spec.decision === undefined && !isDeleting(rollback))
        return { ...fine(words('rollbackSwapped', { object }), findings), remedies: [words('rollbackDecide', { name, namespace })] };
      return busy(words('rollbackGoesOn', { object, phase }), findings);
    default:
      return explainStep(rollback, { object, phase: phase ?? 'Pending' }, findings);
  }
}

function explainStep(
  { metadata: { name, namespace = '' }, spec, status }: VolumeRollback,
  values: { readonly object: string; readonly phase: string },
  findings: readonly Finding[],
): Explanation {
  const message = status?.message;
  if (message === undefined) return busy(words('rollbackGoesOn', values), findings);
  // why an undo: it is what always helps, whatever it is that does not come
  const giveUp = spec.decision === 'Undo' ? [] : [words('rollbackGiveUp', { name, namespace })];
  return busy(words('rollbackWaits', { ...values, why: said(message) }), findings, giveUp);
}

function claimFinding({ claimName, volumeSnapshotName, oldVolume, newVolume }: RolledClaim): Finding {
  const values = { snapshot: volumeSnapshotName, before: oldVolume.name, after: newVolume?.name ?? '' };
  return {
    subject: `persistentvolumeclaim ${claimName}`,
    words: words(newVolume === undefined ? 'rolledWithout' : 'rolledFromTo', values),
  };
}

/** Those that were stopped, as long as they are. */
function consumerFindings(rollback: VolumeRollback): readonly Finding[] {
  if (isFinal(rollback) || rollback.status?.phase === 'Swapped') return [];
  return (rollback.status?.consumers ?? []).map(({ kind, name }): Finding => ({
    subject: `${kind.toLowerCase()} ${name}`,
    words: words('rollbackStops'),
  }));
}
