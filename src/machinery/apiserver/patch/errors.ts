import { PlatformError } from '#kit/errors.ts';

/** A patch that is not well formed: the document is not at fault, sending the same again can't help. */
export class PatchMalformed extends PlatformError {
  constructor(message: string, cause?: unknown) {
    super({ code: 'InvalidArgument', reason: 'PatchMalformed', message, cause, retry: 'never' });
  }
}

/** A patch that does not fit the document: a path that is not there, a `test` that fails. Upstream answers 422 without causes. */
export class PatchRejected extends PlatformError {
  constructor(message: string, cause?: unknown) {
    super({ code: 'FailedPrecondition', reason: 'PatchRejected', message, cause, retry: 'never' });
  }
}

/** A `test` of a patch that fails. */
export class PatchTestFailed extends PatchRejected {}
