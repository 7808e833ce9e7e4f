import { Metadata, type ServiceError, type status as Status, type StatusObject } from '@grpc/grpc-js';
import { ERROR_CODES, errorCodeFromGrpc } from '#kit/error-codes.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';

/** Trailing metadata that carries a PlatformError's reason between our own two ends; strangers ignore it. */
const REASON_KEY = 'stowage-reason';

/** An RPC of a driver failed; `code` is the gRPC status as the driver sent it. */
export class CsiCallFailed extends PlatformError {}

/** What goes over the wire for anything a handler threw: a PlatformError's own code and message, `Internal` for the rest. */
export function toGrpcStatus(thrown: unknown): Partial<StatusObject> {
  const error = PlatformError.from(thrown);
  const metadata = new Metadata();
  metadata.set(REASON_KEY, error.reason);
  // why: Unknown says that nobody classified it; to a caller of CSI that is the plugin's internal error (CSI spec "Error Scheme")
  const code = error.code === 'Unknown' ? 'Internal' : error.code;
  return { code: trusted<Status>(ERROR_CODES[code].grpc), details: error.message, metadata };
}

/** The error of a failed call: code and message as sent, or `silence` where nothing was; the reason is the driver's where it is one of ours, else the code's name. */
export function fromGrpcStatus(
  error: ServiceError,
  { method, silence }: { readonly method: string; readonly silence: string | undefined },
): CsiCallFailed {
  const code = errorCodeFromGrpc(error.code);
  const sent: unknown = error.metadata?.get(REASON_KEY)[0];
  return new CsiCallFailed({
    code,
    reason: typeof sent === 'string' && sent !== '' ? sent : code,
    message: silence ?? (error.details === '' ? `${method}: ${code}` : error.details),
    cause: error,
    details: { method },
  });
}
