import { groupResourceOf } from '#api/meta/resource.ts';
import { customResourceDefinitions } from '#api/resources.ts';
import type { Store } from '../../store/store.ts';
import { definitionTerminating } from '../status-error.ts';
import type { ApiRequest } from '../request.ts';

/**
 * Keeps new objects out of kinds whose definition is missing or going away, so that whoever empties the kind sees all of them.
 * It remembers a termination from the moment the store decides it, before it is durable, as {@link NamespaceGuard} does.
 */
export class DefinitionGuard {
  readonly #store: Pick<Store, 'get'>;
  readonly #terminating = new Set<string>();

  constructor(store: Pick<Store, 'get'>) {
    this.#store = store;
  }

  /** To be called inside the store's decision. @throws ApiError `Unimplemented` (405) */
  requireOpen({ kind }: ApiRequest): void {
    if (kind.own === undefined) return;
    const name = groupResourceOf(kind.resource);
    const entry = this.#store.get({ resource: groupResourceOf(customResourceDefinitions), namespace: '', name });
    if (entry === undefined || entry.object.metadata['deletionTimestamp'] !== undefined || this.#terminating.has(name))
      throw definitionTerminating(kind.resource);
  }

  /** The termination of the definition `name` was decided and waits for the disk; call the answer when that ended, well or not. */
  terminationDecided(name: string): () => void {
    this.#terminating.add(name);
    return () => this.#terminating.delete(name);
  }
}
