import { type ErrorCode } from './error-codes.ts';

/** Whether trying the same again can help: `backoff` = yes, later; `never` = not before somebody changes something. */
export type Retry = 'backoff' | 'never';

/** What a {@link PlatformError} is made of. */
export interface ErrorInit {
  readonly code: ErrorCode;
  /** One CamelCase constant: condition reason, event reason and metric label alike. */
  readonly reason: string;
  /** A sentence that a person can act on: what, which value, what would help. */
  readonly message: string;
  readonly cause?: unknown;
  /** Machine-readable facts; never secrets. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** Defaults to `backoff` for codes that pass by themselves, else `never`. */
  readonly retry?: Retry;
}

const PASSING: ReadonlySet<ErrorCode> = new Set([
  'Canceled',
  'Unknown',
  'DeadlineExceeded',
  'ResourceExhausted',
  'Aborted',
  'Internal',
  'Unavailable',
]);

/** The base of every error that Stowage throws. */
export class PlatformError extends Error {
  readonly code: ErrorCode;
  readonly reason: string;
  readonly details: Readonly<Record<string, unknown>>;
  readonly retry: Retry;

  constructor(init: ErrorInit) {
    super(init.message, init.cause === undefined ? undefined : { cause: init.cause });
    this.name = new.target.name;
    this.code = init.code;
    this.reason = init.reason;
    this.details = init.details ?? {};
    this.retry = init.retry ?? (PASSING.has(init.code) ? 'backoff' : 'never');
  }

  /** Turns anything that was thrown into a PlatformError: itself where it is one, `Canceled` for an abort, else `Unknown`. */
  static from(thrown: unknown): PlatformError {
    if (thrown instanceof PlatformError) return thrown;
    if (thrown instanceof Error) {
      if (thrown.name === 'AbortError')
        return new PlatformError({ code: 'Canceled', reason: 'Canceled', message: thrown.message, cause: thrown });
      return new PlatformError({ code: 'Unknown', reason: 'InternalError', message: thrown.message, cause: thrown });
    }
    return new PlatformError({ code: 'Unknown', reason: 'InternalError', message: String(thrown), cause: thrown });
  }
}

/** True where `thrown` is a PlatformError of one of `codes`. */
export function hasCode(thrown: unknown, ...codes: readonly ErrorCode[]): thrown is PlatformError {
  return thrown instanceof PlatformError && codes.includes(thrown.code);
}

/** What parsers of untrusted input return instead of throwing. */
export type Result<T, E = string> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: E };

/** A successful {@link Result}. */
export function ok<T>(value: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value };
}

/** A failed {@link Result}. */
export function fail<E>(error: E): { readonly ok: false; readonly error: E } {
  return { ok: false, error };
}
