import { events } from '#api/resources.ts';
import type { DeleteOptions } from '../../client/client.ts';
import type { AnyObject } from './json-object.ts';
import { hasSpecFinalizers } from '#api/meta/removable.ts';

/** Holds an object until its dependents that ask for it are gone (meta/v1 `FinalizerDeleteDependents`). */
const FOREGROUND = 'foregroundDeletion';
/** Holds an object until its dependents are set free (meta/v1 `FinalizerOrphanDependents`). */
const ORPHAN = 'orphan';

/**
 * The finalizers of an object that is deleted with this propagation policy: at most one of the two that the garbage collector takes away again.
 * Without a policy those that the object has stay. Answers the very list of the object where nothing changes.
 * Events have no dependents, and a namespace is emptied anyway (apiserver registry/generic/registry/store.go `deletionFinalizersForGarbageCollection`).
 */
export function dependentsFinalizers(object: AnyObject, propagation: DeleteOptions['propagation']): readonly string[] | undefined {
  const { finalizers } = object.metadata;
  if (propagation === undefined || object.kind === events.kind || hasSpecFinalizers(object)) return finalizers;
  const others = (finalizers ?? []).filter((finalizer) => finalizer !== FOREGROUND && finalizer !== ORPHAN);
  const wanted = finalizerOf(propagation);
  const next = wanted === undefined ? others : [...others, wanted];
  const isSame = next.length === (finalizers ?? []).length && next.every((finalizer) => (finalizers ?? []).includes(finalizer));
  return isSame ? finalizers : next;
}

function finalizerOf(propagation: NonNullable<DeleteOptions['propagation']>): string | undefined {
  switch (propagation) {
    case 'Background':
      return undefined;
    case 'Foreground':
      return FOREGROUND;
    case 'Orphan':
      return ORPHAN;
  }
}
