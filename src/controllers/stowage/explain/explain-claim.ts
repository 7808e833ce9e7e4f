import type { PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { type Explanation, type Finding, said, type Words, words } from '#api/explanation.ts';
import { formatKey, keyOf, type ObjectKey } from '#api/meta/object.ts';
import { limitsClaims } from '#api/quota/claim-quotas.ts';
import { requestedBytesOf, volumeNameOf } from '#api/storage/claim.ts';
import { growthStateOf, growthStatusOf } from '#api/storage/growth.ts';
import { isUnwell } from '#api/storage/health.ts';
import { modificationConditionOf, modificationStateOf, targetAttributesClassOf } from '#api/storage/modification.ts';
import { formatBytes } from '#kit/quantity.ts';
import { explainPending } from './explain-pending.ts';
import { healthOf } from './health-findings.ts';
import type { Cluster } from './cluster.ts';
import { warningsAbout } from './explanation.ts';
import { quotaFindings } from './quota-findings.ts';
import { blocked, busy } from './states.ts';
import { explainBlindly, isBlindfolded } from './unseen.ts';

/** Why the claim is as it is: each volume, class and driver that might serve it, with the reason against it. Pure. */
export function explainClaim(key: ObjectKey, cluster: Cluster): Explanation {
  const object = `persistentvolumeclaim ${formatKey(key)}`;
  const claim = cluster.claims.get(key);
  if (claim === undefined)
    return blocked(words('notThere', { object }), quotaFindings(cluster, limitsClaims), [words('createOrLookElsewhere')]);
  if (claim.metadata.deletionTimestamp !== undefined) return explainDeletion(claim, cluster);
  if (claim.status?.phase === 'Bound') return explainBound(claim, cluster);
  if (claim.status?.phase === 'Lost')
    return blocked(words('claimLost', { object, volume: volumeNameOf(claim) }), warningsAbout(cluster, claim), [
      words('restoreIntoNewClaim'),
    ]);
  return explainWaiting(claim, cluster);
}

/** Pods that name the claim. */
export function usersOf(claim: PersistentVolumeClaim, { pods }: Cluster): readonly Pod[] {
  return pods.byIndex('claim', formatKey(keyOf(claim)));
}

function objectOf(claim: PersistentVolumeClaim): string {
  return `persistentvolumeclaim ${formatKey(keyOf(claim))}`;
}

function usesOf(users: readonly Pod[]): readonly Finding[] {
  return users.map((pod) => ({ subject: `pod ${pod.metadata.name}`, words: words('inUseBy', { phase: pod.status?.phase ?? 'Pending' }) }));
}

function explainDeletion(claim: PersistentVolumeClaim, cluster: Cluster): Explanation {
  const object = objectOf(claim);
  const users = usersOf(claim, cluster);
  const findings: readonly Finding[] = [
    ...usesOf(users),
    ...(claim.metadata.finalizers ?? []).map((finalizer) => ({ subject: 'finalizer', words: said(finalizer) })),
    ...warningsAbout(cluster, claim),
  ];
  if (users.length > 0) return blocked(words('deletionWaitsForPods', { object }), findings, [words('deletePodsThatUseIt')]);
  return busy(words('beingDeleted', { object }), findings);
}

function explainBound(claim: PersistentVolumeClaim, cluster: Cluster): Explanation {
  const values = { object: objectOf(claim), volume: volumeNameOf(claim), size: claim.status?.capacity?.['storage'] ?? '?' };
  const users = usersOf(claim, cluster);
  if (growthStateOf(claim, users.length > 0) !== 'none') {
    const summary = words('claimGrows', { ...values, wanted: formatBytes(requestedBytesOf(claim)) });
    return explainGrowth(claim, cluster, { summary, users });
  }
  if (modificationStateOf(claim) !== 'none') {
    const summary = words('claimChangesAttributes', { ...values, class: JSON.stringify(targetAttributesClassOf(claim)) });
    return explainAttributes(claim, summary, [...usesOf(users), ...warningsAbout(cluster, claim)]);
  }
  if (isUnwell(claim.status?.healthStatus)) {
    const { findings, remedies } = healthOf(claim.status?.healthStatus);
    return blocked(words('claimUnwell', values), [...findings, ...usesOf(users)], remedies);
  }
  const unwell = warningsAbout(cluster, claim).filter(({ subject }) => subject === 'event VolumeConditionAbnormal');
  return { state: 'fine', summary: words('claimBound', values), findings: [...usesOf(users), ...unwell], remedies: [] };
}

function explainGrowth(
  claim: PersistentVolumeClaim,
  cluster: Cluster,
  { summary, users }: { readonly summary: Words; readonly users: readonly Pod[] },
): Explanation {
  const conditions = (claim.status?.conditions ?? []).map(({ type, message }): Finding => ({
    subject: `condition ${type}`,
    words: said(message ?? ''),
  }));
  const status = growthStatusOf(claim);
  const findings = [
    { subject: 'growth', words: status === '' ? words('growthNotBegun') : said(status) },
    ...conditions,
    ...usesOf(users),
    ...warningsAbout(cluster, claim),
  ];
  switch (growthStateOf(claim, users.length > 0)) {
    case 'failed':
      return blocked(summary, findings, [words('mendCondition'), words('giveUpGrowth')]);
    case 'waitsForPod':
      return blocked(summary, findings, [words('startPodToGrow')]);
    case 'goesOn':
    case 'none':
      return busy(summary, findings);
  }
}

/** A change of the volume's attributes that has not come to its end. */
function explainAttributes(claim: PersistentVolumeClaim, summary: Words, findings: readonly Finding[]): Explanation {
  const status = claim.status?.modifyVolumeStatus?.status ?? '';
  const className = JSON.stringify(targetAttributesClassOf(claim));
  const error = modificationConditionOf(claim, 'ModifyVolumeError')?.message;
  const own = error === undefined ? said(status) : words('attributesFailed', { status, error });
  const all = [{ subject: `attributes ${className}`, words: own }, ...findings];
  if (modificationStateOf(claim) === 'goesOn') return busy(summary, all);
  const missing = status === 'Pending' ? [words('createAttributesClass', { class: className })] : [];
  return blocked(summary, all, [...missing, words('giveUpAttributes')]);
}

function explainWaiting(claim: PersistentVolumeClaim, cluster: Cluster): Explanation {
  if (!isBlindfolded(cluster)) return explainPending(claim, cluster);
  return explainBlindly(objectOf(claim), cluster, [...quotaFindings(cluster, limitsClaims), ...warningsAbout(cluster, claim)]);
}
