import type { ResourceQuota } from '#api/generated/kubernetes.ts';
import { formatKey, type KubeObject, type ObjectKey } from '#api/meta/object.ts';
import { countedResources, usageOf } from '#api/quota/usage.ts';
import { resourceQuotas } from '#api/resources.ts';
import type { Clock } from '#kit/clock.ts';
import { deepEqual, trusted } from '#kit/json.ts';
import { formatQuantity } from '#kit/quantity.ts';
import type { Store, StoreEvent, StoreWatch } from '../../../store/store.ts';
import { followResource } from '../../objects/follow-resource.ts';
import { type Excess, NamespaceQuotas, type QuotaState } from './namespace-quotas.ts';

/** How long a write may take until its place in a quota is free again, in milliseconds: it is given up only where the write failed after admission. */
const RESERVED_MS = 30_000;

/** An object that is about to be stored. */
export interface QuotaClaim {
  /** `pods`, `jobs.batch`. */
  readonly resource: string;
  readonly key: ObjectKey;
  readonly object: KubeObject;
}

/**
 * What is used of every quota, from what is stored and what is about to be; kept up to date by watches of the store.
 * Only namespaces with a quota cost anything, and only resources that a quota names are followed.
 */
export class QuotaLedger {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #namespaces = new Map<string, NamespaceQuotas>();
  readonly #followed = new Map<string, StoreWatch>();
  readonly #listeners = new Set<(quota: string) => void>();
  readonly #watch: StoreWatch;

  constructor({ store, clock }: { readonly store: Store; readonly clock: Clock }) {
    this.#store = store;
    this.#clock = clock;
    this.#watch = followResource(store, resourceQuotas, (key, quota) => this.#setQuota(key, quota));
  }

  /** Stops following the store. */
  close(): void {
    this.#watch.close();
    for (const watch of this.#followed.values()) watch.close();
  }

  /** Tells `listener` the key of each quota whose usage changed; answers a disposer. */
  onChange(listener: (quota: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What is used of everything that a quota limits, as quantities; undefined for a quota that is not known yet. */
  usedOf({ namespace, name }: ObjectKey): Readonly<Record<string, string>> | undefined {
    const quota = this.#namespaces.get(namespace)?.quota(name);
    if (quota === undefined) return undefined;
    const used = (resource: string): string => {
      const amount = quota.used[resource];
      return amount === undefined ? '0' : formatQuantity(amount);
    };
    return Object.fromEntries(Object.keys(quota.hard).map((resource) => [resource, used(resource)]));
  }

  /** Quotas that are for an object. */
  quotasFor({ resource, key, object }: QuotaClaim): readonly QuotaState[] {
    return this.#namespaces.get(key.namespace)?.quotasFor(resource, object) ?? [];
  }

  /** Counts an object that is about to be stored, if every quota has room for it; else says which has not. One step: of two that ask at once, the second sees the first. */
  reserve(claim: QuotaClaim, isDryRun: boolean): Excess | undefined {
    const { resource, key, object } = claim;
    const quotas = this.#namespaces.get(key.namespace);
    if (quotas === undefined || !this.#followed.has(resource)) return undefined;
    const nowMs = this.#clock.nowMs();
    for (const overdue of quotas.overdue(nowMs)) this.#restore(quotas, key.namespace, overdue);
    const id = idOf(resource, key.name);
    const excess = quotas.excessOf(id, { resource, object });
    if (excess !== undefined || isDryRun) return excess;
    this.#tell(key.namespace, quotas.set(id, { resource, object, reservedUntilMs: nowMs + RESERVED_MS }));
    return undefined;
  }

  #restore(quotas: NamespaceQuotas, namespace: string, id: string): void {
    const counted = quotas.counted(id);
    if (counted === undefined) return;
    const { resource } = counted;
    const entry = this.#store.get({ resource, namespace, name: counted.object.metadata.name });
    this.#tell(namespace, quotas.set(id, entry === undefined ? undefined : { resource, object: trusted<KubeObject>(entry.object) }));
  }

  #setQuota({ namespace, name }: ObjectKey, quota: ResourceQuota | undefined): void {
    const quotas = this.#namespaces.get(namespace) ?? new NamespaceQuotas();
    if (quota === undefined) {
      quotas.removeQuota(name);
      if (quotas.isEmpty) this.#namespaces.delete(namespace);
      return;
    }
    if (deepEqual(quotas.quota(name)?.spec, quota.spec)) return;
    this.#namespaces.set(namespace, quotas);
    for (const resource of countedResources(Object.keys(quota.spec.hard ?? {}))) {
      this.#follow(resource);
      this.#fill(quotas, namespace, resource);
    }
    quotas.setQuota(quota);
    this.#tell(namespace, [name]);
  }

  /** Counts what is stored of a resource in a namespace; what is about to be stored keeps its place. */
  #fill(quotas: NamespaceQuotas, namespace: string, resource: string): void {
    for (const { key, object } of this.#store.list({ resource, namespace }).entries) {
      const id = idOf(resource, key.name);
      if (quotas.counted(id) === undefined) quotas.set(id, { resource, object: trusted<KubeObject>(object) });
    }
  }

  #follow(resource: string): void {
    if (this.#followed.has(resource)) return;
    const watch = this.#store.watch({ resource }, this.#store.revision, {
      onEvents: (events) => events.forEach((event) => this.#see(resource, event)),
      onClose: () => {},
    });
    this.#followed.set(resource, watch);
    // why: namespaces with quotas that did not name the resource know none of its objects yet, and need not
  }

  #see(resource: string, { type, entry }: StoreEvent): void {
    const { namespace, name } = entry.key;
    const quotas = this.#namespaces.get(namespace);
    if (quotas === undefined) return;
    const id = idOf(resource, name);
    const object = trusted<KubeObject>(entry.object);
    if (type !== 'DELETED' && this.#isAwaited(quotas, id, { resource, object })) return;
    this.#tell(namespace, quotas.set(id, type === 'DELETED' ? undefined : { resource, object }));
  }

  /** True where a later write of the object holds a place that this event knows nothing of. */
  #isAwaited(quotas: NamespaceQuotas, id: string, seen: { readonly resource: string; readonly object: KubeObject }): boolean {
    const counted = quotas.counted(id);
    if (counted?.reservedUntilMs === undefined || counted.reservedUntilMs <= this.#clock.nowMs()) return false;
    if (counted.object.metadata.uid !== seen.object.metadata.uid) return false;
    return !deepEqual(usageOf(seen.resource, seen.object), usageOf(counted.resource, counted.object));
  }

  #tell(namespace: string, names: readonly string[]): void {
    for (const name of names) for (const listener of this.#listeners) listener(formatKey({ namespace, name }));
  }
}

function idOf(resource: string, name: string): string {
  return `${resource}/${name}`;
}
