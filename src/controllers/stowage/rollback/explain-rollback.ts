import { volumeRollbacks } from '#api/generated/definitions.ts';
import { type Explanation, type Finding, words } from '#api/explanation.ts';
import { formatKey, type ObjectKey } from '#api/meta/object.ts';
import { explainJob, stoppedFindings } from '../claim-swap/explain-job.ts';
import type { KindExplainer } from '../explain/explained-kind.ts';
import { blocked } from '../explain/states.ts';
import { readSeen, type UserClient, warningsOf } from '../snapshots/read-snapshots.ts';
import type { RolledClaim } from './rolled.ts';

/** Of rollbacks. What one waits for, its controller has written into its status, from its own plan. */
export const rollbackExplainer: KindExplainer = {
  resource: volumeRollbacks,
  explain: (key, { client }) => explainRollback(key, client),
};

async function explainRollback(key: ObjectKey, client: UserClient): Promise<Explanation> {
  const object = `volumerollback ${formatKey(key)}`;
  const rollback = await readSeen(client, volumeRollbacks, key);
  if (rollback === undefined) return blocked(words('notThere', { object }), [], [words('createOrLookElsewhere')]);
  const findings = [...(rollback.status?.claims ?? []).map(claimFinding), ...stoppedFindings(rollback)];
  return explainJob(object, rollback, {
    type: 'vrb',
    kind: volumeRollbacks.kind,
    swapped: words('rollbackSwapped', { object }),
    findings: [...findings, ...(await warningsOf(client, rollback))],
  });
}

function claimFinding({ claimName, volumeSnapshotName, oldVolume, newVolume }: RolledClaim): Finding {
  const values = { snapshot: volumeSnapshotName, before: oldVolume.name, after: newVolume?.name ?? '' };
  return {
    subject: `persistentvolumeclaim ${claimName}`,
    words: words(newVolume === undefined ? 'rolledWithout' : 'rolledFromTo', values),
  };
}
