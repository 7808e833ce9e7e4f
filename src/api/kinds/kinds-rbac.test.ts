import { describe, expect, it } from 'vitest';
import type { ClusterRoleBinding, PolicyRule, RoleBinding, RoleRef, Subject } from '../generated/kubernetes.ts';
import { formatFieldErrors } from '../meta/field-error.ts';
import { RBAC_GROUP } from '../resources.ts';
import { clusterRoleBindingKind, roleBindingKind } from './role-binding.ts';
import { clusterRoleKind, roleKind } from './role.ts';
import { serviceAccountKind } from './service-account.ts';

const metadata = { name: 'system:x', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const inNamespace = { ...metadata, namespace: 'ns' };
const pods: PolicyRule = { apiGroups: [''], resources: ['pods'], verbs: ['get'] };

describe('API-3: rules of roles', () => {
  it.each([
    { name: 'a whole rule', rule: pods, text: '' },
    { name: 'no verbs', rule: { ...pods, verbs: [] }, text: 'rules[0].verbs: Required value: verbs must contain at least one value' },
    {
      name: 'no groups',
      rule: { ...pods, apiGroups: [] },
      text: 'rules[0].apiGroups: Required value: resource rules must supply at least one api group',
    },
    {
      name: 'no resources',
      rule: { ...pods, resources: [] },
      text: 'rules[0].resources: Required value: resource rules must supply at least one resource',
    },
    {
      name: 'a path',
      rule: { nonResourceURLs: ['/x'], verbs: ['get'] },
      text: 'rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs',
    },
  ])('a Role with $name', ({ rule, text }) => {
    expect(formatOf(roleKind.validate({ apiVersion: 'v1', kind: 'Role', metadata: inNamespace, rules: [rule] }))).toBe(text);
  });

  it.each([
    { name: 'a path', fields: { rules: [{ nonResourceURLs: ['/x'], verbs: ['get'] }] }, text: '' },
    {
      name: 'a path and resources',
      fields: { rules: [{ ...pods, nonResourceURLs: ['/x'] }] },
      text: 'rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs',
    },
    {
      name: 'no selectors',
      fields: { aggregationRule: { clusterRoleSelectors: [] } },
      text: 'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
    },
  ])('a ClusterRole with $name', ({ fields, text }) => {
    expect(formatOf(clusterRoleKind.validate({ apiVersion: 'v1', kind: 'ClusterRole', metadata, ...fields }))).toBe(text);
  });

  it.each(['.', 'a/b', 'a%b'])('refuses the name %j', (name) => {
    expect(roleKind.validate({ apiVersion: 'v1', kind: 'Role', metadata: { ...inNamespace, name }, rules: [] })).toHaveLength(1);
  });
});

const ref: RoleRef = { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name: 'view' };
const binding = (subjects: readonly Subject[], roleRef = ref): RoleBinding => ({
  apiVersion: 'v1',
  kind: 'RoleBinding',
  metadata: inNamespace,
  roleRef,
  subjects,
});
const clusterBinding = (subjects: readonly Subject[], roleRef = ref): ClusterRoleBinding => ({
  apiVersion: 'v1',
  kind: 'ClusterRoleBinding',
  metadata,
  roleRef,
  subjects,
});

describe('API-3: bindings', () => {
  it('fills the groups that are left out', () => {
    const given = binding(
      [
        { kind: 'User', name: 'ann' },
        { kind: 'ServiceAccount', name: 'sa' },
      ],
      { apiGroup: '', kind: 'Role', name: 'r' },
    );
    expect(roleBindingKind.applyDefaults(given)).toMatchObject({
      roleRef: { apiGroup: RBAC_GROUP },
      subjects: [
        { kind: 'User', name: 'ann', apiGroup: RBAC_GROUP },
        { kind: 'ServiceAccount', name: 'sa' },
      ],
    });
  });

  it.each([
    { name: 'a service account of the namespace', given: binding([{ kind: 'ServiceAccount', name: 'sa' }]), text: '' },
    {
      name: 'an unknown kind',
      given: binding([{ kind: 'Robot', name: 'r2' }]),
      text: 'subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
    },
    { name: 'no name', given: binding([{ kind: 'Group', name: '', apiGroup: RBAC_GROUP }]), text: 'subjects[0].name: Required value' },
    { name: 'a reference to nothing', given: binding([], { ...ref, name: '' }), text: 'roleRef.name: Required value' },
    {
      name: 'a reference to a pod',
      given: binding([], { ...ref, kind: 'Pod' }),
      text: 'roleRef.kind: Unsupported value: "Pod": supported values: "Role", "ClusterRole"',
    },
  ])('a RoleBinding with $name', ({ given, text }) => {
    expect(formatOf(roleBindingKind.validate(given))).toBe(text);
  });

  it.each([
    {
      name: 'a service account of no namespace',
      given: clusterBinding([{ kind: 'ServiceAccount', name: 'sa' }]),
      text: 'subjects[0].namespace: Required value',
    },
    {
      name: 'a Role',
      given: clusterBinding([], { ...ref, kind: 'Role' }),
      text: 'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
    },
  ])('a ClusterRoleBinding with $name', ({ given, text }) => {
    expect(formatOf(clusterRoleBindingKind.validate(given))).toBe(text);
  });

  it('keeps its role', () => {
    expect(formatOf(roleBindingKind.validateUpdate(binding([], { ...ref, name: 'admin' }), binding([])))).toMatch(
      /^roleRef: Invalid value: .*: cannot change roleRef$/,
    );
  });

  it('prints who gets what', () => {
    const given = binding([
      { kind: 'User', name: 'ann' },
      { kind: 'User', name: 'bob' },
      { kind: 'Group', name: 'devs' },
      { kind: 'ServiceAccount', name: 'sa', namespace: 'ns' },
    ]);
    const row = roleBindingKind.columns.map((column) => column.value(given, Date.parse(metadata.creationTimestamp)));
    expect(row).toEqual(['system:x', 'ClusterRole/view', '0s', 'ann, bob', 'devs', 'ns/sa']);
  });
});

it('keeps only the names of a service account’s secrets', () => {
  const account = {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: inNamespace,
    secrets: [{ name: 's', namespace: 'other', uid: 'u' }],
  };
  expect(serviceAccountKind.prepareForCreate(account).secrets).toEqual([{ name: 's' }]);
});

function formatOf(faults: Parameters<typeof formatFieldErrors>[0]): string {
  return faults.length === 0 ? '' : formatFieldErrors(faults);
}
