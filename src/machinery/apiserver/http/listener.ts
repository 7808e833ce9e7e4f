import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createSecureServer, type Http2SecureServer, type Http2Session } from 'node:http2';
import type { Server as NetServer, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { PlatformError } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';
import type { ApiHandler } from './api-handler.ts';
import type { HttpRequest, HttpResponse } from './messages.ts';
import { isApiPath } from './route.ts';
import { createSharedPort } from './shared-port.ts';
import type { Upgrade, UpgradeHandler } from './upgrade.ts';

/** Keys and certificates of a TLS listener; PEM. */
export interface TlsOptions {
  readonly keyPem: string;
  readonly certificatePem: string;
  /** Client certificates of this authority are believed. */
  readonly caPem: string;
}

/** Where and how to listen. */
export interface ListenOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Absent = plain HTTP, for tests. */
  readonly tls?: TlsOptions | undefined;
  /** Answers paths that are not the API's. Without it they are 404. */
  readonly fallback?: ((request: HttpRequest, response: HttpResponse) => void) | undefined;
  /** Answers plain HTTP on the same port as TLS, told apart by the first byte; for the console on loopback. Without it plain connections are closed. */
  readonly plain?: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
  /** Takes upgraded connections (WebSockets, HTTP/1.1 only) for paths that are not the API's. Without it they are closed. */
  readonly upgrade?: ((request: IncomingMessage, socket: Duplex, head: Buffer) => void) | undefined;
}

/** What answers the API's own paths. */
export interface ApiDoors {
  readonly handler: ApiHandler;
  readonly upgrade: UpgradeHandler;
}

/** An open port. */
export interface Listener {
  readonly port: number;
  /** Stops listening and ends all connections. */
  close(): Promise<void>;
}

/** Largest header block, in bytes. */
const MAX_HEADER_BYTES = 64 * 1024;

/** What helps against the errors of listen(2), and of looking a host's name up. */
const REMEDIES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'choose another port (0 takes any free one), or end what uses this one',
  EACCES: 'choose a port from 1024 up (0 takes any free one), or start as root',
  EADDRNOTAVAIL: 'choose an address of this machine, 127.0.0.1 for example',
  ENOTFOUND: 'choose an address of this machine, 127.0.0.1 for example',
  EAI_AGAIN: 'choose an address of this machine, 127.0.0.1 for example',
};

/** The port can't be had. */
export class ListenFailed extends PlatformError {
  constructor(options: ListenOptions, cause: unknown) {
    const why = PlatformError.from(cause).message;
    const code = isRecord(cause) && typeof cause['code'] === 'string' ? cause['code'] : '';
    super({
      code: 'Unavailable',
      reason: 'ListenFailed',
      message: `can't listen on ${options.host}, port ${options.port}: ${why}: ${REMEDIES[code] ?? 'choose another address or port'}`,
      details: { host: options.host, port: options.port },
      cause,
      retry: 'never',
    });
  }
}

/** Opens a port for the API: HTTP/2 and HTTP/1.1 over TLS 1.2 or newer. @throws ListenFailed */
export async function listen(options: ListenOptions, api: ApiDoors): Promise<Listener> {
  const server = options.tls === undefined ? createServer({ maxHeaderSize: MAX_HEADER_BYTES }) : secureServer(options.tls);
  server.on('request', (request: HttpRequest, response: HttpResponse) => {
    if (options.fallback === undefined || isApiPath(request.url ?? '/')) void api.handler(request, response);
    else options.fallback(request, response);
  });
  takeUpgrades(server, (request, socket, head) => {
    if (isApiPath(request.url ?? '/')) void api.upgrade(request, socket, head);
    else giveUpgrade(options, { request, socket, head });
  });
  const closers = [trackConnections(server)];
  const port =
    options.tls === undefined || options.plain === undefined ? server : shared({ secure: server, plain: options.plain }, options, closers);
  await open(port, options);
  const address = port.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () =>
      new Promise((resolve) => {
        port.close(() => resolve());
        for (const closeAll of closers) closeAll();
      }),
  };
}

interface SharedServers {
  readonly secure: Server | Http2SecureServer;
  readonly plain: (request: IncomingMessage, response: ServerResponse) => void;
}

function shared(servers: SharedServers, options: ListenOptions, closers: (() => void)[]): NetServer {
  const plain = createServer({ maxHeaderSize: MAX_HEADER_BYTES }, servers.plain);
  takeUpgrades(plain, (request, socket, head) => giveUpgrade(options, { request, socket, head }));
  closers.push(trackConnections(plain));
  return createSharedPort(servers.secure, plain);
}

function takeUpgrades(server: Server | Http2SecureServer, take: NonNullable<ListenOptions['upgrade']>): void {
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => {});
    take(request, socket, head);
  });
}

function giveUpgrade({ upgrade }: ListenOptions, { request, socket, head }: Upgrade): void {
  if (upgrade === undefined) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
  else upgrade(request, socket, head);
}

function secureServer(tls: TlsOptions): Http2SecureServer {
  return createSecureServer({
    allowHTTP1: true,
    key: tls.keyPem,
    cert: tls.certificatePem,
    ca: tls.caPem,
    minVersion: 'TLSv1.2',
    // why: a certificate is one way to sign in; who shows none may still bring a token
    requestCert: true,
    rejectUnauthorized: false,
    maxHeaderListPairs: 256,
    settings: { maxConcurrentStreams: 1_000, initialWindowSize: 1024 * 1024 },
  });
}

function open(server: NetServer, options: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (cause: Error): void => reject(new ListenFailed(options, cause));
    server.once('error', onError);
    server.listen(options.port, options.host, () => {
      server.off('error', onError);
      resolve();
    });
  });
}

/** Ends every connection when it is called: streams that clients keep open would hold the server for ever. */
function trackConnections(server: Server | Http2SecureServer): () => void {
  const open = new Set<{ destroy(): void }>();
  const track = (connection: Socket | Http2Session): void => {
    open.add(connection);
    connection.once('close', () => open.delete(connection));
    connection.on('error', () => {});
  };
  server.on('connection', track);
  server.on('secureConnection', track);
  server.on('session', track);
  return () => {
    for (const connection of open) connection.destroy();
  };
}
