import type { VolumeAttachment } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { keyOf } from '#api/meta/object.ts';
import { volumeAttachments } from '#api/resources.ts';
import { formatTime } from '#kit/clock.ts';
import { cutText } from '#kit/cut-text.ts';
import { ERROR_CODES } from '#kit/error-codes.ts';
import { type ErrorInit, hasCode, PlatformError } from '#kit/errors.ts';
import { isConflict } from '#machinery/client/api-error.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import { WorkRefused } from '../driver-work/failure.ts';

/** What keeps a volume from being attached or detached, beside the driver. */
export class AttachmentRefused extends WorkRefused {
  constructor(init: Pick<ErrorInit, 'code' | 'message' | 'cause'>) {
    super({ reason: 'FailedAttachVolume', ...init });
  }
}

/**
 * A write that belongs to an attachment. What the API refuses is told in the attachment's status, as what the driver refuses is; that
 * somebody else wrote meanwhile, or that the object is gone, says nothing of the attachment.
 * @throws AttachmentRefused; ApiError
 */
export async function written<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (thrown) {
    if (isConflict(thrown) || hasCode(thrown, 'NotFound')) throw thrown;
    const { code, message } = PlatformError.from(thrown);
    throw new AttachmentRefused({ code, message, cause: thrown });
  }
}

/** Writes an error into the attachment's status. */
export async function reportError(ctx: Ctx, attachment: VolumeAttachment, { code, message }: PlatformError): Promise<void> {
  const error = { message: cutText(message, MAX_MESSAGE_BYTES), errorCode: ERROR_CODES[code].grpc, time: formatTime(ctx.clock.nowMs()) };
  await patchStatus(ctx, attachment, { [isDeleting(attachment) ? 'detachError' : 'attachError']: error });
}

/** A merge patch of the attachment's status. */
export async function patchStatus(ctx: Ctx, attachment: VolumeAttachment, status: object): Promise<void> {
  const patch = { type: 'merge', body: { metadata: { uid: attachment.metadata.uid }, status } } as const;
  await ctx.client.patch(volumeAttachments, { key: keyOf(attachment), patch }, { subresource: 'status' });
}

/** Longest message of a VolumeError, in bytes (kubernetes storage validation, maxVolumeErrorMessageSize). */
const MAX_MESSAGE_BYTES = 1024;
