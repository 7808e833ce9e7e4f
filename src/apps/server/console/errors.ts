import type { ErrorCode } from '#kit/error-codes.ts';
import { PlatformError } from '#kit/errors.ts';

/** Why the gateway refuses a request. */
export type ConsoleRefusalReason =
  | 'SignInRefused'
  | 'SignInBusy'
  | 'SessionMissing'
  | 'CsrfTokenRefused'
  | 'OriginRefused'
  | 'RequestMalformed'
  | 'RequestTooLarge'
  | 'PageUnknown'
  | 'MethodUnknown'
  | 'ConsoleNotBuilt';

const CODES: Readonly<Record<ConsoleRefusalReason, ErrorCode>> = {
  SignInRefused: 'Unauthenticated',
  SignInBusy: 'ResourceExhausted',
  SessionMissing: 'Unauthenticated',
  CsrfTokenRefused: 'PermissionDenied',
  OriginRefused: 'PermissionDenied',
  RequestMalformed: 'InvalidArgument',
  RequestTooLarge: 'InvalidArgument',
  PageUnknown: 'NotFound',
  MethodUnknown: 'Unimplemented',
  ConsoleNotBuilt: 'Unavailable',
};

/** A request that the console's gateway refuses; the browser shows the message. */
export class ConsoleRequestRefused extends PlatformError {
  constructor(reason: ConsoleRefusalReason, message: string) {
    super({ code: CODES[reason], reason, message });
  }
}
