import { namespaces } from '#api/resources.ts';
import type { Store, StoreWatch } from '../../../store/store.ts';
import { followResource } from '../../objects/follow-resource.ts';
import type { QuotaKind } from './quota-kind.ts';

/** Told when a namespace goes from one scope to another; undefined = no scope. */
export type OnMove = (namespace: string, before: string | undefined, after: string | undefined) => void;

/** Which namespace is in which scope, kept up to date by a watch of the store from {@link start} on. Where each namespace is a scope of its own, nothing is watched. */
export class NamespaceScopes {
  readonly #store: Store;
  readonly #scopeOf: QuotaKind['scopeOfNamespace'];
  readonly #onMove: OnMove;
  readonly #scopes = new Map<string, string>();
  readonly #members = new Map<string, Set<string>>();
  #watch: StoreWatch | undefined;

  constructor(store: Store, scopeOf: QuotaKind['scopeOfNamespace'], onMove: OnMove) {
    this.#store = store;
    this.#scopeOf = scopeOf;
    this.#onMove = onMove;
  }

  /** Begins to follow namespaces; again does nothing. */
  start(): void {
    const scopeOf = this.#scopeOf;
    if (scopeOf === undefined || this.#watch !== undefined) return;
    this.#watch = followResource(this.#store, namespaces, ({ name }, namespace) => {
      this.#put(name, namespace === undefined ? undefined : scopeOf(namespace.metadata.labels ?? {}));
    });
  }

  close(): void {
    this.#watch?.close();
  }

  /** The scope of a namespace; undefined where it is in none. */
  of(namespace: string): string | undefined {
    return this.#scopeOf === undefined ? namespace : this.#scopes.get(namespace);
  }

  /** The namespaces of a scope. */
  namespacesOf(scope: string): Iterable<string> {
    return this.#scopeOf === undefined ? [scope] : (this.#members.get(scope) ?? []);
  }

  #put(namespace: string, after: string | undefined): void {
    const before = this.#scopes.get(namespace);
    if (before === after) return;
    if (before !== undefined) this.#members.get(before)?.delete(namespace);
    if (after === undefined) this.#scopes.delete(namespace);
    else {
      this.#scopes.set(namespace, after);
      this.#members.set(after, (this.#members.get(after) ?? new Set<string>()).add(namespace));
    }
    this.#onMove(namespace, before, after);
  }
}
