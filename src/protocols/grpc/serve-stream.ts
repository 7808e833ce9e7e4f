import { once } from 'node:events';
import { addAbortSignal } from 'node:stream';
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import type { Clock } from '#kit/clock.ts';
import { ERROR_CODES } from '#kit/error-codes.ts';
import { PlatformError } from '#kit/errors.ts';
import { frameOf, parseTimeout, readFrame, statusMessage } from './frames.ts';

/** A call with one request, whose answer is a stream of messages. */
export interface StreamMethod {
  readonly decode: (bytes: Uint8Array) => unknown;
  readonly encode: (message: unknown) => Uint8Array;
  readonly open: (request: unknown, call: StreamCall) => AsyncIterable<unknown>;
}

/** What a method knows of its call. */
export interface StreamCall {
  /** Aborts when the caller gave up, is gone, or the time is over. */
  readonly signal: AbortSignal;
  /** From now on. */
  readonly timeoutMs: number;
}

/** One call as it came. */
export interface GrpcExchange {
  readonly request: Http2ServerRequest;
  readonly response: Http2ServerResponse;
  readonly clock: Clock;
  /** However long the caller would wait. */
  readonly maxMs: number;
}

const CONTENT_TYPE = 'application/grpc';
/** How long a request may take to come. */
const READ_MS = 10_000;

/** A call that is under way. */
interface Begun {
  readonly call: StreamCall;
  readonly giveUp: (error: PlatformError) => void;
  readonly end: () => void;
}

/** True for a request that is a gRPC call. */
export function isGrpc({
  httpVersionMajor,
  method,
  headers,
}: Pick<Http2ServerRequest, 'httpVersionMajor' | 'method' | 'headers'>): boolean {
  return httpVersionMajor === 2 && method === 'POST' && headers['content-type']?.startsWith(CONTENT_TYPE) === true;
}

/**
 * Answers a gRPC call over HTTP/2 (grpc/grpc doc/PROTOCOL-HTTP2.md): one message after the other, no faster than the caller takes them, and the status at the end.
 * Never throws; answers what ended it, undefined where all went well.
 */
export async function serveStream(method: StreamMethod, exchange: GrpcExchange): Promise<PlatformError | undefined> {
  const { response } = exchange;
  const { call, giveUp, end } = begin(exchange);
  try {
    const question = method.decode(await readInTime(exchange, call, giveUp));
    for await (const message of method.open(question, call)) {
      call.signal.throwIfAborted();
      if (!response.headersSent) response.writeHead(200, { 'content-type': CONTENT_TYPE });
      if (!response.write(frameOf(method.encode(message)))) await once(response, 'drain', { signal: call.signal });
    }
    finish(response, { 'grpc-status': '0' });
    return undefined;
  } catch (thrown) {
    const error = PlatformError.from(call.signal.aborted ? call.signal.reason : thrown);
    refuse(response, error);
    return error;
  } finally {
    end();
  }
}

/** Ends a call with an error. */
export function refuse(response: Http2ServerResponse, error: PlatformError): void {
  // why: Unknown says that nobody classified it; to a caller that is the server's internal error, as in CSI
  const sent = error.code === 'Unknown' ? 'Internal' : error.code;
  finish(response, { 'grpc-status': String(ERROR_CODES[sent].grpc), 'grpc-message': statusMessage(error.message) });
}

function finish(response: Http2ServerResponse, status: Readonly<Record<string, string>>): void {
  // why: nothing can be sent to who has gone
  if (response.destroyed || response.writableEnded || response.stream.destroyed) return;
  // why trailers also of an answer without a message: headers that end the stream ("Trailers-Only") are none of Node's compatibility layer's
  if (!response.headersSent) response.writeHead(200, { 'content-type': CONTENT_TYPE });
  response.addTrailers({ ...status });
  response.end();
}

/** The request's message; a caller that does not send it whole holds nothing open for long. */
async function readInTime(
  { request, clock }: GrpcExchange,
  { signal }: StreamCall,
  giveUp: (error: PlatformError) => void,
): Promise<Uint8Array> {
  const timer = clock.after(READ_MS, () => giveUp(ended('DeadlineExceeded', `the request has not come whole within ${READ_MS / 1_000} s`)));
  try {
    return await readFrame(addAbortSignal(signal, request));
  } finally {
    timer.cancel();
  }
}

function begin({ request, response, clock, maxMs }: GrpcExchange): Begun {
  const abort = new AbortController();
  const timeoutMs = Math.min(maxMs, parseTimeout(headerText(request.headers['grpc-timeout'])) ?? maxMs);
  const giveUp = (error: PlatformError): void => abort.abort(error);
  const timer = clock.after(timeoutMs, () =>
    giveUp(ended('DeadlineExceeded', `the call has taken ${timeoutMs / 1_000} s: go on from the last offset that came`)),
  );
  const onClose = (): void => giveUp(ended('Canceled', 'the caller has gone'));
  response.once('close', onClose);
  const end = (): void => {
    timer.cancel();
    response.off('close', onClose);
  };
  return { call: { signal: abort.signal, timeoutMs }, giveUp, end };
}

function headerText(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}

function ended(code: 'DeadlineExceeded' | 'Canceled', message: string): PlatformError {
  return new PlatformError({ code, reason: code, message });
}
