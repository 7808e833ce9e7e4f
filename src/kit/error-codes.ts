/**
 * The one table that maps an error code to every outside form of it.
 * Sources: gRPC status codes (grpc/grpc doc/statuscodes.md), Kubernetes `StatusReason` (apimachinery meta/v1 types.go), sysexits for the command line.
 * `docs/errors.md` lists the same rows; a test compares the two.
 */
export const ERROR_CODES = {
  Canceled: { http: 499, kubernetes: 'Timeout', grpc: 1, exit: 130 },
  Unknown: { http: 500, kubernetes: 'InternalError', grpc: 2, exit: 1 },
  InvalidArgument: { http: 400, kubernetes: 'BadRequest', grpc: 3, exit: 64 },
  DeadlineExceeded: { http: 504, kubernetes: 'Timeout', grpc: 4, exit: 75 },
  NotFound: { http: 404, kubernetes: 'NotFound', grpc: 5, exit: 66 },
  AlreadyExists: { http: 409, kubernetes: 'AlreadyExists', grpc: 6, exit: 73 },
  PermissionDenied: { http: 403, kubernetes: 'Forbidden', grpc: 7, exit: 77 },
  ResourceExhausted: { http: 429, kubernetes: 'TooManyRequests', grpc: 8, exit: 75 },
  FailedPrecondition: { http: 422, kubernetes: 'Invalid', grpc: 9, exit: 65 },
  Aborted: { http: 409, kubernetes: 'Conflict', grpc: 10, exit: 75 },
  OutOfRange: { http: 410, kubernetes: 'Expired', grpc: 11, exit: 65 },
  Unimplemented: { http: 501, kubernetes: 'MethodNotAllowed', grpc: 12, exit: 69 },
  Internal: { http: 500, kubernetes: 'InternalError', grpc: 13, exit: 70 },
  Unavailable: { http: 503, kubernetes: 'ServiceUnavailable', grpc: 14, exit: 69 },
  DataLoss: { http: 500, kubernetes: 'InternalError', grpc: 15, exit: 74 },
  Unauthenticated: { http: 401, kubernetes: 'Unauthorized', grpc: 16, exit: 77 },
} as const satisfies Record<string, { http: number; kubernetes: string; grpc: number; exit: number }>;

/** The canonical gRPC name of a status, used as the code of every {@link PlatformError}. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** True where `value` names a row of {@link ERROR_CODES}. */
export function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(ERROR_CODES, value);
}

/** The code of a gRPC status number; `Unknown` for numbers the specification does not have. */
export function errorCodeFromGrpc(status: number): ErrorCode {
  for (const code of Object.keys(ERROR_CODES)) {
    if (isErrorCode(code) && ERROR_CODES[code].grpc === status) return code;
  }
  return 'Unknown';
}
