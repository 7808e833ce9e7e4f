import type { KindDefinition } from '#api/meta/kind.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import { namespaces, validatingAdmissionPolicies, validatingAdmissionPolicyBindings } from '#api/resources.ts';
import { PlatformError, type Result } from '#kit/errors.ts';
import { CelError, type CelMap, type CelValue, keyText } from '../../cel/values/value.ts';
import { STARTING_USER } from '../../access/user.ts';
import type { Authorizer } from '../../access/authorization.ts';
import { toCel } from '../../custom/rules/cel-value.ts';
import type { KindRegistry } from '../../registry.ts';
import { deniedByPolicy } from '../../status-error.ts';
import type { AdmissionPlugin, AdmissionRequest, StoreView } from '../admission.ts';
import { reviewRequest } from '../webhooks/admission-review.ts';
import { type Subject, subjectOf } from '../expressions.ts';
import { conditionsHold } from '../webhooks/match-conditions.ts';
import { convert, operationOf, wantedKind } from '../webhooks/webhook-matching.ts';
import type { Policy, PolicyValidation } from './policy.ts';
import type { BoundPolicy, PolicyIndex } from './policy-index.ts';
import { paramsOf } from './policy-params.ts';

/** What policies are never asked about, so that a wrong one can be removed. */
const EXEMPT: ReadonlySet<string> = new Set([validatingAdmissionPolicies, validatingAdmissionPolicyBindings].map(groupResourceOf));

interface Parts {
  readonly index: PolicyIndex;
  readonly registry: KindRegistry;
  readonly view: StoreView;
  readonly authorizer: Authorizer;
}

interface Failure {
  readonly message: string;
  readonly reason: string;
}

/** The admission plugin `ValidatingAdmissionPolicy`: asks the policies in force, in CEL (apiserver pkg/admission/plugin/policy/validating). */
export function admissionPolicies(parts: Parts): AdmissionPlugin {
  return {
    name: 'ValidatingAdmissionPolicy',
    isAskedOfConnections: true,
    validate: (request) => {
      const { bound } = parts.index;
      if (bound.length === 0 || request.user === STARTING_USER || EXEMPT.has(groupResourceOf(request.kind.resource))) return;
      for (const each of bound) enforce(each, request, parts);
    },
  };
}

/** @throws ApiError where the policy is broken and its binding denies */
function enforce(each: BoundPolicy, request: AdmissionRequest, parts: Parts): void {
  const { policy, binding } = each;
  const kind = wantedKind(policy, request, parts);
  if (kind === undefined) return;
  if (binding.matching !== undefined && wantedKind(binding.matching, request, parts) === undefined) return;
  const failures = failuresOf(each, { request, kind }, parts);
  const [first] = failures;
  if (first === undefined) return;
  const told = `ValidatingAdmissionPolicy '${policy.name}' with binding '${binding.name}'`;
  if (binding.actions.has('Warn')) for (const { message } of failures) request.warn(`Validation failed for ${told}: ${message}`);
  if (binding.actions.has('Audit'))
    request.annotations.set('validation.policy.admission.k8s.io/validation_failure', auditText(each, failures));
  if (binding.actions.has('Deny'))
    throw deniedByPolicy(request.kind.resource, request.key.name, { ...first, message: `${told} denied request: ${first.message}` });
}

function auditText({ policy, binding }: BoundPolicy, failures: readonly Failure[]): string {
  const validationActions = [...binding.actions];
  return JSON.stringify(failures.map(({ message }) => ({ message, policy: policy.name, binding: binding.name, validationActions })));
}

function failuresOf(
  each: BoundPolicy,
  { request, kind }: { readonly request: AdmissionRequest; readonly kind: KindDefinition },
  parts: Parts,
): readonly Failure[] {
  const { policy } = each;
  const params = paramsOf(each, request, parts);
  if (!params.ok) return faultOf(policy, params.error);
  const inVersion = (object: KubeObject | undefined): KubeObject | undefined => object && convert(object, request.kind, kind);
  const [object, oldObject] = [inVersion(request.object), inVersion(request.previous)];
  const asked = reviewRequest(request, { operation: operationOf(request), resource: kind.resource }, '');
  const namespace = request.key.namespace === '' ? undefined : parts.view.get(namespaces, { namespace: '', name: request.key.namespace });
  const about = { object, oldObject, review: asked };
  const subject = subjectOf(about, { request, authorizer: parts.authorizer }).with('namespaceObject', toCel({}, namespace));
  return params.value.flatMap((param) => ask(policy, withVariables(policy, subject.with('params', toCel({}, param))), request));
}

function ask(policy: Policy, subject: Subject, { annotations }: AdmissionRequest): readonly Failure[] {
  try {
    if (!conditionsHold(policy.conditions, subject)) return [];
  } catch (thrown) {
    return faultOf(policy, PlatformError.from(thrown).message);
  }
  for (const { key, expression } of policy.annotations) {
    const value = subject.evaluate(expression);
    if (value.ok && typeof value.value === 'string' && value.value !== '') annotations.set(`${policy.name}/${key}`, value.value);
  }
  return policy.validations.flatMap((validation) => checkOne(policy, validation, subject));
}

function checkOne(policy: Policy, validation: PolicyValidation, subject: Subject): readonly Failure[] {
  const outcome = subject.evaluate(validation.expression);
  if (!outcome.ok) return faultOf(policy, `expression '${validation.text}' resulted in error: ${outcome.error}`);
  if (outcome.value === true) return [];
  return [{ message: messageOf(validation, subject), reason: validation.reason }];
}

function messageOf({ message, messageExpression }: PolicyValidation, subject: Subject): string {
  const made = messageExpression === undefined ? undefined : subject.evaluate(messageExpression);
  return made?.ok === true && typeof made.value === 'string' && made.value.trim() !== '' ? made.value : message;
}

/** What becomes of a policy that can't be asked. */
function faultOf({ ignoresFaults }: Policy, message: string): readonly Failure[] {
  return ignoresFaults ? [] : [{ message, reason: 'Invalid' }];
}

/** Variables are evaluated when they are first used, each at most once; they may use those before them. */
function withVariables(policy: Policy, subject: Subject): Subject {
  const variables = new LazyVariables();
  const seen = subject.with('variables', variables);
  for (const { name, expression } of policy.variables) variables.add(name, () => seen.evaluate(expression));
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
    const value = found.ok ? found.value : new CelError(`variable ${keyText(name)}: ${found.error}`);
    super.set(name, value);
    return value;
  }
}
