import type { MatchResources } from '../../generated/kubernetes.ts';
import { notSupported, required } from '../../meta/field-error.ts';
import type { FieldError } from '../../meta/kind.ts';
import { validateLabelSelector } from '../../meta/validate-label-selector.ts';
import { withDefaults, withMember } from '../defaulting.ts';
import { validateWebhookRule } from '../webhooks/webhook-rules.ts';

/** What a policy is about, with upstream's defaults (admissionregistration/v1 defaults.go). */
export function defaultMatchResources(given: MatchResources): MatchResources {
  const filled = withDefaults<MatchResources>(given, { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} });
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
    ...resourceRules.flatMap((rule, index) => validateWebhookRule(rule, `${field}.resourceRules[${index}]`)),
    ...excludeResourceRules.flatMap((rule, index) => validateWebhookRule(rule, `${field}.excludeResourceRules[${index}]`)),
  ];
}

/** Faults of constraints that must name something. */
export function requireResourceRules({ resourceRules = [] }: MatchResources, field: string): readonly FieldError[] {
  return resourceRules.length === 0 ? [required(`${field}.resourceRules`)] : [];
}
