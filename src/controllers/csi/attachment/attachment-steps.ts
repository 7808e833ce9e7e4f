import type { PersistentVolume, VolumeAttachment } from '#api/generated/kubernetes.ts';
import { addingFinalizer, hasFinalizer, removingFinalizer } from '#api/meta/finalizers.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumes, volumeAttachments } from '#api/resources.ts';
import { attacherFinalizer, NODE_ID_ANNOTATION } from '#api/storage/attachment.ts';
import { type Ctx, done } from '#machinery/runtime/controller.ts';
import { DriverCapabilities } from '../driver-work/driver-capabilities.ts';
import type { Failure } from '../driver-work/failure.ts';
import { tryAgain } from '../driver-work/ladder.ts';
import type { DriverSteps, End, Prepared } from '../driver-work/steps.ts';
import { AttachmentRefused, patchStatus, reportError, written } from './attachment-report.ts';
import {
  askPublishing,
  type AttachmentOrder,
  attachVolume,
  type AttachWork,
  detachVolume,
  type DetachWork,
  requestAttach,
  requestDetach,
} from './publish-volume.ts';

/** How volumes are attached and detached. */
export interface AttachmentSteps {
  readonly attach: DriverSteps<AttachWork>;
  readonly detach: DriverSteps<DetachWork>;
}

/** Both kinds of work, which ask a driver once what it can do. */
export function attachmentSteps(): AttachmentSteps {
  const shared = {
    infeasible: new Set<never>(),
    capabilities: new DriverCapabilities(askPublishing),
    // why without a word: attachments are also made for drivers that are none of ours
    away: () => done,
    fail,
  };
  return {
    attach: {
      ...shared,
      operation: 'volume_attach',
      prepare: prepareAttach,
      request: requestAttach,
      send: attachVolume,
      finish: async (ctx, { attachment }, attachmentMetadata) => {
        await written(patchStatus(ctx, attachment, { attached: true, attachError: null, attachmentMetadata }));
        return done;
      },
    },
    detach: {
      ...shared,
      operation: 'volume_detach',
      prepare: async (ctx, order) => {
        requireVolume(order);
        // why before the driver is asked anything: it was never asked to attach, and may be gone with the node
        if (order.nodeId === undefined) return { kind: 'stop', outcome: await letGo(ctx, order) };
        return { kind: 'ready', order };
      },
      request: requestDetach,
      send: detachVolume,
      finish: letGo,
    },
  };
}

async function prepareAttach(ctx: Ctx, order: AttachmentOrder): Promise<Prepared<AttachmentOrder>> {
  const { attachment } = order;
  const volume = requireVolume(order);
  const finalizer = attacherFinalizer(attachment.spec.attacher);
  // why before the call: after a crash the finalizers are what makes the detachment happen, and the volume's keeps its handle known
  if (!hasFinalizer(volume, finalizer)) {
    const body = addingFinalizer(volume, finalizer);
    await written(ctx.client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body } }));
  }
  const { nodeId } = order;
  const isKept =
    hasFinalizer(attachment, finalizer) && (nodeId === undefined || attachment.metadata.annotations?.[NODE_ID_ANNOTATION] === nodeId);
  const kept = isKept ? attachment : await written(patchAttachment(ctx, attachment, keeping(attachment, finalizer, nodeId)));
  return { kind: 'ready', order: { ...order, attachment: kept } };
}

/** Nothing is attached any more: the attachment may go. */
async function letGo(ctx: Ctx, { attachment }: AttachmentOrder): Promise<typeof done> {
  const finalizer = attacherFinalizer(attachment.spec.attacher);
  await written(patchAttachment(ctx, attachment, removingFinalizer(attachment, finalizer)));
  return done;
}

/** The finalizer, and the name of the node at the driver: with both, and nothing else, the volume is detached again whatever becomes of the node. */
function keeping(attachment: VolumeAttachment, finalizer: string, nodeId: string | undefined): object {
  const { metadata } = hasFinalizer(attachment, finalizer)
    ? { metadata: { resourceVersion: attachment.metadata.resourceVersion } }
    : addingFinalizer(attachment, finalizer);
  return { metadata: { ...metadata, ...(nodeId === undefined ? {} : { annotations: { [NODE_ID_ANNOTATION]: nodeId } }) } };
}

async function fail(ctx: Ctx, { attachment }: AttachmentOrder, { error }: Failure): Promise<End> {
  await reportError(ctx, attachment, error);
  return tryAgain;
}

/** @throws AttachmentRefused */
function requireVolume({ attachment, volume }: AttachmentOrder): PersistentVolume {
  if (volume !== undefined) return volume;
  const { source, attacher } = attachment.spec;
  const name = JSON.stringify(source.persistentVolumeName ?? '');
  const message = `persistentvolume ${name} not found, or not of the CSI driver ${attacher}`;
  throw new AttachmentRefused({ code: 'FailedPrecondition', message });
}

function patchAttachment(ctx: Ctx, attachment: VolumeAttachment, body: object): Promise<VolumeAttachment> {
  return ctx.client.patch(volumeAttachments, { key: keyOf(attachment), patch: { type: 'merge', body } });
}
