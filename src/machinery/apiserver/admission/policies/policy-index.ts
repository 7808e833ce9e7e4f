import type { KindDefinition } from '#api/meta/kind.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { trusted } from '#kit/json.ts';
import type { Entry, Store, StoreWatch } from '../../../store/store.ts';
import type { AdmissionRequest } from '../../contract/admission.ts';
import { operationOf } from '../webhooks/webhook-matching.ts';
import { bindingOf, type PolicyBasics, type PolicyBinding } from './policy-basics.ts';

/** A policy that is in force. */
export interface BoundPolicy<P extends PolicyBasics = PolicyBasics> {
  readonly policy: P;
  readonly binding: PolicyBinding;
}

/** The kinds of policies and their bindings, and how a stored policy is taken apart. */
export interface PolicySources<K, P extends PolicyBasics> {
  readonly policies: Resource;
  readonly bindings: Resource;
  readonly policyOf: (stored: K) => P;
}

/**
 * The policies in force, in the order of their names and those of their bindings. Follows the store: a policy is compiled once for each of its generations.
 * What of them can be about a resource is found once for each kind, so that a write that no policy is about costs one look-up.
 */
export class PolicyIndex<K, P extends PolicyBasics> {
  readonly #policies = new Map<string, P>();
  readonly #bindings = new Map<string, PolicyBinding>();
  readonly #watches: readonly StoreWatch[];
  #bound: readonly BoundPolicy<P>[] | undefined;
  #byKind = new WeakMap<KindDefinition, Map<string, readonly BoundPolicy<P>[]>>();

  constructor(store: Store, { policies, bindings, policyOf }: PolicySources<K, P>) {
    this.#watches = [
      this.#follow(store, policies, (name, policy) => {
        if (policy === undefined) this.#policies.delete(name);
        else this.#policies.set(name, policyOf(trusted<K>(policy)));
      }),
      this.#follow(store, bindings, (name, binding) => {
        if (binding === undefined) this.#bindings.delete(name);
        else this.#bindings.set(name, bindingOf(trusted(binding)));
      }),
    ];
  }

  /** Those that can be about a write, by its kind, subresource and operation. */
  boundFor(request: Pick<AdmissionRequest, 'kind' | 'subresource' | 'verb'>): readonly BoundPolicy<P>[] {
    const bound = this.#inForce();
    if (bound.length === 0) return bound;
    const { kind, subresource } = request;
    const operation = operationOf(request);
    const known = this.#byKind.get(kind) ?? new Map<string, readonly BoundPolicy<P>[]>();
    this.#byKind.set(kind, known);
    const key = `${operation}/${subresource}`;
    const found = known.get(key) ?? bound.filter(({ policy }) => policy.mayConcern({ operation, resource: kind.resource, subresource }));
    known.set(key, found);
    return found;
  }

  /** Stops following the store. */
  close(): void {
    for (const watch of this.#watches) watch.close();
  }

  #inForce(): readonly BoundPolicy<P>[] {
    this.#bound ??= [...this.#bindings.values()]
      .flatMap((binding) => {
        const policy = this.#policies.get(binding.policyName);
        return policy === undefined ? [] : [{ policy, binding }];
      })
      .toSorted((a, b) => compare(a.policy.name, b.policy.name) || compare(a.binding.name, b.binding.name));
    return this.#bound;
  }

  #follow(store: Store, resource: Resource, set: (name: string, object: Entry['object'] | undefined) => void): StoreWatch {
    const scope = { resource: groupResourceOf(resource) };
    const page = store.list(scope);
    for (const { key, object } of page.entries) set(key.name, object);
    return store.watch(scope, page.revision, {
      onEvents: (events) => {
        for (const { type, entry } of events) set(entry.key.name, type === 'DELETED' ? undefined : entry.object);
        this.#bound = undefined;
        this.#byKind = new WeakMap();
      },
      onClose: () => {},
    });
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
