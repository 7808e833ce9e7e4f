import type { Node, PersistentVolume, Pod, VolumeAttachment } from '#api/generated/kubernetes.ts';
import { claimKeysOfPod } from '#api/claim-facts.ts';
import { keyOf } from '#api/meta/object.ts';
import { nodes, persistentVolumes, pods, volumeAttachments } from '#api/resources.ts';
import { claimKeyOf } from '#api/storage/volume.ts';
import { hasCode } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { after, type Controller, type Ctx, done, type Outcome, trigger } from '#machinery/runtime/controller.ts';
import { ATTACHMENT_INDEXES, POD_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';
import { migrated } from '../../migrated-volume.ts';
import { attachmentNameOf } from './attachment-name.ts';
import { planDetach } from './plan.ts';

interface Parts {
  readonly attachments: Informer<VolumeAttachment>;
  readonly volumes: Informer<PersistentVolume>;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
}

const CONCURRENCY = 10;

/** Takes attachments away that no pod needs any more (kube-controller-manager's attach/detach controller, the detaching half). */
export function createDetachController({ informers }: { readonly informers: InformerFactory }): Controller<VolumeAttachment> {
  const parts: Parts = {
    attachments: informers.for(volumeAttachments, ATTACHMENT_INDEXES),
    volumes: informers.for(persistentVolumes, VOLUME_INDEXES),
    pods: informers.for(pods, POD_INDEXES),
    nodes: informers.for(nodes),
  };
  const attachmentsOf = (volume: PersistentVolume): readonly string[] =>
    parts.attachments.byIndex('volume', volume.metadata.name).map(({ metadata }) => metadata.name);
  return {
    name: 'detach',
    resource: volumeAttachments,
    informer: parts.attachments,
    triggers: [
      trigger(parts.volumes, attachmentsOf),
      trigger(parts.pods, (pod) => claimKeysOfPod(pod).flatMap((key) => parts.volumes.byIndex('claim', key).flatMap(attachmentsOf))),
      trigger(parts.nodes, ({ metadata }) =>
        parts.attachments.byIndex('node', metadata.name).map((attachment) => attachment.metadata.name),
      ),
    ],
    concurrency: CONCURRENCY,
    reconcile: (ctx, attachment) => reconcileDetach(ctx, parts, attachment),
  };
}

async function reconcileDetach(ctx: Ctx, parts: Parts, attachment: VolumeAttachment): Promise<Outcome> {
  const volumeName = attachment.spec.source.persistentVolumeName;
  if (volumeName === undefined) return done;
  const volume = migrated(parts.volumes.get({ namespace: '', name: volumeName }));
  // why: one with another name was made by somebody else, who knows when it may go
  if (volume !== undefined && attachmentNameOf(volume, attachment.spec.nodeName) !== attachment.metadata.name) return done;
  const claimKey = volume === undefined ? undefined : claimKeyOf(volume);
  const plan = planDetach(attachment, volume, {
    pods: claimKey === undefined ? [] : parts.pods.byIndex('claim', claimKey),
    node: parts.nodes.get({ namespace: '', name: attachment.spec.nodeName }),
    nowMs: ctx.clock.nowMs(),
  });
  if (plan.kind === 'wait') return after(plan.delayMs, 'the node says that it uses the volume');
  if (plan.kind === 'detach') await deleteIfAny(ctx, attachment);
  return done;
}

async function deleteIfAny(ctx: Ctx, attachment: VolumeAttachment): Promise<void> {
  try {
    await ctx.client.delete(volumeAttachments, keyOf(attachment), { uid: attachment.metadata.uid });
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
}
