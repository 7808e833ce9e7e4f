import type { KindDefinition } from '#api/meta/kind.ts';
import type { KubeObject, ObjectMeta } from '#api/meta/object.ts';
import { isRecord, trusted } from '#kit/json.ts';
import type { StoredJson } from '../../store/store.ts';

/** An object of any kind, with its fields readable by name. */
export type AnyObject = KubeObject & { readonly [field: string]: unknown };

/** An object as a client sent it, after its schema was checked: what the server sets may be missing. */
export interface BodyObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: Readonly<Partial<ObjectMeta>>;
  readonly [field: string]: unknown;
}

/** Writable metadata of an object that is being made. */
export type MutableMeta = { -readonly [P in keyof ObjectMeta]: ObjectMeta[P] };

/** A copy of JSON without undefined fields, so that what is stored never shares structure with what a caller keeps. */
export function copyJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => (item === undefined ? null : copyJson(item)));
  if (!isRecord(value)) return value;
  const kept = Object.entries(value).filter(([, inner]) => inner !== undefined);
  // why: fromEntries defines members, so a key named __proto__ stays a plain member
  return Object.fromEntries(kept.map(([key, inner]) => [key, copyJson(inner)]));
}

/** A stored entry's object as an API object: the server only stores what passed its schema. */
export function asObject(stored: StoredJson): AnyObject {
  return trusted<AnyObject>(stored);
}

/** An API object as the store takes it: the server filled name and uid. */
export function asStored(object: KubeObject): StoredJson {
  return trusted<StoredJson>(object);
}

/** An API object of `kind` as the store takes it, in the version that is stored. */
export function storedForm(kind: KindDefinition, object: KubeObject): StoredJson {
  return asStored(kind.toStored === undefined ? object : kind.toStored(object));
}

/** Everything of an object but metadata and status: a change of it is a new generation. */
export function specificationOf(object: BodyObject): Readonly<Record<string, unknown>> {
  const { metadata: _metadata, status: _status, ...rest } = object;
  return rest;
}
