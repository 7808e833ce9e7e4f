import { PlatformError } from '#kit/errors.ts';

/** A mutation can't be made; whether the write fails with it is for its policy to say. */
export class MutationFailed extends PlatformError {
  constructor(message: string, cause?: unknown) {
    super({ code: 'FailedPrecondition', reason: 'Invalid', message, ...(cause === undefined ? {} : { cause }) });
  }
}
