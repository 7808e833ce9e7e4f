import type { ClusterRoleBinding, RoleBinding, RoleRef, Subject } from '../generated/kubernetes.ts';
import { deepEqual } from '#kit/json.ts';
import { invalid, notSupported, required } from '../meta/field-error.ts';
import type { FieldError, KindDefinition, TableColumn } from '../meta/kind.ts';
import { validateMetadata } from '../meta/validate-metadata.ts';
import { dns1123Subdomain, pathSegment } from '../meta/validate-name.ts';
import { clusterRoleBindings, RBAC_GROUP, roleBindings } from '../resources.ts';
import { ageColumn, column, nameColumn } from './columns.ts';

type Binding = RoleBinding | ClusterRoleBinding;

/** rbac.authorization.k8s.io/v1 RoleBinding. */
export const roleBindingKind: KindDefinition<RoleBinding> = {
  resource: roleBindings,
  schema: 'io.k8s.api.rbac.v1.RoleBinding',
  subresources: [],
  applyDefaults,
  prepareForCreate: (binding) => binding,
  validate: (binding) => [
    ...validateMetadata(binding.metadata, { isNamespaced: true, name: pathSegment }),
    ...validateRoleRef(binding, ['Role', 'ClusterRole']),
    ...validateSubjects(binding.subjects, { isNamespaced: true }),
  ],
  validateUpdate: keepRoleRef,
  selectableFields: {},
  columns: columns(),
  initialFinalizers: [],
  deletionGraceSec: () => 0,
};

/** rbac.authorization.k8s.io/v1 ClusterRoleBinding. */
export const clusterRoleBindingKind: KindDefinition<ClusterRoleBinding> = {
  resource: clusterRoleBindings,
  schema: 'io.k8s.api.rbac.v1.ClusterRoleBinding',
  subresources: [],
  applyDefaults,
  prepareForCreate: (binding) => binding,
  validate: (binding) => [
    ...validateMetadata(binding.metadata, { isNamespaced: false, name: pathSegment }),
    ...validateRoleRef(binding, ['ClusterRole']),
    ...validateSubjects(binding.subjects, { isNamespaced: false }),
  ],
  validateUpdate: keepRoleRef,
  selectableFields: {},
  columns: columns(),
  initialFinalizers: [],
  deletionGraceSec: () => 0,
};

/** Groups that are left out (rbac/v1 defaults.go): a role's, and that of users and groups. */
function applyDefaults<B extends Binding>(binding: B): B {
  const { subjects } = binding;
  const roleRef: Partial<RoleRef> = { ...binding.roleRef };
  return {
    ...binding,
    roleRef: { ...roleRef, apiGroup: roleRef.apiGroup === undefined || roleRef.apiGroup === '' ? RBAC_GROUP : roleRef.apiGroup },
    ...(subjects === undefined ? {} : { subjects: subjects.map(withGroup) }),
  };
}

function withGroup(subject: Subject): Subject {
  const isNamedByGroup = subject.kind === 'User' || subject.kind === 'Group';
  return isNamedByGroup && (subject.apiGroup ?? '') === '' ? { ...subject, apiGroup: RBAC_GROUP } : subject;
}

function validateRoleRef({ roleRef }: Binding, kinds: readonly string[]): readonly FieldError[] {
  const { apiGroup, kind, name }: Partial<RoleRef> = roleRef;
  const faults: FieldError[] = [];
  if (apiGroup !== RBAC_GROUP) faults.push(notSupported('roleRef.apiGroup', apiGroup, [RBAC_GROUP]));
  if (!kinds.includes(kind ?? '')) faults.push(notSupported('roleRef.kind', kind ?? '', kinds));
  if (name === undefined || name === '') faults.push(required('roleRef.name'));
  else faults.push(...pathSegment(name).map((fault) => invalid('roleRef.name', name, fault)));
  return faults;
}

function validateSubjects(subjects: readonly Subject[] | undefined, scope: Scope): readonly FieldError[] {
  return (subjects ?? []).flatMap((subject, index) => validateSubject(subject, `subjects[${index}]`, scope));
}

const SUBJECT_KINDS = ['ServiceAccount', 'User', 'Group'];

interface Scope {
  readonly isNamespaced: boolean;
}

function validateSubject(subject: Partial<Subject>, field: string, scope: Scope): readonly FieldError[] {
  const { name = '', apiGroup = '', kind = '' } = subject;
  const faults = name === '' ? [required(`${field}.name`)] : [];
  if (kind === 'ServiceAccount') return [...faults, ...validateServiceAccount(subject, field, scope)];
  if (!SUBJECT_KINDS.includes(kind)) return [...faults, notSupported(`${field}.kind`, kind, SUBJECT_KINDS)];
  return apiGroup === RBAC_GROUP ? faults : [...faults, notSupported(`${field}.apiGroup`, apiGroup, [RBAC_GROUP])];
}

function validateServiceAccount(subject: Partial<Subject>, field: string, { isNamespaced }: Scope): readonly FieldError[] {
  const { name = '', apiGroup = '', namespace = '' } = subject;
  return [
    ...(name === '' ? [] : dns1123Subdomain(name).map((fault) => invalid(`${field}.name`, name, fault))),
    ...(apiGroup === '' ? [] : [notSupported(`${field}.apiGroup`, apiGroup, [''])]),
    ...(isNamespaced || namespace !== '' ? [] : [required(`${field}.namespace`)]),
  ];
}

/** What a binding grants can't be exchanged: who may change subjects must not thereby grant other rights. */
function keepRoleRef(next: Binding, previous: Binding): readonly FieldError[] {
  return deepEqual(next.roleRef, previous.roleRef) ? [] : [invalid('roleRef', next.roleRef, 'cannot change roleRef')];
}

function columns<B extends Binding>(): readonly TableColumn<B>[] {
  const subjectsOf = (kind: string) => (binding: B) =>
    (binding.subjects ?? [])
      .filter((subject) => subject.kind === kind)
      .map(({ name, namespace }) => (kind === 'ServiceAccount' ? `${namespace ?? ''}/${name}` : name))
      .join(', ');
  return [
    nameColumn(),
    column({ name: 'Role', description: 'Whose rights it grants.' }, ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`),
    ageColumn(),
    column({ name: 'Users', description: 'Users who get the rights.', isWide: true }, subjectsOf('User')),
    column({ name: 'Groups', description: 'Groups whose members get the rights.', isWide: true }, subjectsOf('Group')),
    column({ name: 'ServiceAccounts', description: 'Service accounts that get the rights.', isWide: true }, subjectsOf('ServiceAccount')),
  ];
}
