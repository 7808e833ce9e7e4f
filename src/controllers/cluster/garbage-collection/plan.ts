import type { DeleteOptions } from '#machinery/client/client.ts';
import { FOREGROUND_FINALIZER, ORPHAN_FINALIZER } from './ownership.ts';

/** An owner as it was found: there, gone, or deleted and waiting for the end of its dependents. */
export interface ObservedOwner {
  readonly uid: string;
  readonly state: 'solid' | 'absent' | 'waiting';
}

/** What was found about an object that has owners and is not being deleted. */
export interface Observed {
  readonly owners: readonly ObservedOwner[];
  readonly finalizers: readonly string[];
  readonly hasDependents: boolean;
  /** True where a dependent of the object itself waits for its own dependents: then the object may be one of them. */
  readonly hasWaitingDependents: boolean;
}

/** What is to become of an object that has owners. */
export type Action =
  | { readonly do: 'keep' }
  /** Takes out the references to these owners: another one is left. */
  | { readonly do: 'release'; readonly uids: readonly string[] }
  | {
      readonly do: 'delete';
      readonly propagation: NonNullable<DeleteOptions['propagation']>;
      /** First stop blocking the owners, so that a circle of owners can end. */
      readonly unblocksOwners: boolean;
    };

/** The rules of upstream's garbage collector (kube-controller-manager pkg/controller/garbagecollector `attemptToDeleteItem`). */
export function planDependent({ owners, finalizers, hasDependents, hasWaitingDependents }: Observed): Action {
  if (owners.length === 0) return { do: 'keep' };
  const leaving = owners.filter(({ state }) => state !== 'solid');
  if (leaving.length < owners.length) return leaving.length === 0 ? { do: 'keep' } : { do: 'release', uids: leaving.map(({ uid }) => uid) };
  if (owners.some(({ state }) => state === 'waiting') && hasDependents)
    return { do: 'delete', propagation: 'Foreground', unblocksOwners: hasWaitingDependents };
  return { do: 'delete', propagation: ownPolicy(finalizers), unblocksOwners: false };
}

/** What the object's own finalizers say of its dependents. */
function ownPolicy(finalizers: readonly string[]): NonNullable<DeleteOptions['propagation']> {
  if (finalizers.includes(ORPHAN_FINALIZER)) return 'Orphan';
  return finalizers.includes(FOREGROUND_FINALIZER) ? 'Foreground' : 'Background';
}
