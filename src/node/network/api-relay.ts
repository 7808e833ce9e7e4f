import { connect, createServer, type Server, type Socket } from 'node:net';
import { PlatformError } from '#kit/errors.ts';
import type { Logger } from '#kit/log.ts';
import type { ApiAddress } from '../containers/environment.ts';
import { isErrno } from '#linux/small-files.ts';
import { type AddressRange, overlaps, parseRange } from './address-block.ts';

/** What a relay needs. */
export interface ApiRelayOptions {
  readonly log: Logger;
  /** Where the API is, asked for each connection. */
  readonly target: () => ApiAddress | undefined;
}

/** Where pods call. */
interface RelayPlace extends ApiAddress {
  /** Nobody else is served. */
  readonly clients: AddressRange;
}

/** Connections at a time; more are refused. */
const MAX_CONNECTIONS = 1_000;
/** First byte of a TLS connection: the content type handshake (RFC 8446 section 5.1). */
const TLS_HANDSHAKE = 0x16;
/** A connection that says nothing for this long is closed. */
const SILENCE_MS = 10_000;

/**
 * Hands bytes between pods and the API, which itself listens on the host's loopback only. TLS is between the two ends, and nothing else is handed over:
 * on the port of the API the console answers plain HTTP, which is for the host's loopback alone.
 */
export class ApiRelay {
  readonly #options: ApiRelayOptions;
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;

  constructor(options: ApiRelayOptions) {
    this.#options = options;
  }

  /** Listens from now on. Idempotent. */
  ensure({ host, port, clients }: RelayPlace): void {
    if (this.#server !== undefined) return;
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#serve(socket, clients));
    server.maxConnections = MAX_CONNECTIONS;
    server.on('error', (err) => {
      // why no failure: an API that listens on all addresses is reached here already
      if (!isErrno(err, 'EADDRINUSE')) this.#options.log.warn('pods can not reach the API', { err: PlatformError.from(err) });
    });
    server.listen({ host, port });
    server.unref();
    this.#server = server;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    const server = this.#server;
    if (server?.listening === true) await new Promise((resolve) => server.close(resolve));
  }

  #serve(socket: Socket, clients: AddressRange): void {
    const from = parseRange(socket.remoteAddress ?? '');
    const target = this.#options.target();
    if (target === undefined || from === undefined || !overlaps(from, clients)) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
    const onSilence = (): void => void socket.destroy();
    socket.setTimeout(SILENCE_MS, onSilence);
    socket.once('data', (first: Buffer) => {
      socket.setTimeout(0);
      socket.off('timeout', onSilence);
      if (first[0] === TLS_HANDSHAKE) this.#join(socket, first, target);
      else socket.destroy();
    });
  }

  #join(socket: Socket, first: Buffer, target: ApiAddress): void {
    socket.pause();
    socket.unshift(first);
    const api = connect({ host: target.host, port: target.port, allowHalfOpen: true });
    this.#sockets.add(api);
    api.once('close', () => this.#sockets.delete(api));
    for (const [one, other] of [
      [socket, api],
      [api, socket],
    ] as const) {
      one.on('error', () => other.destroy());
      one.once('close', () => other.destroySoon());
    }
    socket.pipe(api);
    api.pipe(socket);
  }
}
