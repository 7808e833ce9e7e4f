import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '#api/generated/kubernetes.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { validatingAdmissionPolicies, validatingAdmissionPolicyBindings } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import type { Entry, Store, StoreWatch } from '../../../store/store.ts';
import { bindingOf, type Policy, type PolicyBinding, policyOf } from './policy.ts';

/** A policy that is in force. */
export interface BoundPolicy {
  readonly policy: Policy;
  readonly binding: PolicyBinding;
}

/** The policies in force, in the order of their names and those of their bindings. Follows the store. */
export class PolicyIndex {
  readonly #policies = new Map<string, Policy>();
  readonly #bindings = new Map<string, PolicyBinding>();
  readonly #watches: readonly StoreWatch[];
  #bound: readonly BoundPolicy[] | undefined;

  constructor(store: Store) {
    this.#watches = [
      this.#follow<ValidatingAdmissionPolicy>(store, validatingAdmissionPolicies, (name, policy) => {
        if (policy === undefined) this.#policies.delete(name);
        else this.#policies.set(name, policyOf(policy));
      }),
      this.#follow<ValidatingAdmissionPolicyBinding>(store, validatingAdmissionPolicyBindings, (name, binding) => {
        if (binding === undefined) this.#bindings.delete(name);
        else this.#bindings.set(name, bindingOf(binding));
      }),
    ];
  }

  get bound(): readonly BoundPolicy[] {
    this.#bound ??= [...this.#bindings.values()]
      .flatMap((binding) => {
        const policy = this.#policies.get(binding.policyName);
        return policy === undefined ? [] : [{ policy, binding }];
      })
      .toSorted((a, b) => compare(a.policy.name, b.policy.name) || compare(a.binding.name, b.binding.name));
    return this.#bound;
  }

  /** Stops following the store. */
  close(): void {
    for (const watch of this.#watches) watch.close();
  }

  #follow<K>(store: Store, resource: Resource, set: (name: string, object: K | undefined) => void): StoreWatch {
    const scope = { resource: groupResourceOf(resource) };
    // why trusted: the store holds under a resource only what its kind let through
    const take = ({ key, object }: Entry): void => set(key.name, trusted<K>(object));
    const page = store.list(scope);
    for (const entry of page.entries) take(entry);
    return store.watch(scope, page.revision, {
      onEvents: (events) => {
        for (const { type, entry } of events) {
          if (type === 'DELETED') set(entry.key.name, undefined);
          else take(entry);
        }
        this.#bound = undefined;
      },
      onClose: () => {},
    });
  }
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
