import { isRecord } from '#kit/json.ts';
import type { StoreCursor } from '../../store/store.ts';
import { badRequest } from '../contract/status-error.ts';

/** Where a list goes on. */
export interface ContinuedList {
  /** With {@link NEWEST} as its revision where the list goes on in the newest state. */
  readonly cursor: StoreCursor;
  /** When its first page was read, in milliseconds. */
  readonly sinceMs: number;
}

/** The revision of a list that goes on though what it began with is gone. */
export const NEWEST = -1;

/** A cursor as clients carry it: opaque to them. */
export function formatContinue({ cursor, sinceMs }: ContinuedList): string {
  const { revision: rv, afterNamespace: ns, afterName: name } = cursor;
  return Buffer.from(JSON.stringify({ v: 1, rv, ns, name, at: sinceMs })).toString('base64url');
}

/** @throws ApiError `InvalidArgument` for a token that this server did not make */
export function parseContinue(token: string): ContinuedList {
  const parsed = parseJson(Buffer.from(token, 'base64url').toString('utf8'));
  if (isRecord(parsed) && parsed['v'] === 1) {
    const { rv, ns, name, at } = parsed;
    if (isWhole(rv) && rv >= NEWEST && typeof ns === 'string' && typeof name === 'string')
      return { cursor: { revision: rv, afterNamespace: ns, afterName: name }, sinceMs: isWhole(at) ? at : 0 };
  }
  throw badRequest('continue key is not valid: it must be the metadata.continue of an earlier answer; list again without it');
}

function isWhole(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // why: the text is a client's; what can't be read is refused by the caller in the API's words
    return undefined;
  }
}
