import type { KubeObject } from './object.ts';

/** True where `object` carries `finalizer`. */
export function hasFinalizer(object: KubeObject, finalizer: string): boolean {
  return object.metadata.finalizers?.includes(finalizer) === true;
}

/** True once the deletion of `object` was asked for. */
export function isDeleting(object: KubeObject): boolean {
  return object.metadata.deletionTimestamp !== undefined;
}

/** The body of a merge patch that adds `finalizer`; refused as a conflict where `object` is not the newest. */
export function addingFinalizer(object: KubeObject, finalizer: string): { readonly metadata: object } {
  return patchTo(object, [...(object.metadata.finalizers ?? []), finalizer]);
}

/** The body of a merge patch that removes `finalizer`; refused as a conflict where `object` is not the newest. */
export function removingFinalizer(object: KubeObject, finalizer: string): { readonly metadata: object } {
  return patchTo(
    object,
    (object.metadata.finalizers ?? []).filter((name) => name !== finalizer),
  );
}

// why: a merge patch replaces the list as a whole, so it must not be applied to a list that somebody else has changed
function patchTo({ metadata }: KubeObject, finalizers: readonly string[]): { readonly metadata: object } {
  return { metadata: { resourceVersion: metadata.resourceVersion, finalizers } };
}
