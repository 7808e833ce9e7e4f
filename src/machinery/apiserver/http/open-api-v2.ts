import type { Answer } from './respond.ts';

/** Go's MIME parser refuses the `@` of the type that kubectl asks for, so servers answer with a dot (kube-openapi handler). */
const CONTENT_TYPE = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** Field numbers of gnostic's OpenAPIv2.proto: Document.swagger, Document.info, Document.paths, Info.title, Info.version. */
const FIELD = { swagger: 1, info: 2, paths: 8, title: 1, version: 2 } as const;
/** Wire type of bytes, texts and messages (protobuf encoding specification). */
const LENGTH_DELIMITED = 2;

/**
 * OpenAPI v2, which names no kinds: everything that is served is described in v3. kubectl asks for it where v3 does not have a kind, that is for a kind
 * that is not served at all; with this answer it goes on and says so, where without it would complain about the schema.
 */
export function openApiV2Answer(version: string): Answer {
  const info = Buffer.concat([field(FIELD.title, Buffer.from('Stowage')), field(FIELD.version, Buffer.from(version))]);
  const body = Buffer.concat([field(FIELD.swagger, Buffer.from('2.0')), field(FIELD.info, info), field(FIELD.paths, Buffer.alloc(0))]);
  return { status: 200, body, contentType: CONTENT_TYPE };
}

/** Contents here are shorter than 128 bytes, so the length is one byte. */
function field(number: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(number << 3) | LENGTH_DELIMITED, content.length]), content]);
}
