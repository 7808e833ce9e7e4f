import type { PolicyRule, RoleRef } from '#api/generated/kubernetes.ts';
import type { Store } from '../../../store/store.ts';
import type { Attributes, Authorizer, Verdict } from '../../contract/authorizer.ts';
import type { UserInfo } from '../../contract/user.ts';
import { type Grant, PolicyIndex } from './policy-index.ts';
import { ruleAllows } from './rule-matching.ts';
import { describeSubject } from './subjects.ts';

/** Decides by roles and bindings of the store, as upstream's RBAC authorizer does. It only ever allows: what nothing grants, the next authorizer may. */
export class RbacAuthorizer implements Authorizer {
  readonly name = 'RBAC';
  readonly #index: PolicyIndex;

  constructor(store: Store) {
    this.#index = new PolicyIndex(store);
  }

  authorize(attributes: Attributes): Verdict {
    const namespace = attributes.type === 'resource' ? attributes.namespace : '';
    const missing: string[] = [];
    for (const grant of this.#index.grantsFor(attributes.user, namespace)) {
      const rules = this.#index.rulesOf(grant.roleRef, grant.namespace);
      if (rules === undefined) missing.push(describeMissing(grant.roleRef));
      else if (rules.some((rule) => ruleAllows(rule, attributes)))
        return { verdict: 'allow', reason: `RBAC: allowed by ${describe(grant)}` };
    }
    if (missing.length === 0) return { verdict: 'no-opinion' };
    const texts = [...new Set(missing)];
    return { verdict: 'no-opinion', reason: `RBAC: ${texts.length === 1 ? texts.join('') : `[${texts.join(', ')}]`}` };
  }

  /** Every rule that `user` has in `namespace` (`''` = in the whole cluster only). */
  rulesFor(user: UserInfo, namespace: string): readonly PolicyRule[] {
    return [...this.#index.grantsFor(user, namespace)].flatMap(({ roleRef, namespace: own }) => this.#index.rulesOf(roleRef, own) ?? []);
  }

  /** The rules of a role that a binding in `namespace` would grant; undefined where there is no such role. */
  rulesOf(roleRef: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
    return this.#index.rulesOf(roleRef, namespace);
  }

  /** Stops following the store. */
  close(): void {
    this.#index.close();
  }
}

function describe({ namespace, bindingName, subject, roleRef }: Grant): string {
  const binding =
    namespace === '' ? `ClusterRoleBinding ${JSON.stringify(bindingName)}` : `RoleBinding ${JSON.stringify(`${bindingName}/${namespace}`)}`;
  return `${binding} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${describeSubject(subject, namespace)}`;
}

function describeMissing({ kind, name }: RoleRef): string {
  return `${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`;
}
