import type { Upgrade } from '../http/upgrade.ts';
import type { IncomingMessage } from 'node:http';
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { Clock, Timer } from '#kit/clock.ts';
import { badRequest } from '../contract/status-error.ts';

/** Longest message of a client, in bytes; kubectl's are 32 KiB. */
const MAX_MESSAGE_BYTES = 1024 * 1024;

/** True where the client wants a WebSocket. */
export function wantsWebSocket(request: IncomingMessage): boolean {
  return /^websocket$/i.test(request.headers.upgrade ?? '');
}

/** The first of `served` that the client offers. @throws ApiError 400 */
export function chooseSubprotocol(request: IncomingMessage, served: readonly string[]): string {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const chosen = served.find((name) => offered.includes(name));
  if (chosen === undefined)
    throw badRequest(`unable to upgrade: none of the subprotocols ${JSON.stringify(offered)} is served; served are ${served.join(', ')}`);
  return chosen;
}

/**
 * Answers the handshake. The subprotocol is answered by hand: Kubernetes' names for tunnels hold a slash, which is no token
 * (RFC 6455 section 4.1), and the library refuses those.
 */
export function acceptWebSocket({ request, socket, head }: Upgrade, subprotocol: string): Promise<WebSocket> {
  const server = new WebSocketServer({ noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES });
  delete request.headers['sec-websocket-protocol'];
  if (subprotocol !== '') server.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${subprotocol}`));
  return new Promise((resolve, reject) => {
    const onClose = (): void => reject(badRequest('the connection ended during the WebSocket handshake'));
    // why: who left before this, while his process was started, will not be heard to leave again
    if (socket.closed) {
      onClose();
      return;
    }
    socket.once('close', onClose);
    server.handleUpgrade(request, socket, head, (webSocket) => {
      socket.off('close', onClose);
      // why: the close event follows and cleans up
      webSocket.on('error', () => webSocket.terminate());
      resolve(webSocket);
    });
  });
}

/** A client that is gone without a word is noticed by a write that fails; one is made this often. */
const PING_MS = 30_000;

/** Asks a silent client for a sign of life until it has gone. */
export function keepAsking(webSocket: WebSocket, clock: Clock): void {
  let timer: Timer;
  const schedule = (): void => {
    timer = clock.after(PING_MS, () => {
      webSocket.ping();
      schedule();
    });
  };
  schedule();
  webSocket.once('close', () => timer.cancel());
}

/** A message's bytes. */
export function bytesOf(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}

/** Sends a message, text as text; resolves when the connection has taken it. @throws Error once the connection is closed */
export function sendMessage(webSocket: WebSocket, message: Uint8Array | string): Promise<void> {
  return new Promise((resolve, reject) => {
    webSocket.send(message, { binary: typeof message !== 'string' }, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
  });
}
