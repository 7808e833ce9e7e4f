import type { DraftMeta, KubeObject, ObjectMeta } from '#api/meta/object.ts';

/** What of an object's metadata a builder lets a test choose. */
export interface MetaOverrides {
  readonly name?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
}

/** Metadata of a draft; `fallback` names the object where the test does not, and has a namespace for namespaced kinds only. */
export function draftMeta(fallback: { readonly name: string; readonly namespace?: string }, overrides: MetaOverrides): DraftMeta {
  const { labels, annotations, finalizers } = overrides;
  const namespace = overrides.namespace ?? fallback.namespace;
  return {
    name: overrides.name ?? fallback.name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(overrides.uid === undefined ? {} : { uid: overrides.uid }),
    ...(labels === undefined ? {} : { labels }),
    ...(annotations === undefined ? {} : { annotations }),
    ...(finalizers === undefined ? {} : { finalizers }),
  };
}

/** What the server fills in of a stored object. */
export interface StoredOverrides {
  readonly resourceVersion?: string;
  /** RFC 3339. */
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
}

/** A draft as the server would have stored it: what pure functions get to see. The UID is made from kind, namespace and name where the draft has none. */
export function stored<D extends { readonly metadata: DraftMeta }>(
  type: Pick<KubeObject, 'apiVersion' | 'kind'>,
  draft: D,
  overrides: StoredOverrides = {},
): Omit<D, 'metadata' | 'apiVersion' | 'kind'> & Pick<KubeObject, 'apiVersion' | 'kind'> & { readonly metadata: ObjectMeta } {
  const { metadata } = draft;
  const name = metadata.name ?? metadata.generateName ?? '';
  const uid = metadata.uid ?? [type.kind.toLowerCase(), metadata.namespace, name].filter(Boolean).join('-');
  const { resourceVersion = '1', creationTimestamp = '2026-01-01T00:00:00Z', deletionTimestamp, deletionGracePeriodSeconds } = overrides;
  const deletion = {
    ...(deletionTimestamp === undefined ? {} : { deletionTimestamp }),
    ...(deletionGracePeriodSeconds === undefined ? {} : { deletionGracePeriodSeconds }),
  };
  return { ...draft, ...type, metadata: { ...metadata, name, uid, resourceVersion, creationTimestamp, ...deletion } };
}
