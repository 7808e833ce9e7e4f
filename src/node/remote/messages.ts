import type { Pod } from '#api/generated/kubernetes.ts';
import type { PodLogOptions } from '#api/pod-logs.ts';
import type { AttachOptions, ExecOptions } from '#api/pod-streams.ts';
import { isErrorCode } from '#kit/error-codes.ts';
import { PlatformError } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';

/** The first message of a connection: what is wanted of a pod of this node. */
export type PodRequest =
  | { readonly kind: 'log'; readonly pod: Pod; readonly options: Omit<PodLogOptions, 'signal'> }
  | { readonly kind: 'exec'; readonly pod: Pod; readonly options: Omit<ExecOptions, 'signal'> }
  | { readonly kind: 'attach'; readonly pod: Pod; readonly options: Omit<AttachOptions, 'signal'> }
  | { readonly kind: 'connect'; readonly pod: Pod; readonly port: number };

/** What the node answers first: which streams there are. */
export interface Opened {
  readonly kind: 'opened';
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/** Says nothing: who is sent it and has gone can't take it, which is how the node hears of that while it reads nothing. */
export interface Alive {
  readonly kind: 'alive';
}

/** How it ended; the last message. */
export type Ended =
  | { readonly kind: 'ended'; readonly exitCode: number }
  | { readonly kind: 'failed'; readonly error: ReturnType<typeof describeError> };

/** What of an error crosses the connection. */
export function describeError(thrown: unknown): { readonly code: string; readonly reason: string; readonly message: string } {
  const { code, reason, message } = PlatformError.from(thrown);
  return { code, reason, message };
}

/** The error of a `failed` message, as it was thrown on the node. */
export function errorOf(message: Readonly<Record<string, unknown>>): PlatformError {
  const described = isRecord(message['error']) ? message['error'] : {};
  const code = String(described['code']);
  return new PlatformError({
    code: isErrorCode(code) ? code : 'Unknown',
    reason: String(described['reason']),
    message: String(described['message']),
  });
}
