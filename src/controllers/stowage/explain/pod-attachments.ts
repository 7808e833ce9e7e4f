import type { PersistentVolume, Pod, VolumeAttachment } from '#api/generated/kubernetes.ts';
import { claimKeysOfPod } from '#api/claim-facts.ts';
import { parseKey } from '#api/meta/object.ts';
import { isForOneNode, needsAttachment } from '#api/storage/attachment.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { type Finding, said, type Words, words } from '#api/explanation.ts';
import type { Cluster } from './cluster.ts';
import { isBlindfolded } from './unseen.ts';

/** How the volumes of a pod with a node stand that have to be attached to it; `remedies` where one can't be. Pure. */
export function podAttachments(pod: Pod, cluster: Cluster): { readonly findings: readonly Finding[]; readonly remedies: readonly Words[] } {
  if (isBlindfolded(cluster)) return { findings: [], remedies: [] };
  const all = claimKeysOfPod(pod).flatMap((key) => {
    const claim = cluster.claims.get(parseKey(key));
    const volume = claim === undefined ? undefined : cluster.volumes.named(volumeNameOf(claim));
    return volume === undefined || !isAttachable(volume, cluster) ? [] : [explainAttachment(pod, volume, cluster)];
  });
  return { findings: all.map(({ finding }) => finding), remedies: all.flatMap(({ remedies }) => remedies) };
}

function isAttachable({ spec }: PersistentVolume, { csiDrivers }: Cluster): boolean {
  return needsAttachment(csiDrivers.named(spec.csi?.driver ?? ''));
}

interface AttachmentFinding {
  readonly finding: Finding;
  readonly remedies: readonly Words[];
}

function explainAttachment(pod: Pod, volume: PersistentVolume, cluster: Cluster): AttachmentFinding {
  const { nodeName } = pod.spec;
  const { name } = volume.metadata;
  const subject = `attachment of ${name}`;
  const attachments = cluster.attachments.byIndex('volume', name);
  const own = attachments.find(({ spec }) => spec.nodeName === nodeName);
  if (own !== undefined) return explainOwn(own, subject);
  const [other] = attachments;
  if (other === undefined || !isForOneNode(volume)) return { finding: { subject, words: words('attachmentComes') }, remedies: [] };
  const { nodeName: holder } = other.spec;
  return {
    finding: { subject, words: words('attachedElsewhere', { node: holder }) },
    remedies: [words('deletePodsThere', { node: holder }), words('thatNodeOffForGood', { node: holder })],
  };
}

function explainOwn({ metadata, status }: VolumeAttachment, subject: string): AttachmentFinding {
  if (metadata.deletionTimestamp !== undefined) return { finding: { subject, words: words('detaching') }, remedies: [] };
  if (status?.attached === true) return { finding: { subject, words: words('attached') }, remedies: [] };
  const fault = status?.attachError?.message;
  if (fault === undefined) return { finding: { subject, words: words('attaching') }, remedies: [] };
  return { finding: { subject, words: said(fault) }, remedies: [words('mendAttachment')] };
}
