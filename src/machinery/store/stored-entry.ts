import { parseExactJson } from '#kit/exact-json.ts';
import { deepFreeze, trusted } from '#kit/json.ts';
import { StoreKeyMismatch } from './store-errors.ts';
import type { Entry, StoredJson, StoreKey } from './store.ts';

/**
 * Holds the parsed form of recently read objects, up to a bound of their serialised size.
 * Two generations: when the young one is full it becomes the old one, and the old one is let go.
 */
export class ParsedObjects {
  readonly #generationBytes: number;
  #young: StoredJson[] = [];
  #old: StoredJson[] = [];
  #youngBytes = 0;

  constructor(limitBytes: number) {
    this.#generationBytes = limitBytes / 2;
  }

  /** How many parsed objects are held. */
  get size(): number {
    return this.#young.length + this.#old.length;
  }

  hold(object: StoredJson, sizeBytes: number): void {
    this.#young.push(object);
    this.#youngBytes += sizeBytes;
    if (this.#youngBytes < this.#generationBytes) return;
    this.#old = this.#young;
    this.#young = [];
    this.#youngBytes = 0;
  }
}

/** An entry that keeps its bytes, and its object only while somebody uses it or used it lately. */
export class StoredEntry implements Entry {
  readonly key: StoreKey;
  readonly revision: number;
  readonly bytes: Buffer;
  readonly #parsed: ParsedObjects;
  #object: WeakRef<StoredJson> | undefined;

  constructor(key: StoreKey, stored: { readonly revision: number; readonly bytes: Buffer }, parsed: ParsedObjects) {
    this.key = key;
    this.revision = stored.revision;
    this.bytes = stored.bytes;
    this.#parsed = parsed;
  }

  get object(): StoredJson {
    const known = this.#object?.deref();
    if (known !== undefined) return known;
    // why trusted: the bytes were made by serialise() from a StoredJson, and the engine's checksum covers them
    const object = deepFreeze(trusted<StoredJson>(parseExactJson(this.bytes.toString('utf8'))));
    this.#object = new WeakRef(object);
    this.#parsed.hold(object, this.bytes.length);
    return object;
  }
}

/** The bytes of `object` as of `revision`. @throws StoreKeyMismatch where it does not belong to `key` */
export function serialise(key: StoreKey, object: StoredJson, revision: number): Buffer {
  const { name, namespace } = object.metadata;
  if (name !== key.name) throw new StoreKeyMismatch('metadata.name', name, key.name);
  if ((namespace ?? '') !== key.namespace) throw new StoreKeyMismatch('metadata.namespace', namespace, key.namespace);
  const text = JSON.stringify({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } });
  const sizeBytes = Buffer.byteLength(text);
  // why not Buffer.from: it cuts small buffers out of shared 8 KiB slabs, and one long-lived object would hold its whole slab
  const bytes = Buffer.allocUnsafeSlow(sizeBytes);
  bytes.write(text);
  return bytes;
}

/** One text that names a key, for maps. */
export function formatStoreKey(key: StoreKey): string {
  return `${key.resource}\u0000${key.namespace}\u0000${key.name}`;
}
