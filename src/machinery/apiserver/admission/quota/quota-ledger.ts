import { formatKey, type KubeObject, type ObjectKey } from '#api/meta/object.ts';
import type { Amounts } from '#api/pod-resources.ts';
import { countedResources, DELETED_CLAIMS } from '#api/quota/usage.ts';
import type { Clock } from '#kit/clock.ts';
import { deepEqual, trusted } from '#kit/json.ts';
import { compareQuantity, formatQuantity } from '#kit/quantity.ts';
import type { Store, StoreEvent, StoreWatch } from '../../../store/store.ts';
import { followResource } from '../../objects/follow-resource.ts';
import { NamespaceScopes } from './namespace-scopes.ts';
import { keptPlaceOf, namesVolume } from './kept-place.ts';
import type { QuotaKind } from './quota-kind.ts';
import { type Counted, type Excess, type QuotaState, ScopeQuotas, usageOnce } from './scope-quotas.ts';

/** How long a write may take until its place in a quota is free again, in milliseconds: it is given up only where the write failed after admission. */
const RESERVED_MS = 30_000;

/** An object that is about to be stored. */
export interface QuotaClaim {
  /** `pods`, `jobs.batch`. */
  readonly resource: string;
  readonly key: ObjectKey;
  readonly object: KubeObject;
}

/** What a ledger is kept of. */
export interface QuotaLedgerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly kind: QuotaKind;
}

/**
 * What is used of every quota of a kind, from what is stored and what is about to be; kept up to date by watches of the store.
 * Only scopes with a quota cost anything, and only resources that a quota names are followed.
 */
export class QuotaLedger {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #kind: QuotaKind;
  readonly #namespaces: NamespaceScopes;
  readonly #scopes = new Map<string, ScopeQuotas>();
  readonly #followed = new Map<string, StoreWatch>();
  readonly #listeners = new Set<(quota: string) => void>();
  readonly #watch: StoreWatch;

  constructor({ store, clock, kind }: QuotaLedgerOptions) {
    this.#store = store;
    this.#clock = clock;
    this.#kind = kind;
    this.#namespaces = new NamespaceScopes(store, kind.scopeOfNamespace, (...move) => this.#move(...move));
    this.#watch = followResource(store, kind.resource, (key, quota) => this.#setQuota(key, quota));
  }

  /** Stops following the store. */
  close(): void {
    this.#watch.close();
    this.#namespaces.close();
    for (const watch of this.#followed.values()) watch.close();
  }

  /** Tells `listener` the key of each quota whose usage changed; answers a disposer. */
  onChange(listener: (quota: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What is used of everything that a quota limits, as quantities; undefined for a quota that is not known yet. */
  usedOf(key: ObjectKey): Readonly<Record<string, string>> | undefined {
    const quota = this.#scopes.get(this.#kind.scopeOf(key))?.quota(key.name);
    if (quota === undefined) return undefined;
    const used = (resource: string): string => {
      const amount = quota.used[resource];
      return amount === undefined ? '0' : formatQuantity(amount);
    };
    return Object.fromEntries(Object.keys(quota.hard).map((resource) => [resource, used(resource)]));
  }

  /** Quotas that are for an object. */
  quotasFor({ resource, key, object }: QuotaClaim): readonly QuotaState[] {
    return this.#quotasOf(key.namespace)?.quotasFor(resource, object) ?? [];
  }

  /** Counts an object that is about to be stored, if every quota has room for it; else says which has not. One step: of two that ask at once, the second sees the first. */
  reserve(claim: QuotaClaim, isDryRun: boolean): Excess | undefined {
    const { resource, key, object } = claim;
    const quotas = this.#quotasOf(key.namespace);
    if (quotas === undefined || !this.#followed.has(resource)) return undefined;
    const nowMs = this.#clock.nowMs();
    for (const overdue of quotas.overdue(nowMs)) this.#restore(quotas, overdue);
    const id = idOf(resource, key);
    const excess = quotas.excessOf(id, { resource, object }, this.#placeFor(quotas, claim));
    if (excess !== undefined || isDryRun) return excess;
    this.#tell(key.namespace, quotas.set(id, { resource, object, reservedUntilMs: nowMs + RESERVED_MS }));
    return undefined;
  }

  /** What counts already in the place of the object; no place is given to two. */
  #placeFor(quotas: ScopeQuotas, { resource, key, object }: QuotaClaim): Counted | undefined {
    const place = keptPlaceOf({ resource, object }, (of, at) => quotas.counted(idOf(of, at)));
    if (place === undefined || place.resource !== DELETED_CLAIMS) return place;
    const { name, namespace } = place.object.metadata;
    const isTaken = quotas.some(
      (other) => other.object.metadata.namespace === namespace && other.object.metadata.name !== key.name && namesVolume(other, name),
    );
    return isTaken ? undefined : place;
  }

  /** How many of a resource count in a namespace. */
  countOf(resource: string, namespace: string): number {
    return this.#quotasOf(namespace)?.countOf(resource, namespace) ?? 0;
  }

  #quotasOf(namespace: string): ScopeQuotas | undefined {
    const scope = this.#namespaces.of(namespace);
    return scope === undefined ? undefined : this.#scopes.get(scope);
  }

  #restore(quotas: ScopeQuotas, id: string): void {
    const counted = quotas.counted(id);
    if (counted === undefined) return;
    const { resource, object } = counted;
    const { name, namespace = '' } = object.metadata;
    const entry = this.#store.get({ resource, namespace, name });
    this.#tell(namespace, quotas.set(id, entry === undefined ? undefined : { resource, object: trusted<KubeObject>(entry.object) }));
  }

  #setQuota(key: ObjectKey, quota: KubeObject | undefined): void {
    const { name } = key;
    const scope = this.#kind.scopeOf(key);
    const quotas = this.#scopes.get(scope) ?? new ScopeQuotas();
    if (quota === undefined) {
      quotas.removeQuota(name);
      if (quotas.isEmpty) this.#scopes.delete(scope);
      return;
    }
    const spec = this.#kind.specOf(quota);
    if (deepEqual(quotas.quota(name)?.spec, spec)) return;
    this.#namespaces.start();
    this.#scopes.set(scope, quotas);
    for (const resource of countedResources(Object.keys(spec.hard ?? {}))) {
      this.#follow(resource);
      for (const namespace of this.#namespaces.namespacesOf(scope)) this.#fill(quotas, namespace, resource);
    }
    quotas.setQuota(name, spec);
    this.#tellScope(scope, [name]);
  }

  /** Counts what is stored of a resource in a namespace; what is about to be stored keeps its place. Answers the quotas whose usage changed. */
  #fill(quotas: ScopeQuotas, namespace: string, resource: string): readonly string[] {
    return this.#store.list({ resource, namespace }).entries.flatMap(({ key, object }) => {
      const id = idOf(resource, key);
      return quotas.counted(id) === undefined ? quotas.set(id, { resource, object: trusted<KubeObject>(object) }) : [];
    });
  }

  /** A namespace went to another scope, and what is in it counts there. */
  #move(namespace: string, before: string | undefined, after: string | undefined): void {
    const [left, joined] = [this.#scopes.get(before ?? ''), this.#scopes.get(after ?? '')];
    if (left !== undefined) this.#tellScope(before ?? '', left.removeNamespace(namespace));
    if (joined === undefined) return;
    for (const resource of this.#followed.keys()) this.#tellScope(after ?? '', this.#fill(joined, namespace, resource));
  }

  #follow(resource: string): void {
    if (this.#followed.has(resource)) return;
    const watch = this.#store.watch({ resource }, this.#store.revision, {
      onEvents: (events) => events.forEach((event) => this.#see(resource, event)),
      onClose: () => {},
    });
    this.#followed.set(resource, watch);
    // why: scopes with quotas that did not name the resource know none of its objects yet, and need not
  }

  #see(resource: string, { type, entry }: StoreEvent): void {
    const quotas = this.#quotasOf(entry.key.namespace);
    if (quotas === undefined) return;
    const id = idOf(resource, entry.key);
    const object = trusted<KubeObject>(entry.object);
    if (type !== 'DELETED' && this.#isAwaited(quotas, id, { resource, object })) return;
    this.#tell(entry.key.namespace, quotas.set(id, type === 'DELETED' ? undefined : { resource, object }));
  }

  /** True where a later write of the object holds a place that this event knows nothing of. */
  #isAwaited(quotas: ScopeQuotas, id: string, seen: { readonly resource: string; readonly object: KubeObject }): boolean {
    const counted = quotas.counted(id);
    if (counted?.reservedUntilMs === undefined || counted.reservedUntilMs <= this.#clock.nowMs()) return false;
    if (counted.object.metadata.uid !== seen.object.metadata.uid) return false;
    return !isSameUsage(usageOnce(seen.resource, seen.object), usageOnce(counted.resource, counted.object));
  }

  #tell(namespace: string, names: readonly string[]): void {
    const scope = this.#namespaces.of(namespace);
    if (scope !== undefined) this.#tellScope(scope, names);
  }

  #tellScope(scope: string, names: readonly string[]): void {
    const namespace = this.#kind.resource.isNamespaced ? scope : '';
    for (const name of names) for (const listener of this.#listeners) listener(formatKey({ namespace, name }));
  }
}

function isSameUsage(a: Amounts, b: Amounts): boolean {
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => {
    const [one, other] = [a[name], b[name]];
    return one !== undefined && other !== undefined && compareQuantity(one, other) === 0;
  });
}

function idOf(resource: string, { namespace, name }: ObjectKey): string {
  return `${resource}/${namespace}/${name}`;
}
