import { PlatformError } from '#kit/errors.ts';
import { CsiCallFailed } from '#protocols/csi/grpc-status.ts';

/** A volume can't be set up now; the pod waits and it is tried again. The event is `FailedMount`. */
export class VolumeNotReady extends PlatformError {
  constructor(message: string, cause?: unknown) {
    super({ code: 'FailedPrecondition', reason: 'FailedMount', message, cause, retry: 'backoff' });
  }
}

/**
 * The driver can attach no more volumes to this node than are there, though the scheduler thought so: the pod is refused, so that it is placed anew
 * (KEP-4876, in kubelet's words).
 */
export class AttachmentLimitExceeded extends PlatformError {
  readonly driver: string;

  constructor(driver: string, cause: string) {
    const message = `Node has reached its volume attachment limit, rejecting pod: ${cause}`;
    super({ code: 'ResourceExhausted', reason: 'VolumeAttachmentLimitExceeded', message, retry: 'never', details: { driver } });
    this.driver = driver;
  }
}

/** What went wrong with a volume, in words; an answer of its driver as grpc-go prints it, with the code. */
export function faultText(error: PlatformError): string {
  return error instanceof CsiCallFailed ? `rpc error: code = ${error.code} desc = ${error.message}` : error.message;
}
