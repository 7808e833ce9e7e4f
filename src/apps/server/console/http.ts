import { words } from '#api/explanation.ts';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Readable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { ConsoleRequestRefused } from './errors.ts';

/** A request over HTTP/1.1 or, through Node's compatibility layer, HTTP/2. */
export type ConsoleRequest = IncomingMessage | Http2ServerRequest;
/** Its answer. */
export type ConsoleResponse = ServerResponse | Http2ServerResponse;

/** Largest body that the gateway reads, in bytes; tokens are far smaller. */
const MAX_BODY_BYTES = 16_384;

/** True where the bytes travel encrypted. */
export function isEncrypted(request: ConsoleRequest): boolean {
  return request.socket instanceof TLSSocket || 'encrypted' in request.socket;
}

/** The path without query, still percent-encoded; `/` for anything unreadable. */
export function pathOf(request: ConsoleRequest): string {
  const url = request.url ?? '/';
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
}

/** The value of cookie `name`. */
export function cookieOf(request: ConsoleRequest, name: string): string | undefined {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return undefined;
}

/** The single value of header `name`. */
export function headerOf(request: ConsoleRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/**
 * Refuses requests that a page of another origin makes (Fetch Standard: the Origin header).
 * @throws ConsoleRequestRefused `OriginRefused`
 */
export function requireSameOrigin(request: ConsoleRequest, isOriginRequired: 'required' | 'if-present'): void {
  const origin = headerOf(request, 'origin');
  if (origin === undefined && isOriginRequired === 'if-present') return;
  const host = headerOf(request, ':authority') ?? headerOf(request, 'host');
  const scheme = isEncrypted(request) ? 'https' : 'http';
  if (host !== undefined && origin === `${scheme}://${host}`) return;
  throw new ConsoleRequestRefused('OriginRefused', words('originRefused', { origin: JSON.stringify(origin ?? 'no origin') }));
}

/**
 * Reads a JSON body.
 * @throws ConsoleRequestRefused `RequestTooLarge` or `RequestMalformed`
 */
export async function readJson(request: ConsoleRequest): Promise<unknown> {
  if (!(headerOf(request, 'content-type') ?? '').startsWith('application/json')) {
    throw new ConsoleRequestRefused('RequestMalformed', words('contentTypeWrong', { wanted: 'application/json' }));
  }
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    sizeBytes += bytes.length;
    if (sizeBytes > MAX_BODY_BYTES)
      throw new ConsoleRequestRefused('RequestTooLarge', words('bodyTooLarge', { limit: String(MAX_BODY_BYTES) }));
    chunks.push(bytes);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch (error) {
    throw new ConsoleRequestRefused('RequestMalformed', words('bodyMalformed', { said: String(error) }));
  }
}

/** An answer in full. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer | string;
  /** Instead of a body: what comes bit by bit. */
  readonly stream?: Readable;
}

/** Answers without a body, whose length must not be stated (RFC 9110 section 8.6). */
const BODILESS: ReadonlySet<number> = new Set([204, 304]);

/** Writes `answer`, without its body for HEAD; the same on HTTP/1.1 and HTTP/2 (no connection headers). */
export function send(request: ConsoleRequest, response: ConsoleResponse, answer: Answer): void {
  const body = answer.body ?? '';
  response.statusCode = answer.status;
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (answer.stream !== undefined) {
    answer.stream.pipe(response);
    return;
  }
  if (!BODILESS.has(answer.status)) response.setHeader('content-length', String(Buffer.byteLength(body)));
  const sent = request.method === 'HEAD' || BODILESS.has(answer.status) ? '' : body;
  // why: the two ends have no common overload although both take text and bytes
  if ('stream' in response) response.end(sent);
  else response.end(sent);
}
