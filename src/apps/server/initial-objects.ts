import type { Draft, KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';

/** An object that the platform makes at its first start and never again: what a user deletes or edits stays so. */
export interface InitialObject {
  readonly resource: Resource;
  readonly draft: Draft<KubeObject>;
}

/** `draft` of `resource`, for lists of different kinds. */
export function initial<K extends KubeObject>(resource: Resource<K>, draft: Draft<K>): InitialObject {
  return { resource, draft };
}
