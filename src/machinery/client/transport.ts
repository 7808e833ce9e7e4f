import { PlatformError } from '#kit/errors.ts';

/** A request to an API server. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  /** JSON text. */
  readonly body?: string;
  /** Of the body; default `application/json`. */
  readonly contentType?: string;
  /** `stream` for answers that stay open: they don't take a connection from ordinary requests. */
  readonly mode: 'call' | 'stream';
  /** Ends the request and its answer. */
  readonly signal: AbortSignal;
}

/** An answer whose head has arrived. */
export interface TransportResponse {
  readonly status: number;
  /** Of a refusal: when the server wants to be asked again. */
  readonly retryAfterSec?: number | undefined;
  /** Read once; ends with a throw where the connection breaks, and when the request's signal aborts. */
  readonly body: AsyncIterable<Uint8Array>;
}

/** Carries requests to one API server. */
export interface Transport {
  /** What messages call the server. */
  readonly server: string;
  /** @throws ApiUnreachable where there is no answer */
  open(request: TransportRequest): Promise<TransportResponse>;
  /** Ends every connection. */
  close(): void;
}

/** The API server did not answer, or the connection to it broke. */
export class ApiUnreachable extends PlatformError {
  constructor(server: string, fault: string, cause?: unknown) {
    super({
      code: 'Unavailable',
      reason: 'ApiUnreachable',
      message: `the API server ${server} can't be reached: ${fault}`,
      details: { server },
      cause,
    });
  }
}

/** The API server did not answer in time. */
export class ApiTimedOut extends PlatformError {
  constructor(server: string, timeoutMs: number) {
    super({
      code: 'DeadlineExceeded',
      reason: 'ApiTimedOut',
      message: `the API server ${server} did not answer within ${timeoutMs} ms`,
      details: { server, timeoutMs },
    });
  }
}
