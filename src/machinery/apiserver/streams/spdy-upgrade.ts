import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { badRequest } from '../contract/status-error.ts';
import type { Upgrade } from '../http/upgrade.ts';

const PROTOCOL_HEADER = 'X-Stream-Protocol-Version';

/** True where the client wants SPDY. */
export function wantsSpdy(request: IncomingMessage): boolean {
  return /^spdy\/3\.1$/i.test(request.headers.upgrade ?? '');
}

/** The first of `served` that the client offers. @throws ApiError 400 */
export function chooseStreamProtocol(request: IncomingMessage, served: readonly string[]): string {
  const value = request.headers[PROTOCOL_HEADER.toLowerCase()] ?? [];
  const offered = (Array.isArray(value) ? value : [value]).flatMap((line) => line.split(',')).map((name) => name.trim());
  const chosen = served.find((name) => offered.includes(name));
  if (chosen === undefined)
    throw badRequest(`unable to upgrade: none of the protocols ${JSON.stringify(offered)} is served; served are ${served.join(', ')}`);
  return chosen;
}

/** Answers the handshake; the connection speaks SPDY from here on. */
export function acceptSpdy({ socket, head }: Upgrade, protocol: string): Duplex {
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n${PROTOCOL_HEADER}: ${protocol}\r\n\r\n`);
  if (head.length > 0) socket.unshift(head);
  return socket;
}
