import { isRecord } from '#kit/json.ts';
import type { StoreCursor } from '../../store/store.ts';
import { badRequest } from '../status-error.ts';

/** A cursor as clients carry it: opaque to them. */
export function formatContinue(cursor: StoreCursor): string {
  return Buffer.from(JSON.stringify({ v: 1, rv: cursor.revision, ns: cursor.afterNamespace, name: cursor.afterName })).toString(
    'base64url',
  );
}

/** @throws ApiError `InvalidArgument` for a token that this server did not make */
export function parseContinue(token: string): StoreCursor {
  const parsed = parseJson(Buffer.from(token, 'base64url').toString('utf8'));
  if (isRecord(parsed) && parsed['v'] === 1) {
    const { rv, ns, name } = parsed;
    if (typeof rv === 'number' && Number.isSafeInteger(rv) && rv >= 0 && typeof ns === 'string' && typeof name === 'string') {
      return { revision: rv, afterNamespace: ns, afterName: name };
    }
  }
  throw badRequest('continue key is not valid: it must be the metadata.continue of an earlier answer; list again without it');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // why: the text is a client's; what can't be read is refused by the caller in the API's words
    return undefined;
  }
}
