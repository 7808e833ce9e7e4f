import type { RuleWithOperations } from '../../generated/kubernetes.ts';
import { invalid, notSupported, required } from '../../meta/field-error.ts';
import type { FieldError } from '../../meta/kind.ts';

const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE'];
const SCOPES = ['*', 'Cluster', 'Namespaced'];

/** Faults of what a webhook is asked about (admissionregistration validation `validateRuleWithOperations`). */
export function validateWebhookRule(rule: RuleWithOperations, field: string): readonly FieldError[] {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule;
  return [
    ...validateList(operations, `${field}.operations`, 'operations'),
    ...operations.flatMap((operation, index) =>
      OPERATIONS.includes(operation) ? [] : [notSupported(`${field}.operations[${index}]`, operation, OPERATIONS)],
    ),
    ...validateList(apiGroups, `${field}.apiGroups`, 'API groups'),
    ...validateList(apiVersions, `${field}.apiVersions`, 'API versions'),
    ...requireTexts(apiVersions, `${field}.apiVersions`),
    ...validateResources(resources, `${field}.resources`),
    ...(scope === undefined || SCOPES.includes(scope) ? [] : [notSupported(`${field}.scope`, scope, SCOPES)]),
  ];
}

function validateList(values: readonly string[], field: string, words: string): readonly FieldError[] {
  if (values.length === 0) return [required(field)];
  return values.includes('*') && values.length > 1 ? [invalid(field, values, `if '*' is present, must not specify other ${words}`)] : [];
}

function requireTexts(values: readonly string[], field: string): readonly FieldError[] {
  return values.flatMap((value, index) => (value === '' ? [required(`${field}[${index}]`)] : []));
}

function validateResources(resources: readonly string[], field: string): readonly FieldError[] {
  if (resources.length === 0) return [required(field)];
  const hasAll = resources.includes('*/*') && resources.length > 1;
  return [
    ...requireTexts(resources, field),
    ...(hasAll ? [invalid(field, resources, "if '*/*' is present, must not specify other resources")] : []),
    ...resources.flatMap((name, index) => validateOverlap(name, resources, `${field}[${index}]`)),
  ];
}

/** `*` covers all resources, `x/*` all subresources of x, `*\/y` the subresource y of all: what is covered may not be named again. */
function validateOverlap(name: string, resources: readonly string[], field: string): readonly FieldError[] {
  const [resource = '', subresource] = name.split('/', 2);
  if (subresource === undefined) {
    return resource !== '*' && resources.includes('*') ? [invalid(field, name, `if '*' is present, must not specify other resources`)] : [];
  }
  if (subresource !== '*' && resources.includes(`${resource}/*`))
    return [invalid(field, name, `if '${resource}/*' is present, must not specify ${name}`)];
  return resource !== '*' && resources.includes(`*/${subresource}`)
    ? [invalid(field, name, `if '*/${subresource}' is present, must not specify ${name}`)]
    : [];
}
