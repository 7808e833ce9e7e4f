import type { KindDefinition } from '#api/meta/kind.ts';
import type { ValidatingAdmissionPolicy } from '#api/generated/kubernetes.ts';
import { PlatformError } from '#kit/errors.ts';
import { deniedByPolicy } from '../../contract/status-error.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../../contract/admission.ts';
import type { Subject } from '../expressions.ts';
import { conditionsHold } from '../webhooks/match-conditions.ts';
import { wantedKind } from '../webhooks/webhook-matching.ts';
import type { Policy, PolicyValidation } from './policy.ts';
import type { BoundPolicy, PolicyIndex } from './policy-index.ts';
import { paramsOf } from './policy-params.ts';
import { isExemptOfPolicies, type PolicyParts, policySubject, withParam } from './policy-subject.ts';

interface Parts extends PolicyParts {
  readonly index: PolicyIndex<ValidatingAdmissionPolicy, Policy>;
}

interface Failure {
  readonly message: string;
  readonly reason: string;
}

/** The admission plugin `ValidatingAdmissionPolicy`: asks the policies in force, in CEL (apiserver pkg/admission/plugin/policy/validating). */
export function admissionPolicies(parts: Parts): AdmissionPlugin {
  return {
    name: 'ValidatingAdmissionPolicy',
    isAskedOfSent: true,
    validate: (request) => {
      const bound = parts.index.boundFor(request);
      if (bound.length === 0 || isExemptOfPolicies(request)) return;
      for (const each of bound) enforce(each, request, parts);
    },
  };
}

/** @throws ApiError where the policy is broken and its binding denies */
function enforce(each: BoundPolicy<Policy>, request: AdmissionRequest, parts: Parts): void {
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

function auditText({ policy, binding }: BoundPolicy<Policy>, failures: readonly Failure[]): string {
  const validationActions = [...binding.actions];
  return JSON.stringify(failures.map(({ message }) => ({ message, policy: policy.name, binding: binding.name, validationActions })));
}

function failuresOf(
  each: BoundPolicy<Policy>,
  { request, kind }: { readonly request: AdmissionRequest; readonly kind: KindDefinition },
  parts: Parts,
): readonly Failure[] {
  const { policy } = each;
  const params = paramsOf(each, request, parts);
  if (!params.ok) return faultOf(policy, params.error.message);
  const subject = policySubject(request, kind, parts);
  return params.value.flatMap((param) => ask(policy, withParam(policy, subject, param), request));
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
