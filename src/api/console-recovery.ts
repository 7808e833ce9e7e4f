import { isRecord, trusted } from '#kit/json.ts';
import type { Words } from './explanation.ts';
import type { ConsoleRefusal } from './console-session.ts';

/** A line of the gateway's answer while it gives a growth up; the last one is `done` or `refused`. */
export type RecoveryFrame =
  | { readonly type: 'step'; readonly words: Words }
  | { readonly type: 'done' }
  | { readonly type: 'refused'; readonly refusal: ConsoleRefusal };

const TYPES: ReadonlySet<unknown> = new Set(['step', 'done', 'refused']);

/** Reads a line; undefined for one of a type that this version doesn't know. @throws SyntaxError where it is no JSON */
export function parseRecoveryFrame(line: string): RecoveryFrame | undefined {
  const value: unknown = JSON.parse(line);
  // trusted: the gateway is the same release and builds its lines from the RecoveryFrame type
  return isRecord(value) && TYPES.has(value['type']) ? trusted<RecoveryFrame>(value) : undefined;
}
