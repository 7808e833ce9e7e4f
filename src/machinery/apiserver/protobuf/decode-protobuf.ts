import { PlatformError } from '#kit/errors.ts';
import { API_EXTENSIONS_GROUP } from '#api/resources.ts';
import { MessageTypes, META_PACKAGE, RUNTIME_PACKAGE } from './message-types.ts';
import { messageToJson } from './message-to-json.ts';
import { unknownNumbers } from './unknown-numbers.ts';

/** A protobuf body that can't be read. */
export class ProtobufMalformed extends PlatformError {
  constructor(message: string, cause?: unknown) {
    super({ code: 'InvalidArgument', reason: 'ProtobufMalformed', message, cause, retry: 'never' });
  }
}

/** A decoded body. */
export interface DecodedProtobuf {
  readonly apiVersion: string;
  readonly kind: string;
  /** As if it had come as JSON, apiVersion and kind included. */
  readonly object: Readonly<Record<string, unknown>>;
}

/** The four bytes in front of every body (apimachinery runtime/serializer/protobuf). */
const MAGIC = [0x6b, 0x38, 0x73, 0x00];

/** Kinds of meta/v1 that come under any apiVersion. */
const META_KINDS: ReadonlySet<string> = new Set([
  'DeleteOptions',
  'CreateOptions',
  'UpdateOptions',
  'PatchOptions',
  'ListOptions',
  'GetOptions',
  'Status',
]);

const types = new MessageTypes();

/**
 * Decodes a request body of `application/vnd.kubernetes.protobuf`; kubectl from 1.32 and helm send some so.
 * @throws ProtobufMalformed where the bytes are not such a body or the kind is unknown
 */
export function decodeProtobuf(body: Uint8Array): DecodedProtobuf {
  if (body.length < MAGIC.length || MAGIC.some((byte, index) => body[index] !== byte)) {
    throw new ProtobufMalformed(
      'the body does not start with the bytes k8s\\0 of Kubernetes protobuf: send application/json, or the right Content-Type',
    );
  }
  const frame = decodeMessage(RUNTIME_PACKAGE, 'Unknown', body.subarray(MAGIC.length));
  const { apiVersion, kind } = frame;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string')
    throw new ProtobufMalformed('the protobuf body names no apiVersion and kind');
  const raw = typeof frame['raw'] === 'string' ? Buffer.from(frame['raw'], 'base64') : new Uint8Array();
  const packageName = META_KINDS.has(kind) ? META_PACKAGE : packageOf(apiVersion);
  return { apiVersion, kind, object: { apiVersion, kind, ...decodeMessage(packageName, kind, raw) } };
}

function decodeMessage(packageName: string, kind: string, bytes: Uint8Array): Record<string, unknown> {
  const type = types.find(packageName, kind);
  if (type === undefined) {
    throw new ProtobufMalformed(
      `this server knows no protobuf form of ${JSON.stringify(kind)} in ${packageName}: send it as application/json`,
    );
  }
  try {
    const object = messageToJson(type, type.decode(bytes));
    // why as members: what the schema does not know is told, or refused, as the request asks
    return { ...object, ...Object.fromEntries(unknownNumbers(type, bytes).map((path) => [`protobuf: ${path}`, null])) };
  } catch (cause) {
    throw new ProtobufMalformed(`the protobuf body is no valid ${kind}: send it anew, or as application/json`, cause);
  }
}

/** `storage.k8s.io/v1` is the package `k8s.io.api.storage.v1`, `v1` is `k8s.io.api.core.v1`. */
function packageOf(apiVersion: string): string {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['core', apiVersion];
  if (group === API_EXTENSIONS_GROUP) return `k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.${version ?? ''}`;
  return `k8s.io.api.${group?.split('.')[0] ?? ''}.${version ?? ''}`;
}
