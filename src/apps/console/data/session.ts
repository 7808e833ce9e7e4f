import { type ConsoleRefusal, type ConsoleSession, CSRF_HEADER, isConsoleRefusal, isConsoleSession } from '#api/console-session.ts';
import { type Explanation, isExplanation, words, wordsText } from '#api/explanation.ts';
import type { ObjectMeta } from '#api/meta/object.ts';

/** A request that did not succeed; `status` 0 means that the server could not be reached. */
export class RequestFailed extends Error {
  readonly refusal: ConsoleRefusal;

  constructor(refusal: ConsoleRefusal, cause?: unknown) {
    super(refusal.message, { cause });
    this.name = 'RequestFailed';
    this.refusal = refusal;
  }
}

/** What the browser itself has to say of a request; `status` as in {@link RequestFailed}. */
export function failed(code: 'answerUnknown' | 'serverUnreachable' | 'connectionBroke', status: number, cause?: unknown): RequestFailed {
  const reason = status === 0 ? 'Unreachable' : 'AnswerUnknown';
  const why = words(code);
  return new RequestFailed({ message: wordsText(why, 'en'), words: why, reason, status, requestId: '' }, cause);
}

/** Who is signed in; null = nobody. @throws RequestFailed */
export async function fetchSession(): Promise<ConsoleSession | null> {
  const response = await request('session', { method: 'GET' });
  const body: unknown = await response.json();
  return body === null ? null : toSession(body, response.status);
}

/** Signs in with a token or a one-time code. @throws RequestFailed */
export async function signIn(secret: { readonly token: string } | { readonly code: string }): Promise<ConsoleSession> {
  const headers = { 'content-type': 'application/json' };
  const response = await request('sign-in', { method: 'POST', headers, body: JSON.stringify(secret) });
  return toSession(await response.json(), response.status);
}

/** Ends the session. @throws RequestFailed */
export async function signOut(session: ConsoleSession): Promise<void> {
  await request('sign-out', { method: 'POST', headers: { [CSRF_HEADER]: session.csrfToken } });
}

/** Why the claim is as it is, as `stowage explain` says it. @throws RequestFailed */
export async function fetchExplanation({ namespace = '', name }: ObjectMeta): Promise<Explanation> {
  const response = await request(`explain?${new URLSearchParams({ kind: 'pvc', namespace, name }).toString()}`, { method: 'GET' });
  const body: unknown = await response.json();
  if (isExplanation(body)) return body;
  throw failed('answerUnknown', 200);
}

function toSession(body: unknown, status: number): ConsoleSession {
  if (isConsoleSession(body)) return body;
  throw failed('answerUnknown', status);
}

/** The one translator of failures: everything that is not a success becomes a {@link RequestFailed}. */
export async function request(path: string, init: RequestInit): Promise<Response> {
  const response = await fetch(`/console/api/${path}`, { ...init, credentials: 'same-origin' }).catch((cause: unknown) => {
    throw failed('serverUnreachable', 0, cause);
  });
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => undefined); // a refusal without a body is named below
  if (isConsoleRefusal(body)) throw new RequestFailed({ ...body, status: response.status });
  throw failed('answerUnknown', response.status);
}
