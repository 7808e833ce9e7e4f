import type { PersistentVolume, VolumeAttachment } from '#api/generated/kubernetes.ts';
import { hasFinalizer, isDeleting, removingFinalizer } from '#api/meta/finalizers.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumes, volumeAttachments } from '#api/resources.ts';
import { attacherFinalizer } from '#api/storage/attachment.ts';
import { hasCode } from '#kit/errors.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, type Ctx, done, type Outcome, trigger } from '#machinery/runtime/controller.ts';
import { ATTACHMENT_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';
import { migrated } from '../../migrated-volume.ts';

const CONCURRENCY = 10;

/**
 * Lets go of volumes that are to be deleted and attached nowhere: takes off the finalizer that kept their handle known (external-attacher
 * SyncNewOrUpdatedPersistentVolume). Why not with the last detachment: of two at the same moment each would leave it to the other, and a crash after it to nobody.
 */
export function createVolumeReleaseController({ informers }: { readonly informers: InformerFactory }): Controller<PersistentVolume> {
  const attachments = informers.for(volumeAttachments, ATTACHMENT_INDEXES);
  return {
    name: 'attached-volume-release',
    resource: persistentVolumes,
    informer: informers.for(persistentVolumes, VOLUME_INDEXES),
    triggers: [trigger(attachments, ATTACHMENT_INDEXES.volume)],
    concurrency: CONCURRENCY,
    concerns: isDeleting,
    reconcile: (ctx, volume) => releaseVolume(ctx, { attachments }, volume),
  };
}

async function releaseVolume(
  ctx: Ctx,
  { attachments }: { readonly attachments: Informer<VolumeAttachment> },
  volume: PersistentVolume,
): Promise<Outcome> {
  const finalizer = attacherFinalizer(migrated(volume).spec.csi?.driver ?? '');
  const isHeld = !isDeleting(volume) || attachments.byIndex('volume', volume.metadata.name).length > 0;
  if (isHeld || !hasFinalizer(volume, finalizer)) return done;
  try {
    await ctx.client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body: removingFinalizer(volume, finalizer) } });
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
  return done;
}
