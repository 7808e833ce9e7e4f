import { PlatformError } from '#kit/errors.ts';

/** What is to be filled in can't be: the same will never work. */
export class FillRefused extends PlatformError {
  constructor(message: string, cause?: unknown) {
    super({ code: 'InvalidArgument', reason: 'FillRefused', message, cause, retry: 'never' });
  }
}

/** It did not work, and may the next time. */
export class FillFailed extends PlatformError {
  constructor(message: string, cause?: unknown) {
    super({ code: 'Unavailable', reason: 'FillFailed', message, cause, retry: 'backoff' });
  }
}
