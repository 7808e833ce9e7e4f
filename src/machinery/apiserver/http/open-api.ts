import { createHash } from 'node:crypto';
import { KUBERNETES_VERSION } from '#api/schema/definitions.ts';
import { buildOpenApiV3 } from '../openapi/build-open-api.ts';
import { convertToV2 } from '../openapi/convert-v2.ts';
import { encodeOpenApiV2 } from '../openapi/encode-v2.ts';
import type { GroupVersion, KindRegistry } from '../contract/registry.ts';
import { encode } from '../representations/render.ts';
import { noSuchPath } from '../contract/status-error.ts';
import { type Answer, jsonAnswer } from './respond.ts';
import { withReviews } from './reviews/review-kinds.ts';

/** A client that asked by hash never needs to ask again for that hash. */
const FOREVER_SEC = 31_536_000;

interface Document {
  readonly kinds: GroupVersion['kinds'];
  readonly body: Buffer;
  readonly hash: string;
}

/** Go's MIME parser refuses the `@` of the type that kubectl asks for, so servers answer with a dot (kube-openapi handler). */
const V2_PROTOBUF = 'application/com.github.proto-openapi.spec.v2.v1.0+protobuf';

/** The v2 document of everything that was served when it was made. */
interface V2Documents {
  readonly groupVersions: readonly GroupVersion[];
  readonly forms: Map<'json' | 'protobuf', Document['body']>;
}

/** OpenAPI v3 documents, and one of v2 for kubectl before 1.29, each made when it is first asked for and again when its kinds change. */
export class OpenApiDocuments {
  readonly #registry: KindRegistry;
  readonly #documents = new Map<string, Document>();
  #v2: V2Documents | undefined;

  constructor(registry: KindRegistry) {
    this.#registry = registry;
  }

  /** `/openapi/v3`: where the document of each group and version is. */
  index(): Answer {
    const paths = withReviews(this.#registry.groupVersions).map((served) => {
      const path = pathOf(served);
      return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${this.#documentOf(served).hash}` }];
    });
    return jsonAnswer(200, { paths: Object.fromEntries(paths) });
  }

  /** `/openapi/v3/api/v1` or `/openapi/v3/apis/GROUP/VERSION`. @throws ApiError 404 */
  document(segments: readonly string[], hash: string): Answer {
    const path = segments.join('/');
    const served = withReviews(this.#registry.groupVersions).find((candidate) => pathOf(candidate) === path);
    if (served === undefined) throw noSuchPath();
    const document = this.#documentOf(served);
    return {
      status: 200,
      body: document.body,
      contentType: 'application/json',
      headers: {
        etag: `"${document.hash}"`,
        ...(hash === document.hash ? { 'cache-control': `public, immutable, max-age=${FOREVER_SEC}` } : {}),
      },
    };
  }

  /** `/openapi/v2`, everything in one: protobuf where the client takes it, else JSON. */
  version2(accept: string): Answer {
    const form = accept.includes('protobuf') ? 'protobuf' : 'json';
    const { groupVersions } = this.#registry;
    if (this.#v2?.groupVersions !== groupVersions) this.#v2 = { groupVersions, forms: new Map() };
    const body = this.#v2.forms.get(form) ?? this.#buildV2(form);
    this.#v2.forms.set(form, body);
    const hash = createHash('sha256').update(body).digest('hex').toUpperCase();
    return { status: 200, body, contentType: form === 'protobuf' ? V2_PROTOBUF : 'application/json', headers: { etag: `"${hash}"` } };
  }

  #buildV2(form: 'json' | 'protobuf'): Buffer {
    const documents = withReviews(this.#registry.groupVersions).map((served) => buildOpenApiV3(served, served.kinds, served.reviews));
    const document = convertToV2(documents, { title: 'Kubernetes', version: `v${KUBERNETES_VERSION}.0` });
    return form === 'protobuf' ? encodeOpenApiV2(document) : encode('json', document);
  }

  #documentOf(served: GroupVersion): Document {
    const known = this.#documents.get(served.apiVersion);
    if (known?.kinds === served.kinds) return known;
    const body = encode('json', buildOpenApiV3(served, served.kinds, served.reviews));
    const hash = createHash('sha256').update(body).digest('hex').toUpperCase();
    const document = { kinds: served.kinds, body, hash };
    this.#documents.set(served.apiVersion, document);
    return document;
  }
}

function pathOf({ group, version }: GroupVersion): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}
