import type { KindDefinition } from '#api/meta/kind.ts';
import { deepFreeze } from '#kit/json.ts';
import type { Entry, StoredJson } from '../../store/store.ts';
import { type AnyObject, asObject, asStored, storedForm } from './json-object.ts';

/** What would be shown of an object if it were stored. */
export function servedObject(kind: KindDefinition, object: AnyObject): AnyObject {
  return kind.fromStored === undefined ? object : asObject(deepFreeze(asStored(kind.fromStored(asObject(storedForm(kind, object))))));
}

/** An entry as `kind` shows it: the very entry where it is stored in that form. */
export function servedEntry(kind: KindDefinition, entry: Entry): Entry {
  const { fromStored, shownAsStoredAfter = Number.POSITIVE_INFINITY } = kind;
  return fromStored === undefined || entry.revision > shownAsStoredAfter ? entry : new ConvertedEntry(fromStored, entry);
}

/** Entries as `kind` shows them. */
export function servedEntries(kind: KindDefinition, entries: readonly Entry[]): readonly Entry[] {
  return kind.fromStored === undefined ? entries : entries.map((entry) => servedEntry(kind, entry));
}

/** Converted when it is first looked at: most watchers share the line that the first of them made. */
class ConvertedEntry implements Entry {
  readonly #convert: NonNullable<KindDefinition['fromStored']>;
  readonly #stored: Entry;
  #object: StoredJson | undefined;
  #bytes: Buffer | undefined;

  constructor(convert: NonNullable<KindDefinition['fromStored']>, stored: Entry) {
    this.#convert = convert;
    this.#stored = stored;
  }

  get key(): Entry['key'] {
    return this.#stored.key;
  }

  get revision(): number {
    return this.#stored.revision;
  }

  get object(): StoredJson {
    this.#object ??= deepFreeze(asStored(this.#convert(asObject(this.#stored.object))));
    return this.#object;
  }

  get bytes(): Buffer {
    this.#bytes ??= Buffer.from(JSON.stringify(this.object));
    return this.#bytes;
  }
}
