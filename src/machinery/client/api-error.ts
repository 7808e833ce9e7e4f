import { ERROR_CODES, type ErrorCode, isErrorCode } from '#kit/error-codes.ts';
import { PlatformError } from '#kit/errors.ts';

/** A cause inside a {@link StatusBody}. */
export interface StatusCause {
  readonly reason?: string;
  readonly message?: string;
  readonly field?: string;
}

/** The parts of `metav1.Status` that say why a request failed. */
export interface StatusBody {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly status: 'Failure';
  readonly message: string;
  readonly reason: string;
  /** HTTP status. */
  readonly code: number;
  readonly details?: {
    readonly name?: string;
    readonly group?: string;
    readonly kind?: string;
    readonly causes?: readonly StatusCause[];
    readonly retryAfterSeconds?: number;
  };
}

/** A refusal of the API server; `status` is what it answered. */
export class ApiError extends PlatformError {
  readonly status: StatusBody;

  constructor(status: StatusBody) {
    super({ code: codeOf(status), reason: status.reason, message: status.message, details: { ...status.details } });
    this.status = status;
  }
}

/** True where `thrown` is an {@link ApiError}. */
export function isApiError(thrown: unknown): thrown is ApiError {
  return thrown instanceof ApiError;
}

function codeOf(status: StatusBody): ErrorCode {
  for (const code of Object.keys(ERROR_CODES)) {
    if (isErrorCode(code) && ERROR_CODES[code].kubernetes === status.reason) return code;
  }
  for (const code of Object.keys(ERROR_CODES)) {
    if (isErrorCode(code) && ERROR_CODES[code].http === status.code) return code;
  }
  return 'Unknown';
}
