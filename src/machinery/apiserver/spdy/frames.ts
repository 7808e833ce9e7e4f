import { fail, ok, type Result } from '#kit/errors.ts';

/** A frame of SPDY/3.1 (draft of the Chromium project, section 2.6). Header blocks are still compressed. */
export type SpdyFrame =
  | { readonly type: 'data'; readonly streamId: number; readonly isLast: boolean; readonly payload: Buffer }
  | { readonly type: 'syn-stream'; readonly streamId: number; readonly isLast: boolean; readonly headerBlock: Buffer }
  | { readonly type: 'syn-reply' | 'headers'; readonly streamId: number; readonly isLast: boolean; readonly headerBlock: Buffer }
  | { readonly type: 'rst-stream'; readonly streamId: number; readonly status: number }
  | { readonly type: 'ping'; readonly id: number }
  | { readonly type: 'goaway'; readonly lastStreamId: number; readonly status: number }
  | { readonly type: 'window-update'; readonly streamId: number; readonly delta: number }
  | { readonly type: 'ignored' };

const HEADER_BYTES = 8;
const CONTROL_BIT = 0x8000;
const VERSION = 3;
const FLAG_FIN = 0x01;
const STREAM_ID = 0x7fffffff;
/** Frames may be up to 16 MiB by their length field; nobody of Kubernetes sends more than 32 KiB of data at a time. */
const MAX_FRAME_BYTES = 1024 * 1024;
/** Header blocks of streams name a stream type and a port. */
const MAX_HEADER_FRAME_BYTES = 64 * 1024;

const TYPE = { synStream: 1, synReply: 2, rstStream: 3, settings: 4, ping: 6, goaway: 7, headers: 8, windowUpdate: 9 } as const;

/** Cuts a byte stream into frames. Keeps at most one frame that is not whole. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);

  /** The frames that are whole with `chunk`; an error ends the connection. */
  read(chunk: Uint8Array): Result<SpdyFrame[]> {
    this.#rest = this.#rest.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#rest, chunk]);
    const frames: SpdyFrame[] = [];
    while (this.#rest.length >= HEADER_BYTES) {
      const length = this.#rest.readUIntBE(5, 3);
      if (length > MAX_FRAME_BYTES) return fail(`a frame of ${length} bytes is too long: ${MAX_FRAME_BYTES} are allowed`);
      if (this.#rest.length < HEADER_BYTES + length) break;
      const frame = parseFrame(this.#rest.subarray(0, HEADER_BYTES), this.#rest.subarray(HEADER_BYTES, HEADER_BYTES + length));
      if (!frame.ok) return frame;
      frames.push(frame.value);
      this.#rest = this.#rest.subarray(HEADER_BYTES + length);
    }
    return ok(frames);
  }
}

function parseFrame(header: Buffer, payload: Buffer): Result<SpdyFrame> {
  const flags = header.readUInt8(4);
  const isLast = (flags & FLAG_FIN) !== 0;
  const first = header.readUInt16BE(0);
  if ((first & CONTROL_BIT) === 0) return ok({ type: 'data', streamId: header.readUInt32BE(0) & STREAM_ID, isLast, payload });
  if ((first & ~CONTROL_BIT) !== VERSION) return fail(`version ${first & ~CONTROL_BIT} of SPDY is not served, only ${VERSION}`);
  return parseControl({ type: header.readUInt16BE(2), isLast, payload });
}

interface ControlFrame {
  readonly type: number;
  readonly isLast: boolean;
  readonly payload: Buffer;
}

/** Bytes that each type has at least. */
const LEAST: Readonly<Record<number, number>> = {
  [TYPE.synStream]: 10,
  [TYPE.synReply]: 4,
  [TYPE.rstStream]: 8,
  [TYPE.ping]: 4,
  [TYPE.goaway]: 8,
  [TYPE.headers]: 4,
  [TYPE.windowUpdate]: 8,
};

function parseControl({ type, isLast, payload }: ControlFrame): Result<SpdyFrame> {
  const least = LEAST[type] ?? 0;
  if (payload.length < least) return fail(`a control frame of type ${type} has ${payload.length} bytes, it needs ${least}`);
  const id = least === 0 ? 0 : payload.readUInt32BE(0) & STREAM_ID;
  const headed = HEADED[type];
  if (headed !== undefined) {
    if (payload.length > MAX_HEADER_FRAME_BYTES) return fail(`a header block of ${payload.length} bytes is too long`);
    return ok({ type: headed, streamId: id, isLast, headerBlock: payload.subarray(least) });
  }
  switch (type) {
    case TYPE.rstStream:
      return ok({ type: 'rst-stream', streamId: id, status: payload.readUInt32BE(4) });
    case TYPE.ping:
      return ok({ type: 'ping', id: payload.readUInt32BE(0) });
    case TYPE.goaway:
      return ok({ type: 'goaway', lastStreamId: id, status: payload.readUInt32BE(4) });
    case TYPE.windowUpdate:
      return ok({ type: 'window-update', streamId: id, delta: payload.readUInt32BE(4) & STREAM_ID });
    default:
      // why: frames of unknown types are ignored (section 2.2), settings ask for nothing that matters here
      return ok({ type: 'ignored' });
  }
}

/** Types whose bytes end with a header block. */
const HEADED: Readonly<Record<number, 'syn-stream' | 'syn-reply' | 'headers'>> = {
  [TYPE.synStream]: 'syn-stream',
  [TYPE.synReply]: 'syn-reply',
  [TYPE.headers]: 'headers',
};

/** Bytes on a stream. */
export function dataFrame(streamId: number, payload: Uint8Array, isLast = false): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt32BE(streamId, 0);
  header.writeUInt8(isLast ? FLAG_FIN : 0, 4);
  header.writeUIntBE(payload.length, 5, 3);
  return Buffer.concat([header, payload]);
}

/** Accepts a stream. */
export function synReplyFrame(streamId: number, headerBlock: Uint8Array): Buffer {
  return Buffer.concat([control(TYPE.synReply, 4 + headerBlock.length), uint32(streamId), headerBlock]);
}

/**
 * Opens a stream: what clients send.
 * @public
 */
export function synStreamFrame(streamId: number, headerBlock: Uint8Array): Buffer {
  return Buffer.concat([control(TYPE.synStream, 10 + headerBlock.length), uint32(streamId), uint32(0), Buffer.alloc(2), headerBlock]);
}

/** Ends a stream at once. */
export function rstStreamFrame(streamId: number, status: number): Buffer {
  return Buffer.concat([control(TYPE.rstStream, 8), uint32(streamId), uint32(status)]);
}

/** Asks for a sign of life, or gives one. */
export function pingFrame(id: number): Buffer {
  return Buffer.concat([control(TYPE.ping, 4), uint32(id)]);
}

/** Says that no further streams are taken. */
export function goAwayFrame(lastStreamId: number, status: number): Buffer {
  return Buffer.concat([control(TYPE.goaway, 8), uint32(lastStreamId), uint32(status)]);
}

/** Allows the other side to send `delta` more bytes; stream 0 = on the connection. */
export function windowUpdateFrame(streamId: number, delta: number): Buffer {
  return Buffer.concat([control(TYPE.windowUpdate, 8), uint32(streamId), uint32(delta)]);
}

function control(type: number, length: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(CONTROL_BIT | VERSION, 0);
  header.writeUInt16BE(type, 2);
  header.writeUIntBE(length, 5, 3);
  return header;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}
