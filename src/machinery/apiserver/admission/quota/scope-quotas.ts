import type { ResourceQuotaSpec } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { type Amounts, amountsOf } from '#api/pod-resources.ts';
import { quotaMatches } from '#api/quota/scopes.ts';
import { usageOf } from '#api/quota/usage.ts';
import { addQuantity, compareQuantity, type Quantity, subtractQuantity } from '#kit/quantity.ts';

const ZERO: Quantity = { mantissa: 0n, exponent: 0, format: 'DecimalSI' };

/** An object that counts, stored or about to be. */
export interface Counted {
  readonly resource: string;
  readonly object: KubeObject;
  /** Set while its write is not stored yet; past it the write is taken for failed. */
  readonly reservedUntilMs?: number;
}

/** One quota and what is used of it. */
export interface QuotaState {
  readonly name: string;
  readonly spec: ResourceQuotaSpec;
  readonly hard: Amounts;
  /** The names of `hard`, in order. */
  readonly names: readonly string[];
  /** Of these names. */
  readonly used: Amounts;
}

/** A quota that has not enough left. */
export interface Excess {
  readonly quota: QuotaState;
  readonly requested: Amounts;
  readonly names: readonly string[];
}

/** The quotas of one scope with everything that counts for them. */
export class ScopeQuotas {
  readonly #quotas = new Map<string, QuotaState>();
  readonly #counted = new Map<string, Counted>();
  readonly #reserved = new Set<string>();

  get isEmpty(): boolean {
    return this.#quotas.size === 0;
  }

  /** Names of everything that some quota limits. */
  get hardNames(): readonly string[] {
    return [...this.#quotas.values()].flatMap(({ names }) => names);
  }

  quota(name: string): QuotaState | undefined {
    return this.#quotas.get(name);
  }

  /** Quotas that are for an object. */
  quotasFor(resource: string, object: KubeObject): readonly QuotaState[] {
    return [...this.#quotas.values()].filter(({ spec }) => quotaMatches(spec, resource, object));
  }

  setQuota(name: string, spec: ResourceQuotaSpec): void {
    const hard = amountsOf(spec.hard);
    const names = Object.keys(hard).toSorted();
    const used: Record<string, Quantity> = {};
    for (const { resource, object } of this.#counted.values()) {
      if (!quotaMatches(spec, resource, object)) continue;
      const usage = usageOnce(resource, object);
      for (const one of names) if (usage[one] !== undefined) used[one] = addQuantity(used[one] ?? ZERO, usage[one]);
    }
    this.#quotas.set(name, { name, spec, hard, names, used });
  }

  removeQuota(name: string): void {
    this.#quotas.delete(name);
  }

  /** What is in a namespace counts here no longer. Answers the names of the quotas that changed. */
  removeNamespace(namespace: string): readonly string[] {
    const keys = [...this.#counted].filter(([, { object }]) => object.metadata.namespace === namespace).map(([key]) => key);
    return [...new Set(keys.flatMap((key) => this.set(key, undefined)))];
  }

  counted(key: string): Counted | undefined {
    return this.#counted.get(key);
  }

  /** Keys whose reservation is over. */
  overdue(nowMs: number): readonly string[] {
    return [...this.#reserved].filter((key) => (this.#counted.get(key)?.reservedUntilMs ?? 0) <= nowMs);
  }

  /** What counts under `key` from now on; undefined = nothing. Answers the names of the quotas that changed. */
  set(key: string, next: Counted | undefined): readonly string[] {
    const before = this.#counted.get(key);
    if (next === undefined) this.#counted.delete(key);
    else this.#counted.set(key, next);
    if (next?.reservedUntilMs === undefined) this.#reserved.delete(key);
    else this.#reserved.add(key);
    return [...this.#quotas.values()].filter((quota) => this.#recount(quota, before, next)).map(({ name }) => name);
  }

  /** Only what the quota limits is summed up: a write of a claim must stay cheap. */
  #recount(quota: QuotaState, before: Counted | undefined, next: Counted | undefined): boolean {
    const [lost, won] = [usageUnder(quota, before), usageUnder(quota, next)];
    const changed = quota.names.filter((name) => compareQuantity(lost[name] ?? ZERO, won[name] ?? ZERO) !== 0);
    if (changed.length === 0) return false;
    const used: Record<string, Quantity> = { ...quota.used };
    for (const name of changed) used[name] = addQuantity(subtractQuantity(used[name] ?? ZERO, lost[name] ?? ZERO), won[name] ?? ZERO);
    this.#quotas.set(quota.name, { ...quota, used });
    return true;
  }

  /** True where one of those that count does so. */
  some(predicate: (counted: Counted) => boolean): boolean {
    return this.#counted.values().some(predicate);
  }

  /** How many of a resource count in a namespace. */
  countOf(resource: string, namespace: string): number {
    return this.#counted
      .values()
      .filter((counted) => counted.resource === resource && counted.object.metadata.namespace === namespace)
      .toArray().length;
  }

  /** The first quota that an object would exceed; what it takes already, itself or as `place`, does not count twice. */
  excessOf(key: string, next: Counted, place?: Counted): Excess | undefined {
    const before = this.#counted.get(key);
    for (const quota of this.#quotas.values()) {
      if (!quotaMatches(quota.spec, next.resource, next.object)) continue;
      const [own, kept, asks] = [usageUnder(quota, before), usageUnder(quota, place), usageUnder(quota, next)];
      const requested: Record<string, Quantity> = {};
      for (const name of quota.names) {
        const had = addQuantity(own[name] ?? ZERO, kept[name] ?? ZERO);
        const delta = subtractQuantity(asks[name] ?? ZERO, had);
        if (delta.mantissa > 0n) requested[name] = delta;
      }
      const names = Object.entries(requested)
        .filter(([name, delta]) => compareQuantity(addQuantity(quota.used[name] ?? ZERO, delta), quota.hard[name] ?? ZERO) > 0)
        .map(([name]) => name);
      if (names.length > 0) return { quota, requested, names };
    }
    return undefined;
  }
}

function usageUnder(quota: QuotaState, counted: Counted | undefined): Amounts {
  if (counted === undefined || !quotaMatches(quota.spec, counted.resource, counted.object)) return {};
  return usageOnce(counted.resource, counted.object);
}

/** What an object takes of quotas, computed once for each state of it: a write asks several times. */
export function usageOnce(resource: string, object: KubeObject): Amounts {
  const known = USAGE.get(object);
  if (known !== undefined) return known;
  const usage = usageOf(resource, object);
  USAGE.set(object, usage);
  return usage;
}

const USAGE = new WeakMap<KubeObject, Amounts>();
