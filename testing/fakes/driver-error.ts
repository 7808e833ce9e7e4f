import { PlatformError } from '#kit/errors.ts';

/** A refusal as a driver sends it. */
export function driverError(code: PlatformError['code'], message: string): PlatformError {
  return new PlatformError({ code, reason: 'DriverError', message });
}
