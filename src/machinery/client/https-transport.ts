import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https';
import type { ClusterConfig } from './kubeconfig.ts';
import type { TokenSource } from './token-source.ts';
import type { Secret } from '#kit/secret.ts';
import { ApiUnreachable, type Transport, type TransportRequest, type TransportResponse } from './transport.ts';

/** Connections for ordinary requests; further requests wait for a free one. */
const MAX_CALL_SOCKETS = 32;
/** Connections for watches and logs, one each. */
const MAX_STREAM_SOCKETS = 256;
/** Silence before TCP asks whether the other side still lives. */
const KEEP_ALIVE_MS = 30_000;

/** Kept-alive HTTPS connections to one cluster. */
export class HttpsTransport implements Transport {
  readonly server: string;
  readonly #config: ClusterConfig;
  readonly #agents: { readonly call: Agent; readonly stream: Agent };
  readonly #closed = new AbortController();
  readonly #headers: OutgoingHttpHeaders;
  readonly #tokens: TokenSource | undefined;

  /** `userAgent` tells the server's logs and field managers who writes; without `tokens` the token of `config` is sent. */
  constructor(config: ClusterConfig, userAgent: string, tokens?: TokenSource) {
    this.server = config.server.origin;
    this.#config = config;
    this.#tokens = tokens;
    this.#headers = {
      accept: 'application/json',
      'user-agent': userAgent,
      ...(config.token === undefined ? {} : { authorization: `Bearer ${config.token.reveal()}` }),
    };
    const tls = {
      ca: config.ca,
      cert: config.cert,
      key: config.key?.reveal(),
      rejectUnauthorized: config.verification === 'verify',
      ...(config.tlsServerName === undefined ? {} : { servername: config.tlsServerName }),
    };
    const agent = (maxSockets: number): Agent => new Agent({ ...tls, keepAlive: true, keepAliveMsecs: KEEP_ALIVE_MS, maxSockets });
    this.#agents = { call: agent(MAX_CALL_SOCKETS), stream: agent(MAX_STREAM_SOCKETS) };
  }

  async open(request: TransportRequest): Promise<TransportResponse> {
    try {
      return await this.#send(request);
    } catch (thrown) {
      // why: a kept connection may have been closed by the server just now; a read that never reached it is simply sent once more
      if (request.method === 'GET' && thrown instanceof StaleConnection && !request.signal.aborted) return await this.#send(request);
      throw thrown;
    }
  }

  close(): void {
    this.#closed.abort();
    this.#agents.call.destroy();
    this.#agents.stream.destroy();
  }

  async #send(request: TransportRequest): Promise<TransportResponse> {
    const token = await this.#tokens?.token();
    const { promise, resolve, reject } = Promise.withResolvers<TransportResponse>();
    const outgoing = httpsRequest(this.#options(request, token), (response) => {
      const { statusCode: status = 0, headers } = response;
      if (status === 401) this.#tokens?.refused();
      resolve({ status, retryAfterSec: secondsOf(headers['retry-after']), body: this.#read(response) });
    });
    outgoing.on('error', (error) => {
      reject(
        outgoing.reusedSocket && isReset(error)
          ? new StaleConnection(this.server, error.message, error)
          : new ApiUnreachable(this.server, explain(error), error),
      );
    });
    outgoing.end(request.body);
    return promise;
  }

  #options(request: TransportRequest, token: Secret | undefined): RequestOptions {
    const { server } = this.#config;
    const body =
      request.body === undefined
        ? {}
        : { 'content-type': request.contentType ?? 'application/json', 'content-length': Buffer.byteLength(request.body) };
    return {
      agent: this.#agents[request.mode],
      host: server.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: server.port === '' ? 443 : Number(server.port),
      method: request.method,
      path: `${server.pathname.replace(/\/$/, '')}${request.path}`,
      headers: { ...this.#headers, ...(token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }), ...body },
      signal: AbortSignal.any([request.signal, this.#closed.signal]),
    };
  }

  async *#read(response: IncomingMessage): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of response) yield chunk;
    } catch (thrown) {
      throw new ApiUnreachable(this.server, thrown instanceof Error ? thrown.message : String(thrown), thrown);
    }
  }
}

/** Seconds of a Retry-After header; dates are not read, because API servers send none. */
function secondsOf(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,6}$/.test(header) ? Number(header) : undefined;
}

/** The server closed a kept connection before the request reached it. */
class StaleConnection extends ApiUnreachable {}

function isReset(error: NodeJS.ErrnoException): boolean {
  return error.code === 'ECONNRESET' || error.code === 'EPIPE';
}

/** Codes of the verification of a certificate begin with these (Node.js documentation of tls, "X509 certificate error codes"). */
const TRUST_FAULT = /^(UNABLE_TO_|CERT_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT|INVALID_CA|HOSTNAME_MISMATCH)/;

function explain(error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNREFUSED') return `${error.message}; start it, or name the right address in the kubeconfig`;
  if (error.code !== undefined && TRUST_FAULT.test(error.code))
    return `its certificate is not trusted (${error.message}); check certificate-authority-data of the kubeconfig`;
  return error.message;
}
