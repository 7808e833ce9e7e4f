import type { KindDefinition } from '#api/meta/kind.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  namespaces,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
} from '#api/resources.ts';
import type { Result } from '#kit/errors.ts';
import type { Authorizer } from '../../contract/authorizer.ts';
import { STARTING_USER } from '../../contract/user.ts';
import { CelError, type CelMap, type CelValue, keyText } from '../../cel/values/value.ts';
import { toCel } from '../../custom/rules/cel-value.ts';
import type { KindRegistry } from '../../contract/registry.ts';
import type { AdmissionRequest, StoreView } from '../../contract/admission.ts';
import { type Subject, subjectOf } from '../expressions.ts';
import { reviewRequest } from '../webhooks/admission-review.ts';
import { convert, operationOf } from '../webhooks/webhook-matching.ts';
import type { PolicyBasics } from './policy-basics.ts';

/** What policies look things up in. */
export interface PolicyParts {
  readonly registry: KindRegistry;
  readonly view: StoreView;
  readonly authorizer: Authorizer;
}

/** What policies are never asked about, so that a wrong one can be removed. */
const EXEMPT: ReadonlySet<string> = new Set(
  [validatingAdmissionPolicies, validatingAdmissionPolicyBindings, mutatingAdmissionPolicies, mutatingAdmissionPolicyBindings].map(
    groupResourceOf,
  ),
);

/** True for what no policy is asked about. */
export function isExemptOfPolicies({ user, kind }: AdmissionRequest): boolean {
  return user === STARTING_USER || EXEMPT.has(groupResourceOf(kind.resource));
}

/** What the expressions of policies see of a write, in the version of `kind`; parameters and variables come with {@link withParam}. */
export function policySubject(request: AdmissionRequest, kind: KindDefinition, { view, authorizer }: PolicyParts): Subject {
  const inVersion = (object: KubeObject | undefined): KubeObject | undefined =>
    object === undefined || request.sent !== undefined ? object : convert(object, request.kind, kind);
  const review = reviewRequest(request, { operation: operationOf(request), resource: kind.resource }, '');
  const about = { object: inVersion(request.object), oldObject: inVersion(request.previous), review };
  const { namespace: name } = request.key;
  const namespace = name === '' ? undefined : view.get(namespaces, { namespace: '', name });
  return subjectOf(about, { request, authorizer }).with('namespaceObject', toCel({}, namespace));
}

/** The subject with a parameter, and with the variables of a policy: each is evaluated when it is first used, at most once. */
export function withParam({ variables }: Pick<PolicyBasics, 'variables'>, subject: Subject, param: KubeObject | undefined): Subject {
  const lazy = new LazyVariables();
  const seen = subject.with('params', toCel({}, param)).with('variables', lazy);
  for (const { name, expression } of variables) lazy.add(name, () => seen.evaluate(expression));
  return seen;
}

/** A map whose values are found out when they are asked for. */
class LazyVariables extends Map<CelValue, CelValue> implements CelMap {
  readonly #find = new Map<CelValue, () => Result<CelValue>>();

  add(name: string, find: () => Result<CelValue>): void {
    this.#find.set(name, find);
    super.set(name, null);
  }

  override get(name: CelValue): CelValue | undefined {
    const find = this.#find.get(name);
    if (find === undefined) return super.get(name);
    this.#find.delete(name);
    const found = find();
    const value = found.ok
      ? found.value
      : new CelError(`composited variable ${JSON.stringify(keyText(name))} fails to evaluate: ${found.error}`);
    super.set(name, value);
    return value;
  }
}
