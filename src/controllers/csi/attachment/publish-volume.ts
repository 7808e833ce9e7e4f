import type { PersistentVolume, VolumeAttachment } from '#api/generated/kubernetes.ts';
import { hasCode } from '#kit/errors.ts';
import type { CallContext } from '#protocols/csi/call.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { ControllerPublishVolumeRequest, ControllerUnpublishVolumeRequest } from '#protocols/csi/generated/messages.ts';
import { csiCapabilityOf } from '#protocols/csi/volume-capability.ts';
import { askController } from '../driver-work/driver-capabilities.ts';
import type { DriverOrder, Request, SecretNeed, Sending, Work } from '../driver-work/steps.ts';
import { AttachmentRefused } from './attachment-report.ts';

/** Which attachment, and what is to be brought together or apart. */
export interface AttachmentOrder extends DriverOrder {
  readonly attachment: VolumeAttachment;
  readonly volume: PersistentVolume | undefined;
  readonly nodeId: string | undefined;
}

interface PublishCapabilities {
  readonly canPublish: boolean;
  readonly canPublishReadOnly: boolean;
  readonly hasSingleNodeMultiWriter: boolean;
}

/** Attaching a volume at its driver. */
export interface AttachWork extends Work {
  readonly order: AttachmentOrder;
  readonly capabilities: PublishCapabilities;
  readonly message: Omit<ControllerPublishVolumeRequest, 'secrets'>;
  /** What the node needs to mount it. */
  readonly answer: Readonly<Record<string, string>>;
}

/** Detaching a volume at its driver. */
export interface DetachWork extends Work {
  readonly order: AttachmentOrder;
  readonly capabilities: PublishCapabilities;
  readonly message: Omit<ControllerUnpublishVolumeRequest, 'secrets'>;
  readonly answer: undefined;
}

/** Asks the driver whether and how it attaches volumes. */
export async function askPublishing(driver: CsiClient, call: CallContext): Promise<PublishCapabilities> {
  const controller = await askController(driver, call);
  return {
    canPublish: controller.has('PUBLISH_UNPUBLISH_VOLUME'),
    canPublishReadOnly: controller.has('PUBLISH_READONLY'),
    hasSingleNodeMultiWriter: controller.has('SINGLE_NODE_MULTI_WRITER'),
  };
}

/** What is asked to attach the volume; nothing of a driver that attaches nothing. Pure. */
export function requestAttach({ attachment, volume, nodeId }: AttachmentOrder, capabilities: PublishCapabilities): Request<AttachWork> {
  const { nodeName, attacher } = attachment.spec;
  if (nodeId === undefined) {
    const message = `CSINode ${nodeName} does not contain driver ${attacher}: start the driver on that node`;
    return { kind: 'refused', error: new AttachmentRefused({ code: 'Unavailable', message }) };
  }
  if (!capabilities.canPublish || volume === undefined) return { kind: 'answered', answer: {} };
  const { csi } = volume.spec;
  return {
    kind: 'send',
    message: {
      volumeId: csi?.volumeHandle ?? '',
      nodeId,
      volumeCapability: csiCapabilityOf(volume.spec, capabilities),
      readonly: capabilities.canPublishReadOnly && csi?.readOnly === true,
      volumeContext: csi?.volumeAttributes ?? {},
    },
    secret: secretOf(volume),
  };
}

/** ControllerPublishVolume, idempotent. @throws PlatformError what the driver answers */
export async function attachVolume(
  _order: AttachmentOrder,
  { driver, message, secrets = {}, call }: Sending<AttachWork>,
): Promise<AttachWork['answer']> {
  const { publishContext = {} } = await driver.controller.controllerPublishVolume({ ...message, secrets }, call);
  return publishContext;
}

/** What is asked to detach the volume. Pure. */
export function requestDetach({ volume, nodeId }: AttachmentOrder, capabilities: PublishCapabilities): Request<DetachWork> {
  // why nothing to ask without it: an attachment that was never tried has nothing that the driver could name
  if (nodeId === undefined || !capabilities.canPublish || volume === undefined) return { kind: 'answered', answer: undefined };
  return { kind: 'send', message: { volumeId: volume.spec.csi?.volumeHandle ?? '', nodeId }, secret: secretOf(volume) };
}

/** ControllerUnpublishVolume, idempotent. @throws PlatformError what the driver answers, but for a volume or node that it does not know */
export async function detachVolume(
  _order: AttachmentOrder,
  { driver, message, secrets = {}, call }: Sending<DetachWork>,
): Promise<undefined> {
  try {
    await driver.controller.controllerUnpublishVolume({ ...message, secrets }, call);
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
}

function secretOf({ spec }: PersistentVolume): SecretNeed | undefined {
  const ref = spec.csi?.controllerPublishSecretRef;
  return ref && { key: { namespace: ref.namespace ?? '', name: ref.name ?? '' } };
}
