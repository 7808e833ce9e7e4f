import { type ErrorCode } from '#kit/error-codes.ts';
import { PlatformError } from '#kit/errors.ts';

/** Codes after which the driver may still be at work (external-provisioner checkError); every other code of a driver is its last word. */
const IN_BACKGROUND: ReadonlySet<ErrorCode> = new Set(['Canceled', 'DeadlineExceeded', 'Unavailable', 'Aborted']);

/** True where after `thrown` nothing is being done at the driver. What did not come from the driver decides nothing. */
export function isFinal(thrown: unknown): boolean {
  return thrown instanceof PlatformError && !IN_BACKGROUND.has(thrown.code);
}

/** `rpc error: code = … desc = …`, as grpc-go prints an error of the driver. */
export function grpcText(thrown: unknown): string {
  const error = PlatformError.from(thrown);
  return `rpc error: code = ${error.code} desc = ${error.message}`;
}
