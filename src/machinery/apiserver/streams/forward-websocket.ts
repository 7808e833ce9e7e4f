import type { WebSocket } from 'ws';
import { ByteQueue } from '#kit/byte-queue.ts';
import { pour } from '#kit/byte-sink.ts';
import { PlatformError } from '#kit/errors.ts';
import { badRequest } from '../contract/status-error.ts';
import { CHANNEL_PROTOCOLS, type ChannelProtocol, chooseChannelProtocol, decodeFrame, encodeFrame } from './channel-frames.ts';
import type { Session } from './session.ts';
import { acceptWebSocket, bytesOf, keepAsking, sendMessage } from './websocket.ts';

/** Subprotocols of port-forward (cri-streaming `portforward` websocket.go), and those that clients name for all streams alike. */
const PROTOCOLS = CHANNEL_PROTOCOLS.filter(({ name }) => name.startsWith('v') || name === '');
const MAX_PORT = 65_535;
/** Most ports of one connection: each has two channels, and a channel is a byte. */
const MAX_PORTS = 100;
/** What a client may send ahead of the pod, for each port. */
const AHEAD_BYTES = 64 * 1024;
/** Longest message to a client. */
const MESSAGE_BYTES = 32 * 1024;
const NORMAL_CLOSURE = 1000;

/** True where the client wants port-forward with a channel for each stream, and not SPDY inside of the WebSocket. */
export function wantsChannels({ upgrade: { request } }: Session): boolean {
  return !/SPDY/.test(request.headers['sec-websocket-protocol'] ?? '');
}

/**
 * `…/portforward?ports=N` over a plain WebSocket: channel 2i has the bytes of the port at place i, channel 2i+1 what went wrong with it, and each begins
 * with the port's number. Ends when all ports are done. @throws ApiError before the upgrade
 */
export async function forwardOverChannels(session: Session): Promise<void> {
  const ports = readPorts(session.query);
  const protocol = chooseChannelProtocol(session.upgrade.request, PROTOCOLS);
  const webSocket = await acceptWebSocket(session.upgrade, protocol.name);
  session.upgraded();
  keepAsking(webSocket, session.clock);
  const lanes = ports.map((port) => ({ port, input: new ByteQueue(AHEAD_BYTES) }));
  const inputs = lanes.map(({ input }) => input);
  const end = (): void => session.ending.abort();
  webSocket.once('close', () => {
    for (const input of inputs) input.end();
    end();
  });
  webSocket.on('message', (data) => take({ webSocket, protocol, inputs }, bytesOf(data)));
  const send = (channel: number, bytes: Buffer): Promise<void> => sendMessage(webSocket, encodeFrame(protocol, { channel, bytes }));
  try {
    for (const [index, port] of ports.entries()) {
      const number = Buffer.of(port & 0xff, port >> 8);
      await send(2 * index, number);
      await send(2 * index + 1, number);
    }
    await Promise.all(lanes.map((lane, index) => forward(session, { ...lane, index, send })));
  } catch {
    // why: a send fails when the client has gone, and then there is nobody to tell
  }
  webSocket.close(NORMAL_CLOSURE);
}

interface Incoming {
  readonly webSocket: WebSocket;
  readonly protocol: ChannelProtocol;
  readonly inputs: readonly ByteQueue[];
}

function take({ webSocket, protocol, inputs }: Incoming, message: Buffer): void {
  const frame = decodeFrame(protocol, message);
  const input = frame === undefined || frame.channel % 2 !== 0 ? undefined : inputs[frame.channel / 2];
  // why: unknown channels are ignored, as upstream does
  if (frame === undefined || input === undefined) return;
  webSocket.pause();
  void input.push(frame.bytes).then(() => webSocket.resume());
}

interface Forward {
  readonly port: number;
  readonly index: number;
  readonly input: ByteQueue;
  readonly send: (channel: number, bytes: Buffer) => Promise<void>;
}

async function forward({ source, pod, ending }: Session, { port, index, input, send }: Forward): Promise<void> {
  try {
    const connection = await source.connect(pod, port, ending.signal);
    const upload = pour(input, connection.outgoing)
      // why: a pod that reads no more still may have something to say
      .catch(() => {})
      .finally(() => connection.outgoing.end());
    for await (const chunk of connection.incoming) {
      for (let start = 0; start < chunk.length; start += MESSAGE_BYTES)
        await send(2 * index, Buffer.from(chunk.subarray(start, start + MESSAGE_BYTES)));
    }
    await connection.closed;
    input.close();
    await upload;
  } catch (thrown) {
    // why: what comes for this port is nobody's any more, and must not hold up the others
    input.close();
    const { message } = PlatformError.from(thrown);
    if (!ending.signal.aborted)
      await send(2 * index + 1, Buffer.from(`error forwarding port ${port} to pod ${pod.metadata.name}: ${message}`));
  }
}

/** The ports of the query, `?ports=80&ports=443` or `?ports=80,443`. @throws ApiError 400 */
function readPorts(query: URLSearchParams): readonly number[] {
  const texts = query.getAll('ports').flatMap((text) => text.split(','));
  if (texts.length === 0) throw badRequest('query parameter "ports" is required');
  if (texts.length > MAX_PORTS) throw badRequest(`ports: Too many: ${texts.length}: must have at most ${MAX_PORTS} items`);
  return texts.map((text) => {
    const port = Number(text);
    if (/^\d+$/.test(text) && port >= 1 && port <= MAX_PORT) return port;
    throw badRequest(`ports: Invalid value: ${JSON.stringify(text)}: must be a number from 1 to ${MAX_PORT}`);
  });
}
