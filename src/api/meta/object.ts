/** Metadata of a stored object (apimachinery meta/v1 ObjectMeta); the server fills the required fields. */
export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string | undefined;
  readonly uid: string;
  /** Opaque; compare for equality only. */
  readonly resourceVersion: string;
  /** RFC 3339, whole seconds. */
  readonly creationTimestamp: string;
  readonly generateName?: string | undefined;
  readonly generation?: number | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  readonly finalizers?: readonly string[] | undefined;
  readonly ownerReferences?: readonly OwnerReference[] | undefined;
  /** RFC 3339; set once deletion was asked for. */
  readonly deletionTimestamp?: string | undefined;
  readonly deletionGracePeriodSeconds?: number | undefined;
  readonly managedFields?: readonly unknown[] | undefined;
  readonly selfLink?: string | undefined;
}

/** Metadata of a list. */
export interface ListMeta {
  readonly resourceVersion: string;
  readonly continue?: string | undefined;
  readonly remainingItemCount?: number | undefined;
}

/** A reference from a dependent to its owner in the same namespace. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean | undefined;
  readonly blockOwnerDeletion?: boolean | undefined;
}

/** What every object of the API has. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** A page of objects of one kind, consistent at `metadata.resourceVersion`. */
export interface KubeList<K extends KubeObject> {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ListMeta;
  readonly items: readonly K[];
}

/** Metadata as a writer gives it: the server fills the rest. */
export type DraftMeta = Partial<ObjectMeta> & ({ readonly name: string } | { readonly generateName: string });

/** An object as a writer gives it; apiVersion and kind come from the resource it is written to. */
export type Draft<K extends KubeObject> = Omit<K, 'apiVersion' | 'kind' | 'metadata'> & {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: DraftMeta;
};

/** Where an object is: cluster-scoped kinds have the namespace `''`. */
export interface ObjectKey {
  readonly namespace: string;
  readonly name: string;
}

/** The key of a stored object. */
export function keyOf(object: KubeObject): ObjectKey {
  return { namespace: object.metadata.namespace ?? '', name: object.metadata.name };
}

/** `namespace/name`, or the bare name of a cluster-scoped object; what logs, queues and indexes use. */
export function formatKey(key: ObjectKey): string {
  return key.namespace === '' ? key.name : `${key.namespace}/${key.name}`;
}

/** The key of a stored object as {@link formatKey} writes it. */
export function formatKeyOf(object: KubeObject): string {
  return formatKey(keyOf(object));
}

/** The inverse of {@link formatKey}. */
export function parseKey(text: string): ObjectKey {
  const slash = text.indexOf('/');
  return slash < 0 ? { namespace: '', name: text } : { namespace: text.slice(0, slash), name: text.slice(slash + 1) };
}
