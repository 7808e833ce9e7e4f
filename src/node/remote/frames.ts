import type { Socket } from 'node:net';
import { PlatformError } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';

/** What a frame belongs to. An empty frame of anything but `message` ends that stream. */
export type Channel = 'message' | 'stdin' | 'stdout' | 'stderr';

/** A piece of what travels between the platform and a node's process. */
export interface Frame {
  readonly channel: Channel;
  readonly payload: Buffer;
}

/** The other side speaks something else. */
class FrameInvalid extends PlatformError {
  constructor(fault: string) {
    super({ code: 'Internal', reason: 'FrameInvalid', message: `what came over the node's socket is no frame: ${fault}` });
  }
}

const CHANNELS: readonly Channel[] = ['message', 'stdin', 'stdout', 'stderr'];
/** One byte for the channel, four for the length. */
const HEAD_BYTES = 5;
/** A pod of a megabyte is the most that the API stores; its JSON has room twice. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;
/** Larger pieces are cut: so that a terminal's size need not wait for long. */
const PIECE_BYTES = 256 * 1024;

/** Both directions of one connection. Whoever sends waits while the other side does not read. */
export class FrameConnection {
  readonly #socket: Socket;

  constructor(socket: Socket) {
    this.#socket = socket;
    // why: every write and the reader learn of it by themselves
    socket.on('error', () => {});
  }

  /** @throws PlatformError where the connection is gone */
  async send(channel: Channel, payload: Uint8Array): Promise<void> {
    for (let from = 0; from === 0 || from < payload.length; from += PIECE_BYTES) {
      // why whole messages: they are read as JSON
      const piece = channel === 'message' ? payload : payload.subarray(from, from + PIECE_BYTES);
      await this.#write(channel, piece);
      if (channel === 'message') return;
    }
  }

  sendMessage(message: object): Promise<void> {
    return this.send('message', Buffer.from(JSON.stringify(message)));
  }

  /** What comes, until the connection ends. To be read by one reader. @throws FrameInvalid */
  async *frames(): AsyncGenerator<Frame> {
    let rest: Buffer = Buffer.alloc(0);
    try {
      for await (const chunk of this.#socket) {
        const bytes: Buffer = chunk;
        rest = rest.length === 0 ? bytes : Buffer.concat([rest, bytes]);
        for (let frame = takeFrame(rest); frame !== undefined; frame = takeFrame(rest)) {
          rest = rest.subarray(HEAD_BYTES + frame.payload.length);
          yield frame;
        }
      }
    } catch (thrown) {
      if (thrown instanceof FrameInvalid) throw thrown;
      // why: a connection that breaks has ended, which is all that the reader must know
    }
  }

  /** Runs `then` once, when the connection has ended. */
  onClose(then: () => void): void {
    if (this.#socket.destroyed) then();
    else this.#socket.once('close', then);
  }

  /** What was sent is still delivered. */
  end(): void {
    this.#socket.end();
  }

  close(): void {
    this.#socket.destroy();
  }

  #write(channel: Channel, piece: Uint8Array): Promise<void> {
    const head = Buffer.alloc(HEAD_BYTES);
    head.writeUInt8(CHANNELS.indexOf(channel), 0);
    head.writeUInt32BE(piece.length, 1);
    return new Promise((resolve, reject) => {
      this.#socket.write(Buffer.concat([head, piece]), (error) => {
        if (error === null || error === undefined) resolve();
        else
          reject(new PlatformError({ code: 'Unavailable', reason: 'NodeUnreachable', message: `the connection ended: ${error.message}` }));
      });
    });
  }
}

/** The text of a message. @throws FrameInvalid */
export function readMessage({ channel, payload }: Frame): Readonly<Record<string, unknown>> {
  if (channel !== 'message') throw new FrameInvalid(`${channel} where a message was due`);
  const value: unknown = JSON.parse(payload.toString('utf8'));
  if (!isRecord(value)) throw new FrameInvalid('a message that is no object');
  return value;
}

function takeFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < HEAD_BYTES) return undefined;
  const channel = CHANNELS[bytes.readUInt8(0)];
  const length = bytes.readUInt32BE(1);
  if (channel === undefined || length > MAX_FRAME_BYTES) throw new FrameInvalid(`channel ${bytes.readUInt8(0)}, ${length} bytes`);
  if (bytes.length < HEAD_BYTES + length) return undefined;
  return { channel, payload: bytes.subarray(HEAD_BYTES, HEAD_BYTES + length) };
}
