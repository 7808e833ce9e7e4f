import type { Patch } from '../../client/client.ts';
import { isRecord } from '#kit/json.ts';
import { decodeObject } from '../objects/decode-object.ts';
import type { BodyObject } from '../objects/json-object.ts';
import { decodeProtobuf } from '../protobuf/decode-protobuf.ts';
import type { WriteRequest } from '../contract/request.ts';
import { badRequest, unsupportedMediaType } from '../contract/status-error.ts';
import { mediaTypeOf, type ParsedBody, parseText, readBody } from './body.ts';
import type { Exchange } from './messages.ts';

const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** The body as JSON, whichever form it came in; undefined where there is none. @throws ApiError 400, 413, 415 */
export async function readJsonBody(exchange: Exchange): Promise<ParsedBody | undefined> {
  const bytes = await readBody(exchange.request);
  if (bytes.length === 0) return undefined;
  const mediaType = mediaTypeOf(exchange.request);
  if (mediaType !== PROTOBUF) return parseText(bytes, mediaType);
  const { apiVersion, kind, object } = decodeProtobuf(bytes);
  return { value: { apiVersion, kind, ...object }, duplicates: [] };
}

/** The body as an object of the request's kind. @throws ApiError 400, 413, 415 */
export async function readObjectBody(exchange: Exchange, request: WriteRequest): Promise<BodyObject> {
  const body = await readJsonBody(exchange);
  if (body === undefined) throw badRequest('the request has no body: send the object');
  return decodeObject(request, body.value, { duplicates: body.duplicates });
}

const PATCH_TYPES = new Map<string, Patch['type']>([
  ['application/json-patch+json', 'json'],
  ['application/merge-patch+json', 'merge'],
  ['application/strategic-merge-patch+json', 'strategic'],
]);

/** The media type of a configuration that is applied; JSON is YAML too. */
const APPLY = 'application/apply-patch+yaml';

/** True where the body is a configuration to apply, not a patch. */
export function isApply(exchange: Exchange): boolean {
  return mediaTypeOf(exchange.request) === APPLY;
}

/** The body as a configuration to apply. @throws ApiError 400, 413 */
export async function readApplied(exchange: Exchange): Promise<ParsedBody> {
  const bytes = await readBody(exchange.request);
  // why: kubectl sends JSON, which is read several times faster as what it is
  return parseText(bytes, bytes[0] === OPENING_BRACE ? 'application/json' : 'application/yaml');
}

const OPENING_BRACE = 0x7b;

/** The body as a patch of the type that its media type names. @throws ApiError 400, 413, 415 */
export async function readPatch(exchange: Exchange): Promise<Patch> {
  const mediaType = mediaTypeOf(exchange.request);
  const type = PATCH_TYPES.get(mediaType);
  if (type === undefined) throw unsupportedMediaType([...PATCH_TYPES.keys(), APPLY]);
  const { value } = await parseText(await readBody(exchange.request), mediaType);
  if (type === 'json') {
    if (!Array.isArray(value)) throw badRequest('a JSON patch is a list of operations');
    return { type, body: value };
  }
  if (!isRecord(value)) throw badRequest('a merge patch is an object');
  return { type, body: value };
}
