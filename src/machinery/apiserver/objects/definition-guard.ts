import { groupResourceOf } from '#api/meta/resource.ts';
import { customResourceDefinitions } from '#api/resources.ts';
import type { Store } from '../../store/store.ts';
import { definitionTerminating } from '../contract/status-error.ts';
import type { DefinitionGuard } from '../contract/guards.ts';
import type { ApiRequest } from '../contract/request.ts';

/**
 * Keeps new objects out of kinds whose definition is missing or going away, so that whoever empties the kind sees all of them.
 * It remembers a termination from the moment the store decides it, before it is durable, as that of namespaces does.
 */
export class StoreDefinitionGuard implements DefinitionGuard {
  readonly #store: Pick<Store, 'get'>;
  readonly #terminating = new Set<string>();

  constructor(store: Pick<Store, 'get'>) {
    this.#store = store;
  }

  requireOpen({ kind }: ApiRequest): void {
    if (kind.own === undefined) return;
    const name = groupResourceOf(kind.resource);
    const entry = this.#store.get({ resource: groupResourceOf(customResourceDefinitions), namespace: '', name });
    if (entry === undefined || entry.object.metadata['deletionTimestamp'] !== undefined || this.#terminating.has(name))
      throw definitionTerminating(kind.resource);
  }

  terminationDecided(name: string): () => void {
    this.#terminating.add(name);
    return () => this.#terminating.delete(name);
  }
}
