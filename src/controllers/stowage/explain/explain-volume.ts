import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { type Explanation, type Finding, said, type Words, words } from '#api/explanation.ts';
import { isVolumeUsableOn } from '#api/storage/node-selector.ts';
import { claimKeyOf } from '#api/storage/volume.ts';
import { type Cluster, warningsAbout } from './explanation.ts';
import { blocked, busy, fine } from './states.ts';

/** Why the volume is as it is: whose it is, where it lies, what becomes of its data. Pure. */
export function explainVolume(name: string, cluster: Cluster): Explanation {
  const object = `persistentvolume ${name}`;
  const volume = cluster.volumes.find(({ metadata }) => metadata.name === name);
  if (volume === undefined) return blocked(words('notThere', { object }), [], []);
  const findings = [...ownFindings(volume, cluster), ...warningsAbout(cluster, volume)];
  if (volume.metadata.deletionTimestamp === undefined) return explainPhase(volume, object, findings);
  const finalizers = (volume.metadata.finalizers ?? []).map((text): Finding => ({ subject: 'finalizer', words: said(text) }));
  return busy(words('beingDeleted', { object }), [...finalizers, ...findings]);
}

function explainPhase(volume: PersistentVolume, object: string, findings: readonly Finding[]): Explanation {
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
      return volume.spec.persistentVolumeReclaimPolicy === 'Delete'
        ? busy(words('volumeToBeDeleted', values), findings)
        : blocked(words('volumeReleased', values), findings, [words('offerAgain', values)]);
    default:
      return busy(words('volumeIs', { object, phase }), findings);
  }
}

function ownFindings(volume: PersistentVolume, { nodes }: Cluster): readonly Finding[] {
  const usable = nodes.filter((node) => isVolumeUsableOn(volume, node)).map(({ metadata }) => metadata.name);
  const isPlaced = volume.spec.nodeAffinity?.required !== undefined;
  const places: Words = usable.length === 0 ? words('noNodeWillDo') : words('liesOn', { nodes: usable.join(', ') });
  return [
    ...(isPlaced ? [{ subject: 'lies on', words: places }] : []),
    { subject: 'reclaim policy', words: words(volume.spec.persistentVolumeReclaimPolicy === 'Delete' ? 'delete' : 'retain') },
  ];
}
