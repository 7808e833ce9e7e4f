import { connect, createServer, type Server, type Socket } from 'node:net';
import { PlatformError } from '#kit/errors.ts';
import type { Logger } from '#kit/log.ts';
import type { ApiAddress } from '../containers/environment.ts';
import { isErrno } from '../small-files.ts';
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

/** Hands bytes between pods and the API, which itself listens on the host's loopback only. TLS is between the two ends. */
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
    const api = connect({ host: target.host, port: target.port, allowHalfOpen: true });
    for (const [one, other] of [
      [socket, api],
      [api, socket],
    ] as const) {
      this.#sockets.add(one);
      one.on('error', () => other.destroy());
      one.once('close', () => {
        this.#sockets.delete(one);
        other.destroySoon();
      });
    }
    socket.pipe(api);
    api.pipe(socket);
  }
}
