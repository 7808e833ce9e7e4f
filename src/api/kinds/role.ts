import type { ClusterRole, PolicyRule, Role } from '../generated/kubernetes.ts';
import { invalid, required } from '../meta/field-error.ts';
import type { FieldError, KindDefinition, TableColumn } from '../meta/kind.ts';
import type { KubeObject } from '../meta/object.ts';
import { validateLabelSelector } from '../meta/validate-label-selector.ts';
import { validateMetadata } from '../meta/validate-metadata.ts';
import { pathSegment } from '../meta/validate-name.ts';
import { clusterRoles, roles } from '../resources.ts';
import { column, nameColumn } from './columns.ts';

/** rbac.authorization.k8s.io/v1 Role. */
export const roleKind: KindDefinition<Role> = {
  resource: roles,
  schema: 'io.k8s.api.rbac.v1.Role',
  subresources: [],
  applyDefaults: (role) => role,
  prepareForCreate: (role) => role,
  validate: (role) => [
    ...validateMetadata(role.metadata, { isNamespaced: true, name: pathSegment }),
    ...validateRules(role.rules, { isNamespaced: true }),
  ],
  validateUpdate: () => [],
  selectableFields: {},
  columns: [nameColumn(), createdAtColumn()],
  initialFinalizers: [],
  deletionGraceSec: () => 0,
};

/** rbac.authorization.k8s.io/v1 ClusterRole. */
export const clusterRoleKind: KindDefinition<ClusterRole> = {
  resource: clusterRoles,
  schema: 'io.k8s.api.rbac.v1.ClusterRole',
  subresources: [],
  applyDefaults: (role) => role,
  prepareForCreate: (role) => role,
  validate: (role) => [
    ...validateMetadata(role.metadata, { isNamespaced: false, name: pathSegment }),
    ...validateRules(role.rules, { isNamespaced: false }),
    ...validateAggregation(role),
  ],
  validateUpdate: () => [],
  selectableFields: {},
  columns: [nameColumn(), createdAtColumn()],
  initialFinalizers: [],
  deletionGraceSec: () => 0,
};

function createdAtColumn<K extends KubeObject>(): TableColumn<K> {
  return column(
    { name: 'Created At', type: 'date', description: 'When the object was made.' },
    ({ metadata }) => metadata.creationTimestamp,
  );
}

/** Texts and order of pkg/apis/rbac/validation/validation.go. */
function validateRules(rules: readonly PolicyRule[] | undefined, scope: { readonly isNamespaced: boolean }): readonly FieldError[] {
  return (rules ?? []).flatMap((rule, index) => validateRule(rule, `rules[${index}]`, scope));
}

function validateRule(rule: PolicyRule, field: string, { isNamespaced }: { readonly isNamespaced: boolean }): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (isEmpty(rule.verbs)) faults.push(required(`${field}.verbs`, 'verbs must contain at least one value'));
  if (!isEmpty(rule.nonResourceURLs)) {
    const path = `${field}.nonResourceURLs`;
    if (isNamespaced) faults.push(invalid(path, rule.nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'));
    if (!isEmpty(rule.apiGroups) || !isEmpty(rule.resources) || !isEmpty(rule.resourceNames)) {
      faults.push(invalid(path, rule.nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs'));
    }
    return faults;
  }
  if (isEmpty(rule.apiGroups)) faults.push(required(`${field}.apiGroups`, 'resource rules must supply at least one api group'));
  if (isEmpty(rule.resources)) faults.push(required(`${field}.resources`, 'resource rules must supply at least one resource'));
  return faults;
}

function isEmpty(list: readonly string[] | undefined): boolean {
  return list === undefined || list.length === 0;
}

function validateAggregation({ aggregationRule }: ClusterRole): readonly FieldError[] {
  if (aggregationRule === undefined) return [];
  const field = 'aggregationRule.clusterRoleSelectors';
  const selectors = aggregationRule.clusterRoleSelectors ?? [];
  if (selectors.length === 0) return [required(field, 'at least one clusterRoleSelector required if aggregationRule is non-nil')];
  return selectors.flatMap((selector, index) => validateLabelSelector(selector, `${field}[${index}]`));
}
