import type { ErrorCode } from '#kit/error-codes.ts';
import { PlatformError } from '#kit/errors.ts';
import { grpcText, isFinal } from './driver-answers.ts';

/** Why a driver is not asked, or what it answered can't be used: in our words. Thrown in any step, the try has failed. */
export class WorkRefused extends PlatformError {}

/** A try that came to nothing. */
export interface Failure {
  readonly error: PlatformError;
  /** For people: our own words as they are, a driver's as it said them. */
  readonly problem: string;
  /** True where nothing is being done at the driver any more. */
  readonly isFinal: boolean;
  /** True where the same again will not help. */
  readonly isInfeasible: boolean;
}

/** What `thrown` says of a try. Pure. */
export function failureOf(thrown: unknown, infeasible: ReadonlySet<ErrorCode>): Failure {
  const error = PlatformError.from(thrown);
  const problem = error instanceof WorkRefused ? error.message : grpcText(error);
  return { error, problem, isFinal: isFinal(error), isInfeasible: infeasible.has(error.code) };
}
