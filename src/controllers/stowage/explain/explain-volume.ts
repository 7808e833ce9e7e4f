import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { type Explanation, type Finding, said, type Words, words } from '#api/explanation.ts';
import { parseKey } from '#api/meta/object.ts';
import { isVolumeUsableOn } from '#api/storage/node-selector.ts';
import { claimKeyOf } from '#api/storage/volume.ts';
import { claimRecordOf, isKept } from '#api/undelete/claim-record.ts';
import { planReclaim } from '../../csi/reclaim/plan.ts';
import { migrated } from '../../migrated-volume.ts';
import type { Cluster } from './cluster.ts';
import { warningsAbout } from './explanation.ts';
import { blocked, busy, fine } from './states.ts';
import { explainUnseen } from './unseen.ts';

/** Why the volume is as it is: whose it is, where it lies, what becomes of its data. Pure. */
export function explainVolume(name: string, cluster: Cluster): Explanation {
  const object = `persistentvolume ${name}`;
  const unseen = explainUnseen(object, cluster, ['persistentvolumes']);
  if (unseen !== undefined) return unseen;
  const volume = cluster.volumes.named(name);
  if (volume === undefined) return blocked(words('notThere', { object }), [], []);
  const findings = [...ownFindings(volume, cluster), ...warningsAbout(cluster, volume)];
  if (volume.metadata.deletionTimestamp === undefined) return explainPhase(volume, object, { findings, cluster });
  const finalizers = (volume.metadata.finalizers ?? []).map((text): Finding => ({ subject: 'finalizer', words: said(text) }));
  return busy(words('beingDeleted', { object }), [...finalizers, ...findings]);
}

interface Known {
  readonly findings: readonly Finding[];
  readonly cluster: Cluster;
}

function explainPhase(volume: PersistentVolume, object: string, { findings, cluster }: Known): Explanation {
  const { phase = 'Pending', message = '' } = volume.status ?? {};
  const values = { object, claim: claimKeyOf(volume) ?? '' };
  switch (phase) {
    case 'Bound':
      return fine(words('volumeBoundTo', values), findings);
    case 'Available':
      return fine(words(values.claim === '' ? 'volumeFree' : 'volumeReserved', values), findings);
    case 'Failed':
      return blocked(words('volumeFailed', { object, why: message }), findings, [words('mendEvent')]);
    case 'Released':
      return explainReleased(volume, values, { findings, cluster });
    default:
      return busy(words('volumeIs', { object, phase }), findings);
  }
}

function explainReleased(
  volume: PersistentVolume,
  values: { readonly object: string; readonly claim: string },
  { findings, cluster }: Known,
): Explanation {
  if (isKept(volume)) return explainKept(volume, values, findings);
  const policy = POLICIES[volume.spec.persistentVolumeReclaimPolicy ?? ''];
  if (policy === 'delete') return explainDeletion(volume, words('volumeToBeDeleted', values), { findings, cluster });
  if (policy === 'recycle') return busy(words('volumeBeingEmptied', values), findings);
  return blocked(words('volumeReleased', values), findings, [words('offerAgain', values)]);
}

function explainKept(
  volume: PersistentVolume,
  values: { readonly object: string; readonly claim: string },
  findings: readonly Finding[],
): Explanation {
  const record = claimRecordOf(volume);
  if (!record.ok) return blocked(words('recordUnreadable', { ...values, why: record.error }), findings, []);
  const { namespace, name } = parseKey(values.claim);
  const summary = words('volumeKeptForClaim', { ...values, until: record.value.keptUntil });
  return busy(summary, findings, [words('bringClaimBack', { namespace, name })]);
}

/** What keeps the volume from being deleted is what reclaim says itself. */
function explainDeletion(volume: PersistentVolume, summary: Words, { findings, cluster }: Known): Explanation {
  if (cluster.unseen.has('csinodes') || cluster.unseen.has('volumeattachments')) return busy(summary, findings);
  const attachedTo = cluster.attachments.byIndex('volume', volume.metadata.name, 1)[0]?.spec.nodeName;
  const plan = planReclaim(migrated(volume), { connected: cluster.drivers.names(), attachedTo, keptPaths: [] });
  if (plan.kind !== 'wait') return busy(summary, findings);
  const obstacle: Finding = { subject: 'deletion', words: said(plan.event.message) };
  // why busy: a volume that is attached is on its way off, or its pod is told of
  return attachedTo === undefined
    ? blocked(summary, [obstacle, ...findings], [words('mendRefusal')])
    : busy(summary, [obstacle, ...findings]);
}

const POLICIES: Readonly<Record<string, 'delete' | 'recycle'>> = { Delete: 'delete', Recycle: 'recycle' };

function ownFindings(volume: PersistentVolume, cluster: Cluster): readonly Finding[] {
  const isPlaced = volume.spec.nodeAffinity?.required !== undefined;
  return [
    ...(isPlaced ? [{ subject: 'lies on', words: placeOf(volume, cluster) }] : []),
    { subject: 'reclaim policy', words: words(POLICIES[volume.spec.persistentVolumeReclaimPolicy ?? ''] ?? 'retain') },
  ];
}

function placeOf(volume: PersistentVolume, { nodes, unseen }: Cluster): Words {
  if (unseen.has('nodes')) return words('placeUnseen');
  const usable = nodes.all().filter((node) => isVolumeUsableOn(volume, node));
  return usable.length === 0 ? words('noNodeWillDo') : words('liesOn', { nodes: usable.map(({ metadata }) => metadata.name).join(', ') });
}
