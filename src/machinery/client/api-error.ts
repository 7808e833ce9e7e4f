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
  readonly metadata?: { readonly continue?: string };
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
    const code = codeOf(status);
    super({
      code,
      reason: status.reason,
      message: status.message,
      details: { ...status.details },
      ...(PASSING.has(code) ? { retry: 'backoff' } : {}),
    });
    this.status = status;
  }
}

/** Refusals that tell of a stale view, beside those that pass for every {@link PlatformError}: the next look may well succeed. */
const PASSING: ReadonlySet<ErrorCode> = new Set(['NotFound', 'AlreadyExists', 'OutOfRange', 'Unauthenticated']);

/** True where `thrown` is an {@link ApiError}. */
export function isApiError(thrown: unknown): thrown is ApiError {
  return thrown instanceof ApiError;
}

/** True where a write was refused because the object had changed: read it again and decide anew. */
export function isConflict(thrown: unknown): thrown is ApiError {
  return thrown instanceof ApiError && thrown.code === 'Aborted';
}

function codeOf(status: StatusBody): ErrorCode {
  const codes = Object.keys(ERROR_CODES).filter(isErrorCode);
  const byReason = codes.filter((code) => ERROR_CODES[code].kubernetes === status.reason);
  // why: some reasons stand for more than one code (Timeout, InternalError); the HTTP status tells them apart
  return (
    byReason.find((code) => ERROR_CODES[code].http === status.code) ??
    byReason[0] ??
    codes.find((code) => ERROR_CODES[code].http === status.code) ??
    'Unknown'
  );
}
