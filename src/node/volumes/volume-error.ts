import { PlatformError } from '#kit/errors.ts';

/** A volume can't be set up now; the pod waits and it is tried again. The event is `FailedMount`. */
export class VolumeNotReady extends PlatformError {
  constructor(message: string, cause?: unknown) {
    super({ code: 'FailedPrecondition', reason: 'FailedMount', message, cause, retry: 'backoff' });
  }
}
