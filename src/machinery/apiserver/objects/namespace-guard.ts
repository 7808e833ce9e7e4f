import { namespaces } from '#api/resources.ts';
import { isRecord } from '#kit/json.ts';
import type { Entry, Store } from '../../store/store.ts';
import { namespaceTerminating, notFound } from '../contract/status-error.ts';
import type { NamespaceGuard } from '../contract/guards.ts';
import type { ApiRequest } from '../contract/request.ts';

/**
 * Keeps new objects out of namespaces that are missing or going away.
 * It remembers a termination from the moment the store decides it, before it is durable: a creation that is decided later is refused,
 * one that was decided earlier is durable no later than the termination, so whoever empties the namespace sees it.
 */
export class StoreNamespaceGuard implements NamespaceGuard {
  readonly #store: Pick<Store, 'get'>;
  readonly #terminating = new Set<string>();

  constructor(store: Pick<Store, 'get'>) {
    this.#store = store;
  }

  requireOpen(request: ApiRequest, name: string): void {
    if (!request.kind.resource.isNamespaced) return;
    const entry = this.#store.get({ resource: namespaces.plural, namespace: '', name: request.namespace });
    if (entry === undefined) throw notFound(namespaces, request.namespace);
    if (isTerminating(entry) || this.#terminating.has(entry.object.metadata.uid))
      throw namespaceTerminating(request.kind.resource, name, request.namespace);
  }

  terminationDecided(uid: string): () => void {
    this.#terminating.add(uid);
    return () => this.#terminating.delete(uid);
  }
}

function isTerminating(entry: Entry): boolean {
  const status = entry.object['status'];
  return entry.object.metadata['deletionTimestamp'] !== undefined || (isRecord(status) && status['phase'] === 'Terminating');
}
