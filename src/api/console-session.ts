import { isWords, type Words } from './explanation.ts';
import { isRecord } from '#kit/json.ts';

/** The header that carries {@link ConsoleSession.csrfToken} on every write. */
export const CSRF_HEADER = 'x-stowage-csrf';

/** Where the console leads somebody: what he may not see is not offered. The API refuses it in any case. */
export interface ConsoleRights {
  /** Where he may list claims. */
  readonly namespaces: 'all' | readonly string[];
  /** The pages of administrators: classes and volumes. */
  readonly seesAdministration: boolean;
}

/** Who is signed in, as the gateway tells the browser. */
export interface ConsoleSession {
  readonly user: { readonly name: string; readonly groups: readonly string[] };
  readonly csrfToken: string;
  readonly rights: ConsoleRights;
}

/** A refusal of the gateway. */
export interface ConsoleRefusal {
  /** In English, for programs. */
  readonly message: string;
  /** The same free of language. */
  readonly words: Words;
  readonly reason: string;
  /** HTTP status. */
  readonly status: number;
  /** Found again in the server's log. */
  readonly requestId: string;
}

/** True for the body of a successful session request. */
export function isConsoleSession(value: unknown): value is ConsoleSession {
  if (!isRecord(value) || typeof value['csrfToken'] !== 'string') return false;
  const { user, rights } = value;
  return isRecord(rights) && isRecord(user) && typeof user['name'] === 'string' && Array.isArray(user['groups']);
}

/** True for the body of a refused request. */
export function isConsoleRefusal(value: unknown): value is ConsoleRefusal {
  return (
    isRecord(value) &&
    typeof value['message'] === 'string' &&
    isWords(value['words']) &&
    typeof value['reason'] === 'string' &&
    typeof value['requestId'] === 'string'
  );
}
