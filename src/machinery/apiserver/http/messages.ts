import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { RequestOrigin } from '../contract/audit.ts';
import type { UserInfo } from '../contract/user.ts';

/** A request over HTTP/1.1 or, through Node's compatibility layer, HTTP/2. */
export type HttpRequest = IncomingMessage | Http2ServerRequest;
/** Its answer. */
export type HttpResponse = ServerResponse | Http2ServerResponse;

/** A request with what is known of it before its body is read. */
export interface Exchange {
  readonly request: HttpRequest;
  readonly response: HttpResponse;
  readonly method: string;
  /** Decoded, without empty parts. */
  readonly segments: readonly string[];
  readonly path: string;
  readonly query: URLSearchParams;
  readonly user: UserInfo;
  /** Filled while the request is worked on; sent as `Warning: 299`. */
  readonly warnings: string[];
}

/** Headers of an answer. */
export type Headers = Readonly<Record<string, string | number | string[]>>;

/** The value of header `name`; `''` where there is none. */
export function headerOf(request: HttpRequest, name: string): string {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(', ') : (value ?? '');
}

/** Where a request came from, for the audit log. */
export function originOf({ request, path }: Pick<Exchange, 'request' | 'path'>): RequestOrigin {
  return { uri: request.url ?? path, userAgent: headerOf(request, 'user-agent'), address: request.socket.remoteAddress ?? '' };
}

/** What the client is told beside the answer. */
export function warningHeader(warnings: readonly string[]): Headers {
  if (warnings.length === 0) return {};
  const texts: string[] = [];
  let chars = 0;
  for (const warning of warnings) {
    const text = formatWarning(warning);
    chars += text.length;
    // why: clients refuse an answer whose headers are too large, and with it the word that the write was done
    if (texts.length > 0 && chars > MAX_WARNING_CHARS) break;
    texts.push(text);
  }
  return { warning: texts };
}

/** Of all warnings of an answer (apiserver endpoints/filters/warning.go `truncateAtTotalRunes`). */
const MAX_WARNING_CHARS = 4_096;

/** RFC 7234 section 5.5: code 299, no agent, the text quoted. */
function formatWarning(text: string): string {
  return `299 - "${text
    .replaceAll(/[^\t\x20-\x7e]/g, '?')
    .slice(0, 1_000)
    .replaceAll(/["\\]/g, '\\$&')}"`;
}

/** Starts an answer. One function, because the overloads of the two protocols' classes do not combine. */
export function startResponse(response: HttpResponse, status: number, headers: Headers): void {
  if ('stream' in response) response.writeHead(status, { ...headers });
  else response.writeHead(status, { ...headers });
}

/** Starts an answer whose parts come over time, and sends its headers at once: clients wait for them before they believe that it stands. */
export function startStream({ response, warnings }: Pick<Exchange, 'response' | 'warnings'>, contentType: string): void {
  startResponse(response, 200, { 'content-type': contentType, 'cache-control': 'no-cache, private', ...warningHeader(warnings) });
  // why: HTTP/2 sends headers when they are written, HTTP/1.1 keeps them back for the first bytes
  if (!('stream' in response)) response.flushHeaders();
}

/** Sends a part of an answer. */
export function writeChunk(response: HttpResponse, chunk: Uint8Array): void {
  if ('stream' in response) response.write(chunk);
  else response.write(chunk);
}

/** Ends an answer. */
export function endResponse(response: HttpResponse, body?: Uint8Array): void {
  if (body === undefined) response.end();
  else if ('stream' in response) response.end(body);
  else response.end(body);
}

/** True once nothing can be sent any more. */
export function isGone(response: HttpResponse): boolean {
  return (
    response.destroyed || response.writableEnded || ('stream' in response && (response.stream === undefined || response.stream.destroyed))
  );
}
