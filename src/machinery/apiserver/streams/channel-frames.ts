import type { IncomingMessage } from 'node:http';
import { badRequest } from '../contract/status-error.ts';

/** One message of a WebSocket that carries several streams: which stream, and its bytes. */
export interface ChannelFrame {
  readonly channel: number;
  readonly bytes: Buffer;
}

/** How streams share a WebSocket (apimachinery `wsstream`, cri-streaming `remotecommand`). */
export interface ChannelProtocol {
  /** `''` = the client names none, and none is answered. */
  readonly name: string;
  /** `base64`: messages are text, for clients that can't send bytes; the channel is its digit. */
  readonly encoding: 'binary' | 'base64';
  /** How the end of a command is told: as `metav1.Status`, or as a text where it failed. */
  readonly outcome: 'status' | 'text';
  /** Channel 255 ends the stream that it names. */
  readonly canEnd: boolean;
}

/** Known subprotocols, the best first. */
export const CHANNEL_PROTOCOLS: readonly ChannelProtocol[] = [
  { name: 'v5.channel.k8s.io', encoding: 'binary', outcome: 'status', canEnd: true },
  { name: 'v4.channel.k8s.io', encoding: 'binary', outcome: 'status', canEnd: false },
  { name: 'v4.base64.channel.k8s.io', encoding: 'base64', outcome: 'status', canEnd: false },
  { name: 'channel.k8s.io', encoding: 'binary', outcome: 'text', canEnd: false },
  { name: 'base64.channel.k8s.io', encoding: 'base64', outcome: 'text', canEnd: false },
  { name: '', encoding: 'binary', outcome: 'text', canEnd: false },
];

const ZERO = 0x30;

/** The first of `served` that the client offers. @throws ApiError 400 */
export function chooseChannelProtocol(request: IncomingMessage, served: readonly ChannelProtocol[] = CHANNEL_PROTOCOLS): ChannelProtocol {
  const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const chosen = served.find(({ name }) => offered.includes(name));
  if (chosen !== undefined) return chosen;
  const names = served.map(({ name }) => name).filter((name) => name !== '');
  throw badRequest(`unable to upgrade: none of the subprotocols ${JSON.stringify(offered)} is served; served are ${names.join(', ')}`);
}

/** A message as it is sent. */
export function encodeFrame({ encoding }: ChannelProtocol, { channel, bytes }: ChannelFrame): Buffer | string {
  return encoding === 'binary' ? Buffer.concat([Buffer.of(channel), bytes]) : `${channel}${bytes.toString('base64')}`;
}

/** A message as it came; undefined for an empty one. */
export function decodeFrame({ encoding }: ChannelProtocol, message: Buffer): ChannelFrame | undefined {
  const [first] = message;
  if (first === undefined) return undefined;
  if (encoding === 'binary') return { channel: first, bytes: message.subarray(1) };
  return { channel: first - ZERO, bytes: Buffer.from(message.subarray(1).toString('latin1'), 'base64') };
}
