import { parseExactJson } from '#kit/exact-json.ts';
import { fail, ok, type Result } from '#kit/errors.ts';
import { isRecord, trusted } from '#kit/json.ts';
import type { Words } from './explanation.ts';
import type { KubeObject } from './meta/object.ts';

/** Changes of a subscription are collected for this long before they are sent, in milliseconds. */
export const LIVE_BATCH_MS = 100;
/** Each side says something at least this often, in milliseconds. */
export const LIVE_HEARTBEAT_MS = 15_000;
/** A side that heard nothing for this long gives the socket up, in milliseconds. */
export const LIVE_SILENCE_MS = 35_000;
/** Most subscriptions of one socket. */
export const LIVE_MAX_SUBSCRIPTIONS = 64;
/** Where the socket is, below the console's base path. */
export const LIVE_PATH = '/console/api/live';

/** What a subscription covers. */
export interface LiveQuery {
  /** `plural` or `plural.group`, as `groupResourceOf` prints it. */
  readonly resource: string;
  /** Absent = all namespaces. */
  readonly namespace?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** What the browser sends. */
export type ClientFrame =
  | ({ readonly type: 'subscribe'; readonly id: number } & LiveQuery)
  | { readonly type: 'unsubscribe'; readonly id: number }
  | { readonly type: 'ping' };

/** A changed or deleted object of a {@link ServerFrame}. */
export type LiveChange = { readonly type: 'upsert'; readonly object: KubeObject } | { readonly type: 'delete'; readonly uid: string };

/** What the gateway sends; `id` is the subscription's. */
export type ServerFrame =
  /** First frame of a socket. `nowMs`: the server's time, for ages. */
  | { readonly type: 'hello'; readonly nowMs: number }
  /** Replaces everything once `isLast`; large lists come in several frames, the first of which has `isFirst`. */
  | {
      readonly type: 'snapshot';
      readonly id: number;
      readonly isFirst: boolean;
      readonly isLast: boolean;
      readonly items: readonly KubeObject[];
    }
  | { readonly type: 'delta'; readonly id: number; readonly changes: readonly LiveChange[] }
  /** Nothing changed; the data is as of now. */
  | { readonly type: 'bookmark'; readonly id: number }
  /** Changes may be missing from here until the next snapshot. */
  | { readonly type: 'gap'; readonly id: number }
  /** The user may not read this; asked again from time to time. */
  | { readonly type: 'denied'; readonly id: number; readonly words: Words }
  /** The list can't be read; tried again by the gateway unless the subscription itself is wrong. */
  | { readonly type: 'error'; readonly id: number; readonly reason: string; readonly words: Words }
  | { readonly type: 'ping' };

/** Longest text of a client's field, in characters; names end at 253. */
const MAX_TEXT = 512;

/** Reads what a browser sent. */
export function parseClientFrame(text: string): Result<ClientFrame> {
  const value = parseJson(text);
  if (!isRecord(value)) return fail('a frame must be a JSON object');
  if (value['type'] === 'ping') return ok({ type: 'ping' });
  const id = value['id'];
  if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0) return fail('id must be a whole number, 0 or more');
  if (value['type'] === 'unsubscribe') return ok({ type: 'unsubscribe', id });
  if (value['type'] !== 'subscribe') return fail(`type ${JSON.stringify(value['type'])} is unknown: use subscribe, unsubscribe or ping`);
  return parseSubscription(id, value);
}

function parseSubscription(id: number, { resource, namespace, fieldSelector }: Record<string, unknown>): Result<ClientFrame> {
  if (!isShortText(resource)) return fail('resource must be a plural name such as persistentvolumeclaims');
  if (namespace !== undefined && !isShortText(namespace)) return fail('namespace must be a name');
  if (fieldSelector !== undefined && !isShortText(fieldSelector)) return fail('fieldSelector must be a selector');
  return ok({ type: 'subscribe', id, resource, namespace, fieldSelector });
}

const SERVER_TYPES: ReadonlySet<unknown> = new Set(['hello', 'snapshot', 'delta', 'bookmark', 'gap', 'denied', 'error', 'ping']);

/** Reads what the gateway sent; undefined for a frame of a type that this version doesn't know. */
export function parseServerFrame(text: string): ServerFrame | undefined {
  const value = parseJson(text);
  // trusted: the gateway is the same release and builds its frames from the ServerFrame type
  return isRecord(value) && SERVER_TYPES.has(value['type']) ? trusted<ServerFrame>(value) : undefined;
}

function isShortText(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_TEXT;
}

function parseJson(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    // why: text that is no JSON is refused by the callers like any other value that is no object
    return undefined;
  }
}
