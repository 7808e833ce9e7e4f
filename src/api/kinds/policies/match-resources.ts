import type { MatchResources, NamedRuleWithOperations } from '../../generated/kubernetes.ts';
import { duplicate, invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldError } from '../../meta/kind.ts';
import { validateLabelSelector } from '../../meta/validate-label-selector.ts';
import { pathSegment } from '../../meta/validate-name.ts';
import { withAbsent, withDefaults, withMember } from '../defaulting.ts';
import { validateWebhookRule } from '../webhooks/webhook-rules.ts';

/** There is nothing to mutate in a deletion. */
const MUTATING_OPERATIONS = ['*', 'CONNECT', 'CREATE', 'UPDATE'];

/** What a policy is about, with upstream's defaults (admissionregistration/v1 defaults.go). */
export function defaultMatchResources(given: MatchResources): MatchResources {
  const filled = withAbsent<MatchResources>(given, { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} });
  const withRules = withMember(filled, 'resourceRules', (rules) => rules.map((rule) => withDefaults(rule, { scope: '*' })));
  return withMember(withRules, 'excludeResourceRules', (rules) => rules.map((rule) => withDefaults(rule, { scope: '*' })));
}

/** Faults of what a policy is about (admissionregistration validation `validateMatchResources`). */
export function validateMatchResources(resources: MatchResources, field: string): readonly FieldError[] {
  const { matchPolicy, resourceRules = [], excludeResourceRules = [], namespaceSelector = {}, objectSelector = {} } = resources;
  return [
    ...(matchPolicy === undefined || matchPolicy === 'Exact' || matchPolicy === 'Equivalent'
      ? []
      : [notSupported(`${field}.matchPolicy`, matchPolicy, ['Equivalent', 'Exact'])]),
    ...validateLabelSelector(namespaceSelector, `${field}.namespaceSelector`),
    ...validateLabelSelector(objectSelector, `${field}.objectSelector`),
    ...resourceRules.flatMap((rule, index) => validateRule(rule, `${field}.resourceRules[${index}]`)),
    ...excludeResourceRules.flatMap((rule, index) => validateRule(rule, `${field}.excludeResourceRules[${index}]`)),
  ];
}

/** Faults of constraints that must name something. */
export function requireResourceRules({ resourceRules = [] }: MatchResources, field: string): readonly FieldError[] {
  return resourceRules.length === 0 ? [required(`${field}.resourceRules`)] : [];
}

/** Faults of operations that a policy which mutates can't be asked about. */
export function validateMutatingOperations(resources: MatchResources | undefined, field: string): readonly FieldError[] {
  return (resources?.resourceRules ?? [])
    .flatMap(({ operations = [] }) => operations)
    .filter((operation) => !MUTATING_OPERATIONS.includes(operation))
    .map((operation) => notSupported(`${field}.resourceRules.operations`, operation, MUTATING_OPERATIONS));
}

function validateRule(rule: NamedRuleWithOperations, field: string): readonly FieldError[] {
  const { resourceNames = [] } = rule;
  const ofNames = resourceNames.flatMap((name, index) => {
    const at = `${field}.resourceNames[${index}]`;
    const faults = pathSegment(name).map((fault) => invalid(at, name, fault));
    return resourceNames.indexOf(name) < index ? [...faults, duplicate(at, name)] : faults;
  });
  return [...ofNames, ...validateWebhookRule(rule, field)];
}
