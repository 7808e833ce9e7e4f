import { parseExactJson } from '#kit/exact-json.ts';
import { PlatformError } from '#kit/errors.ts';

/** Longest line that is accepted; an object of the API is at most 3 MiB. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;
const NEWLINE = 0x0a;

/** The JSON values of a stream that has one on each line; a last line without an end is dropped: it was cut off. @throws PlatformError `DataLoss` for a line that is no JSON or too long */
export async function* jsonLines(chunks: AsyncIterable<Uint8Array>): AsyncIterable<unknown> {
  let parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      parts.push(chunk.subarray(start, end));
      const line = Buffer.concat(parts).toString('utf8');
      parts = [];
      size = 0;
      start = end + 1;
      if (line.trim() !== '') yield parseLine(line);
    }
    if (start < chunk.length) parts.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > MAX_LINE_BYTES) throw malformed(`a line is longer than ${MAX_LINE_BYTES} bytes`);
  }
}

function parseLine(line: string): unknown {
  try {
    return parseExactJson(line);
  } catch (thrown) {
    throw malformed('a line is no JSON', thrown);
  }
}

function malformed(fault: string, cause?: unknown): PlatformError {
  return new PlatformError({
    code: 'DataLoss',
    reason: 'WatchMalformed',
    message: `the watch sent something else than events: ${fault}`,
    retry: 'backoff',
    cause,
  });
}
