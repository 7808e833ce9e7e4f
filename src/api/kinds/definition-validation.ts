import type {
  CustomResourceDefinitionNames,
  CustomResourceDefinitionSpec,
  CustomResourceDefinitionVersion,
} from '../generated/kubernetes.ts';
import { duplicate, forbidden, invalid, notSupported, required } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { dns1035Label, dns1123Subdomain } from '../meta/validate-name.ts';
import { validateDefinitionVersion } from './definition-version-validation.ts';

const SCOPES = ['Cluster', 'Namespaced'];

/** Faults of what a definition asks for (apiextensions pkg/apis/apiextensions/validation). */
export function validateDefinitionSpec(spec: CustomResourceDefinitionSpec): readonly FieldError[] {
  return [
    ...validateGroup(spec.group),
    ...validateScope(spec.scope),
    ...validateNames(spec.names),
    ...validateVersions(spec.versions),
    ...validateConversion(spec),
    ...(spec.preserveUnknownFields === true
      ? [
          invalid(
            'spec.preserveUnknownFields',
            true,
            'must be false: set x-kubernetes-preserve-unknown-fields: true where the schema is to keep unknown fields',
          ),
        ]
      : []),
  ];
}

function validateGroup(group: string): readonly FieldError[] {
  if (group === '') return [required('spec.group')];
  const faults = dns1123Subdomain(group).map((fault) => invalid('spec.group', group, fault));
  return group.includes('.') ? faults : [...faults, invalid('spec.group', group, 'should be a domain with at least one dot')];
}

function validateScope(scope: string): readonly FieldError[] {
  if (scope === '') return [required('spec.scope')];
  return SCOPES.includes(scope) ? [] : [notSupported('spec.scope', scope, SCOPES)];
}

function validateNames(names: CustomResourceDefinitionNames): readonly FieldError[] {
  const faults: FieldError[] = [];
  const { plural, singular = '', kind, listKind = '' } = names;
  const checkLabel = (field: string, value: string, text: string): void => {
    if (value === '') faults.push(required(`spec.names.${field}`));
    else faults.push(...dns1035Label(value).map((fault) => invalid(`spec.names.${field}`, text, fault)));
  };
  checkLabel('plural', plural, plural);
  checkLabel('singular', singular, singular);
  // why: kinds are written with capitals, and are labels otherwise
  checkLabel('kind', kind.toLowerCase(), kind);
  checkLabel('listKind', listKind.toLowerCase(), listKind);
  if (kind !== '' && kind === listKind) faults.push(invalid('spec.names.listKind', listKind, 'kind and listKind may not be the same'));
  for (const field of ['shortNames', 'categories'] as const) {
    for (const [index, name] of (names[field] ?? []).entries())
      faults.push(...dns1035Label(name).map((fault) => invalid(`spec.names.${field}[${index}]`, name, fault)));
  }
  return faults;
}

function validateVersions(versions: readonly CustomResourceDefinitionVersion[]): readonly FieldError[] {
  const faults: FieldError[] = [];
  const names = versions.map(({ name }) => name);
  const seen = new Set<string>();
  for (const [index, version] of versions.entries()) {
    const field = `spec.versions[${index}]`;
    faults.push(...dns1035Label(version.name).map((fault) => invalid(`${field}.name`, version.name, fault)));
    if (seen.has(version.name)) faults.push(duplicate(`${field}.name`, version.name));
    seen.add(version.name);
    faults.push(...validateDefinitionVersion(versions, index));
  }
  const stored = versions.filter(({ storage }) => storage).length;
  if (stored !== 1)
    faults.push(invalid('spec.versions', names, `must have exactly one version marked as storage version, but has ${stored}`));
  if (!versions.some(({ served }) => served)) faults.push(invalid('spec.versions', names, 'must have at least one version that is served'));
  return faults;
}

function validateConversion({ conversion }: CustomResourceDefinitionSpec): readonly FieldError[] {
  if (conversion === undefined || conversion.strategy === 'None')
    return conversion?.webhook === undefined
      ? []
      : [forbidden('spec.conversion.webhook', 'should not be set when strategy is not set to Webhook')];
  if (conversion.strategy !== 'Webhook') return [notSupported('spec.conversion.strategy', conversion.strategy, ['None'])];
  return [
    forbidden(
      'spec.conversion.strategy',
      'this server does not call conversion webhooks: use None, which serves all versions of an object with the same fields',
    ),
  ];
}
