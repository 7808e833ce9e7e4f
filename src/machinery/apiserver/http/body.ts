import { MAX_DEPTH, MAX_VALUES } from '#api/schema/excess.ts';
import { PlatformError } from '#kit/errors.ts';
import { parseExactJson } from '#kit/exact-json.ts';
import { badRequest, tooLarge, unsupportedMediaType } from '../contract/status-error.ts';
import { scanJson } from './json-scan.ts';
import { headerOf, type HttpRequest } from './messages.ts';
import type { ParsedYaml } from '#kit/parse-yaml.ts';
import { readYaml } from './read-yaml.ts';
import { wellFormed } from './well-formed.ts';

/** Largest body (apiserver `MaxRequestBodyBytes`). */
export const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** Most members and items of a body: an object with its managedFields, each of which names a field again. */
const MAX_BODY_VALUES = 2 * MAX_VALUES;

/** A body as JSON, and the keys that stood in it more than once. */
export interface ParsedBody {
  readonly value: unknown;
  readonly duplicates: ParsedYaml['duplicates'];
}

/** The media type of a request's body, without parameters; `''` where the request does not say. */
export function mediaTypeOf(request: HttpRequest): string {
  return (headerOf(request, 'content-type').split(';')[0] ?? '').trim().toLowerCase();
}

/** Reads a whole body. @throws ApiError 413; PlatformError `Canceled` where the client went away */
export async function readBody(request: HttpRequest): Promise<Buffer> {
  const announced = Number(headerOf(request, 'content-length') || '0');
  if (announced > MAX_BODY_BYTES) throw tooLarge(MAX_BODY_BYTES);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request) {
      const part = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      size += part.length;
      if (size > MAX_BODY_BYTES) break;
      chunks.push(part);
    }
  } catch (cause) {
    throw new PlatformError({
      code: 'Canceled',
      reason: 'ClientGone',
      message: 'the client went away before its request was complete',
      cause,
    });
  }
  if (size > MAX_BODY_BYTES) throw tooLarge(MAX_BODY_BYTES);
  return Buffer.concat(chunks);
}

/** Media types of bodies that are objects. */
export const OBJECT_TYPES: readonly string[] = ['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf'];

/** Reads JSON, or YAML where `mediaType` says so. @throws ApiError 400, 415 */
export async function parseText(bytes: Buffer, mediaType: string): Promise<ParsedBody> {
  const text = decodeUtf8(bytes);
  if (mediaType.endsWith('yaml')) return readYamlBody(text);
  if (mediaType === '' || mediaType === 'application/json' || mediaType.endsWith('+json') || mediaType === '*/*') return readJson(text);
  throw unsupportedMediaType(OBJECT_TYPES);
}

function decodeUtf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    // why: the decoder's words name no position; the remedy is what helps
    throw badRequest('the body is not valid UTF-8: send UTF-8 text');
  }
}

function readJson(text: string): ParsedBody {
  const scan = scanJson(text, { maxDepth: MAX_DEPTH, maxValues: MAX_BODY_VALUES });
  if (!scan.ok) throw badRequest(scan.error);
  try {
    return { value: wellFormed(text, parseExactJson(text)), duplicates: scan.value.duplicates };
  } catch (error) {
    throw badRequest(`the body can't be read as JSON: ${PlatformError.from(error).message}`);
  }
}

async function readYamlBody(text: string): Promise<ParsedBody> {
  const read = await readYaml(text, { maxDepth: MAX_DEPTH, maxChars: MAX_BODY_BYTES, maxValues: MAX_BODY_VALUES });
  if (!read.ok) throw badRequest(`the body can't be read as YAML: ${read.error}`);
  return { ...read.value, value: wellFormed(text, read.value.value) };
}
