import { isRecord } from '#kit/json.ts';
import type { PodPort } from './reach-pod.ts';

/** How a probe or hook went. */
export interface HandlerOutcome {
  readonly isOk: boolean;
  /** Why not, in upstream's words; of a success what it said. */
  readonly message: string;
}

/** Bytes of an answer that are read (upstream's maxRespBodyLength). */
export const ANSWER_BYTES = 10 * 1024;

const SYSTEM_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'connect: connection timed out',
  ENOTFOUND: 'lookup: no such host',
};

/** A connection's failure as upstream's programs word it. Pure. */
export function connectionError(thrown: unknown, { host, port }: PodPort): string {
  const code = isRecord(thrown) && typeof thrown['code'] === 'string' ? thrown['code'] : '';
  const words = SYSTEM_WORDS[code];
  if (words !== undefined) return `dial tcp ${host}:${port}: ${words}`;
  if (code === 'ECONNRESET') return 'EOF';
  return thrown instanceof Error ? thrown.message : String(thrown);
}
