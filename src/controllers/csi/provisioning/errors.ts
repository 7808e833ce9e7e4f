import { WorkRefused } from '../driver-work/failure.ts';

/** The driver was not asked, or its answer can't be used; the volume, if any, is deleted again. */
export class ProvisioningFailed extends WorkRefused {
  constructor(message: string, cause?: unknown) {
    super({ code: 'FailedPrecondition', reason: 'ProvisioningFailed', message, cause, retry: 'backoff' });
  }
}

/** The driver can't be asked for such a volume, and so was not asked before either. */
export class RequestImpossible extends ProvisioningFailed {}

/** The driver has made a volume and does not say which. */
export class AnswerUnusable extends ProvisioningFailed {}
