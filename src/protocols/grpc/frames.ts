import { PlatformError } from '#kit/errors.ts';

/** Bytes before each message: a flag for compression and the length (grpc/grpc doc/PROTOCOL-HTTP2.md, "Length-Prefixed-Message"). */
const PREFIX_BYTES = 5;
/** Bytes of one request. A token and some names need a few thousand. */
const MAX_REQUEST_BYTES = 64 * 1024;

/** A message as it travels. */
export function frameOf(message: Uint8Array): Buffer {
  const frame = Buffer.alloc(PREFIX_BYTES + message.length);
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, PREFIX_BYTES);
  return frame;
}

/** The one message of a request. @throws PlatformError `ResourceExhausted` where it is too large, `Unimplemented` where it is compressed, `Internal` where it is not one whole message */
export async function readFrame(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_REQUEST_BYTES + PREFIX_BYTES)
      throw refused('ResourceExhausted', `the request is larger than ${MAX_REQUEST_BYTES} bytes, the most that is taken`);
    chunks.push(chunk);
  }
  const frame = Buffer.concat(chunks);
  if (frame.length < PREFIX_BYTES || frame.readUInt32BE(1) !== frame.length - PREFIX_BYTES)
    throw refused('Internal', 'the request is not one whole message');
  if (frame[0] !== 0) throw refused('Unimplemented', 'the request is compressed, which is not taken: send it as it is');
  return frame.subarray(PREFIX_BYTES);
}

const UNIT_MS: Readonly<Record<string, number>> = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 };

/** Milliseconds of a `grpc-timeout`; undefined where there is none, or it says nothing. */
export function parseTimeout(text: string | undefined): number | undefined {
  const [, count, unit = ''] = /^(\d{1,8})([HMSmun])$/.exec(text ?? '') ?? [];
  return count === undefined ? undefined : Number(count) * (UNIT_MS[unit] ?? 0);
}

/** A message as a header carries it: all but printable ASCII as percent and two digits, of its UTF-8 bytes. */
export function statusMessage(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) =>
      byte >= 0x20 && byte <= 0x7e && byte !== PERCENT ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .join('');
}

const PERCENT = 0x25;

function refused(code: 'ResourceExhausted' | 'Unimplemented' | 'Internal', message: string): PlatformError {
  return new PlatformError({ code, reason: 'GrpcRequestRefused', message, retry: 'never' });
}
