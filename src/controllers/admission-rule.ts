import type { KubeList, KubeObject, ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';

/** The part of an admission request that rules of controllers look at. They have the shape of the API server's AdmissionPlugin without importing it, so that controllers stay clear of the server. */
export interface RuleRequest {
  readonly verb: string;
  readonly kind: { readonly resource: Resource };
  readonly subresource: string;
  readonly key: ObjectKey;
  /** As it would be stored; absent for deletions. */
  readonly object?: KubeObject;
  /** As it is; absent for creations. */
  readonly previous?: KubeObject;
  readonly warn: (text: string) => void;
}

/** The part of the stored state that they look at. */
export interface RuleView {
  get<K extends KubeObject>(resource: Resource<K>, key: ObjectKey): K | undefined;
  list<K extends KubeObject>(resource: Resource<K>, namespace?: string): KubeList<K>;
}
