import { apiVersionOf } from '#api/meta/resource.ts';
import type { StatusBody } from '../../client/api-error.ts';
import { asObject } from '../objects/json-object.ts';
import type { Sent } from '../contract/answers.ts';
import { metadataOnly } from './metadata-only.ts';
import { encode, type RenderOptions } from './render.ts';
import { tableOf } from './table.ts';

/** Lines that are kept for other watchers of the same change; fan-out is synchronous, so only the newest are ever asked again. */
const KEPT_LINES = 256;

/** Lines of watch events, made once per change and representation however many watchers there are. */
export class WatchLines {
  readonly #lines = new Map<string, Buffer>();

  /** The line that `make` makes for `key`, from the last time where that is not long ago. */
  line(key: string, make: () => Buffer): Buffer {
    const known = this.#lines.get(key);
    if (known !== undefined) return known;
    const line = make();
    this.#lines.set(key, line);
    if (this.#lines.size > KEPT_LINES) {
      for (const oldest of this.#lines.keys()) {
        this.#lines.delete(oldest);
        break;
      }
    }
    return line;
  }
}

/** How a watch's lines are made. */
export type WatchRenderOptions = Omit<RenderOptions, 'nowMs'> & { readonly now: () => number; readonly lines: WatchLines };

const LINE_END = Buffer.from('}\n');

/** Turns the events of one watch into lines of its representation. */
export class WatchEncoder {
  readonly #options: WatchRenderOptions;
  readonly #prefix: string;
  #isFirst = true;

  constructor(options: WatchRenderOptions) {
    const { representation, includeObject, kind } = options;
    this.#options = options;
    this.#prefix = `${kind.resource.plural}.${kind.resource.group}/${kind.resource.version} ${representation.as} ${representation.version} ${includeObject}`;
  }

  /** One event, or bookmark, as a line. */
  encode(sent: Sent): Buffer {
    const isFirst = this.#isFirst;
    this.#isFirst = false;
    if (sent.type === 'BOOKMARK') return this.#bookmark(sent);
    // why: the columns are named in the first event only, so that one can't be shared
    if (isFirst && this.#options.representation.as === 'Table') return this.#change(sent, true);
    const { entry, type } = sent;
    const key = `${this.#prefix} ${type} ${entry.revision} ${entry.key.namespace}/${entry.key.name}`;
    return this.#options.lines.line(key, () => this.#change(sent, false));
  }

  /** The line that ends a watch that can't go on. */
  static error(status: StatusBody): Buffer {
    return Buffer.from(`${JSON.stringify({ type: 'ERROR', object: { metadata: {}, ...status } })}\n`);
  }

  #change({ entry, type }: Exclude<Sent, { type: 'BOOKMARK' }>, isFirst: boolean): Buffer {
    const { representation, now } = this.#options;
    if (representation.as === 'Object') return Buffer.concat([Buffer.from(`{"type":"${type}","object":`), entry.bytes, LINE_END]);
    const object = asObject(entry.object);
    const put =
      representation.as === 'PartialObjectMetadata'
        ? metadataOnly(object, representation.version)
        : tableOf({ ...this.#options, version: representation.version, nowMs: now() }, [object], {
            metadata: { resourceVersion: object.metadata.resourceVersion },
            isContinued: !isFirst,
          });
    return line(type, put);
  }

  #bookmark(sent: Extract<Sent, { type: 'BOOKMARK' }>): Buffer {
    const { kind, representation } = this.#options;
    const metadata = {
      resourceVersion: String(sent.revision),
      creationTimestamp: null,
      ...(sent.endsInitialEvents ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {}),
    };
    const { resource } = kind;
    const plain = { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata };
    switch (representation.as) {
      case 'Object':
        return line('BOOKMARK', plain);
      case 'PartialObjectMetadata':
        return line('BOOKMARK', { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${representation.version}`, metadata });
      case 'Table':
        return line('BOOKMARK', {
          kind: 'Table',
          apiVersion: `meta.k8s.io/${representation.version}`,
          metadata: { resourceVersion: metadata.resourceVersion },
          columnDefinitions: [],
          rows: [{ cells: [], object: { ...plain, kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${representation.version}` } }],
        });
    }
  }
}

function line(type: string, object: object): Buffer {
  return Buffer.concat([encode('json', { type, object }), NEWLINE]);
}

const NEWLINE = Buffer.from('\n');
