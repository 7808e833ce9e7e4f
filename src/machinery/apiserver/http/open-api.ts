import { createHash } from 'node:crypto';
import { buildOpenApiV3 } from '../openapi/build-open-api.ts';
import type { GroupVersion, KindRegistry } from '../registry.ts';
import { encode } from '../representations/render.ts';
import { noSuchPath } from '../status-error.ts';
import { type Answer, jsonAnswer } from './respond.ts';
import { withReviews } from './reviews/review-kinds.ts';

/** A client that asked by hash never needs to ask again for that hash. */
const FOREVER_SEC = 31_536_000;

interface Document {
  readonly kinds: GroupVersion['kinds'];
  readonly body: Buffer;
  readonly hash: string;
}

/** OpenAPI v3 documents, each made when it is first asked for and again when its kinds change. */
export class OpenApiDocuments {
  readonly #registry: KindRegistry;
  readonly #documents = new Map<string, Document>();

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
