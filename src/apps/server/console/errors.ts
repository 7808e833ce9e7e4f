import { type Words, type WordsCode, words, wordsText } from '#api/explanation.ts';
import { RecoveryRefused } from '#controllers/csi/expansion/give-up-growth.ts';
import { ERROR_CODES, type ErrorCode } from '#kit/error-codes.ts';
import { PlatformError } from '#kit/errors.ts';
import { isApiError } from '#machinery/client/api-error.ts';

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

/** A request that the console's gateway refuses; the browser says why in its own language. */
export class ConsoleRequestRefused extends PlatformError {
  readonly words: Words;

  constructor(reason: ConsoleRefusalReason, why: Words) {
    super({ code: CODES[reason], reason, message: wordsText(why, 'en') });
    this.words = why;
  }
}

/** What the browser is told of a failure: nothing of what only the server's log is for. Pure. */
export function wordsOfFailure(error: PlatformError): Words {
  if (error instanceof ConsoleRequestRefused || error instanceof RecoveryRefused) return error.words;
  // why the API's too: it says what this user may not see, or what is gone
  if (!isApiError(error) || ERROR_CODES[error.code].http >= 500) return words('consoleFailed');
  return words(API_CODES[error.code] ?? 'apiRefuses', { said: error.message });
}

/** What the API's refusals mean; its own words stand beside it. */
const API_CODES: Readonly<Partial<Record<ErrorCode, WordsCode>>> = {
  PermissionDenied: 'apiForbids',
  NotFound: 'apiLacks',
  Aborted: 'apiConflicts',
  AlreadyExists: 'apiConflicts',
};
