import type { ErrorCode } from '#kit/error-codes.ts';
import { PlatformError } from '#kit/errors.ts';

/** Why the gateway refuses a request. */
export type ConsoleRefusalReason =
  | 'TokenUnknown'
  | 'LinkUsed'
  | 'TooManyPages'
  | 'SignInBusy'
  | 'SessionMissing'
  | 'CsrfTokenRefused'
  | 'OriginRefused'
  | 'RequestMalformed'
  | 'RequestTooLarge'
  | 'PageUnknown'
  | 'MethodUnknown'
  | 'ConsoleNotBuilt'
  | 'RecoveryBusy'
  | 'RecoveryUnfinished';

const CODES: Readonly<Record<ConsoleRefusalReason, ErrorCode>> = {
  TokenUnknown: 'Unauthenticated',
  LinkUsed: 'Unauthenticated',
  TooManyPages: 'ResourceExhausted',
  SignInBusy: 'ResourceExhausted',
  SessionMissing: 'Unauthenticated',
  CsrfTokenRefused: 'PermissionDenied',
  OriginRefused: 'PermissionDenied',
  RequestMalformed: 'InvalidArgument',
  RequestTooLarge: 'InvalidArgument',
  PageUnknown: 'NotFound',
  MethodUnknown: 'Unimplemented',
  ConsoleNotBuilt: 'Unavailable',
  RecoveryBusy: 'ResourceExhausted',
  RecoveryUnfinished: 'DeadlineExceeded',
};

/** A request that the console's gateway refuses; the browser shows the message. */
export class ConsoleRequestRefused extends PlatformError {
  constructor(reason: ConsoleRefusalReason, message: string) {
    super({ code: CODES[reason], reason, message });
  }
}
