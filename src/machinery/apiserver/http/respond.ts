import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { ApiError } from '../../client/api-error.ts';
import { encode } from '../representations/render.ts';
import { endResponse, type Exchange, headerOf, type Headers, isGone, startResponse, warningHeader } from './messages.ts';

/** Smaller answers are not worth compressing (apiserver `defaultGzipThresholdBytes`). */
const GZIP_FROM_BYTES = 128 * 1024;
/** As the apiserver's: fast, still a fifth of the size. */
const GZIP_LEVEL = 1;

const compress = promisify(gzip);

/** An answer that is ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly contentType: string;
  readonly headers?: Headers;
}

/** A JSON answer. */
export function jsonAnswer(status: number, value: unknown): Answer {
  return { status, body: encode('json', value), contentType: 'application/json' };
}

/** A plain text answer. */
export function textAnswer(status: number, text: string): Answer {
  return { status, body: Buffer.from(text), contentType: 'text/plain; charset=utf-8' };
}

/** A refusal as `metav1.Status`. */
export function errorAnswer(error: ApiError): Answer {
  const { details, code, ...status } = error.status;
  const retryAfter = details?.retryAfterSeconds;
  return {
    ...jsonAnswer(code, { ...status, metadata: status.metadata ?? {}, ...(details === undefined ? {} : { details }), code }),
    headers: {
      ...(retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) }),
      ...(code === 401 ? { 'www-authenticate': 'Bearer realm="stowage"' } : {}),
    },
  };
}

/** Sends an answer, compressed where it is large and the client can read that. */
export async function send(exchange: Exchange, answer: Answer): Promise<void> {
  const { response, request } = exchange;
  const isCompressed = answer.body.length >= GZIP_FROM_BYTES && /\bgzip\b/.test(headerOf(request, 'accept-encoding'));
  const body = isCompressed ? await compress(answer.body, { level: GZIP_LEVEL }) : answer.body;
  if (isGone(response)) return;
  const headers: Headers = {
    'content-type': answer.contentType,
    'content-length': body.length,
    'cache-control': 'no-cache, private',
    ...(isCompressed ? { 'content-encoding': 'gzip', vary: 'Accept-Encoding' } : {}),
    ...warningHeader(exchange.warnings),
    ...answer.headers,
  };
  startResponse(response, answer.status, headers);
  endResponse(response, request.method === 'HEAD' ? undefined : body);
}
