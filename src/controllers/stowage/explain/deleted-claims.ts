import type { DeletedClaim } from '#api/generated/definitions.ts';
import { type Explanation, type Finding, words } from '#api/explanation.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { formatKey, type ObjectKey } from '#api/meta/object.ts';
import type { Cluster } from './cluster.ts';
import { busy } from './states.ts';

/** Claims that are named; of more only the number is told. */
const MAX_NAMES = 5;

/** What is said of a claim or a namespace, with the deleted claims that are in the way, or that are what was looked for. Pure. */
export function withDeletedClaims(explanation: Explanation, key: ObjectKey, cluster: Pick<Cluster, 'deletedClaims'>): Explanation {
  const isFull = explanation.findings.some((finding) => finding.words.code === 'quotaUsedUp');
  if (explanation.state === 'fine' && !isFull) return explanation;
  const counted = isFull ? countIn(key.namespace, cluster) : [];
  const [newest, ...others] = earlierOnes(key, cluster);
  if (newest === undefined) return { ...explanation, findings: [...counted, ...explanation.findings] };
  if (explanation.summary.code !== 'notThere')
    return { ...explanation, findings: [...counted, ...explanation.findings, ...[newest, ...others].map(earlier)] };
  const summary = words('deletedAndKept', { object: `persistentvolumeclaim ${formatKey(key)}`, ...valuesOf(newest) });
  return busy(summary, [...others.map(earlier), ...counted], [words('bringClaimBack', { ...key })]);
}

/** Of one name, the newest first. */
function earlierOnes(key: ObjectKey, { deletedClaims }: Pick<Cluster, 'deletedClaims'>): readonly DeletedClaim[] {
  return deletedClaims
    .byIndex('ofClaim', formatKey(key))
    .filter((told) => !isDeleting(told))
    .toSorted((a, b) => b.spec.deletedAt.localeCompare(a.spec.deletedAt));
}

function valuesOf({ metadata, spec }: DeletedClaim): { readonly volume: string; readonly size: string; readonly until: string } {
  return { volume: metadata.name, size: spec.storage, until: spec.keptUntil };
}

function earlier(told: DeletedClaim): Finding {
  return { subject: `deletedclaim ${told.metadata.name}`, words: words('deletedEarlier', valuesOf(told)) };
}

function countIn(namespace: string, { deletedClaims }: Pick<Cluster, 'deletedClaims'>): readonly Finding[] {
  const count = deletedClaims.countByIndex('ofNamespace', namespace);
  if (count === 0) return [];
  const names = deletedClaims.byIndex('ofNamespace', namespace, MAX_NAMES).map(({ spec }) => spec.claimName);
  const listed = names.join(', ') + (count > MAX_NAMES ? ', …' : '');
  return [{ subject: 'deletedclaims', words: words('deletedCount', { count: String(count), names: listed, namespace }) }];
}
