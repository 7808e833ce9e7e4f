import { deepEqual } from '#kit/json.ts';
import { forbidden, invalid, required } from './field-error.ts';
import type { FieldError } from './kind.ts';
import type { ObjectMeta, OwnerReference } from './object.ts';
import { validateAnnotations, validateLabels } from './validate-labels.ts';
import { dns1123Label, qualifiedName, type NameRule } from './validate-name.ts';

/** What a kind asks of its metadata. */
export interface MetadataRules {
  readonly isNamespaced: boolean;
  /** What a name may look like. */
  readonly name: NameRule;
  /** True where finalizers need no prefix: kinds that are not the core's own (apimachinery `ValidateFinalizerName`). */
  readonly hasPlainFinalizers?: true;
}

/** Finalizers without a prefix that the API knows (core/v1 and meta/v1). */
export const STANDARD_FINALIZERS: ReadonlySet<string> = new Set(['kubernetes', 'orphan', 'foregroundDeletion']);

const OWNER_FIELDS = [
  ['apiVersion', 'version must not be empty'],
  ['kind', 'must not be empty'],
  ['name', 'must not be empty'],
  ['uid', 'must not be empty'],
] as const;

/** Texts of apimachinery pkg/api/validation/objectmeta.go. */
const IMMUTABLE = 'field is immutable';

/** Faults of the metadata of a new or changed object. */
export function validateMetadata(metadata: ObjectMeta, rules: MetadataRules, field = 'metadata'): readonly FieldError[] {
  return [
    ...validateNames(metadata, rules, field),
    ...validateLabels(metadata.labels, `${field}.labels`),
    ...validateAnnotations(metadata.annotations, `${field}.annotations`),
    ...validateOwners(metadata.ownerReferences ?? [], `${field}.ownerReferences`),
    ...validateFinalizers(metadata.finalizers ?? [], rules, `${field}.finalizers`),
  ];
}

/** Faults of a change of metadata: what identifies an object stays. */
export function validateMetadataUpdate(next: ObjectMeta, previous: ObjectMeta, field = 'metadata'): readonly FieldError[] {
  const faults: FieldError[] = [];
  const immutable = ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const;
  for (const key of immutable) {
    if ((next[key] ?? '') !== (previous[key] ?? '')) faults.push(invalid(`${field}.${key}`, next[key], IMMUTABLE));
  }
  if (previous.deletionTimestamp !== undefined) {
    const before = new Set(previous.finalizers);
    const added = (next.finalizers ?? []).filter((finalizer) => !before.has(finalizer));
    if (added.length > 0) {
      const found = `found new finalizers []string{${added.map((item) => JSON.stringify(item)).join(', ')}}`;
      faults.push(forbidden(`${field}.finalizers`, `no new finalizers can be added if the object is being deleted, ${found}`));
    }
  }
  return faults;
}

/** One fault where `next` differs from `previous` (undefined equals absent). */
export function immutableField(next: unknown, previous: unknown, field: string): readonly FieldError[] {
  return deepEqual(next, previous) ? [] : [invalid(field, next, IMMUTABLE)];
}

function validateNames(metadata: ObjectMeta, rules: MetadataRules, field: string): readonly FieldError[] {
  const faults: FieldError[] = [];
  if (metadata.name === '') faults.push(required(`${field}.name`, 'name or generateName is required'));
  else faults.push(...rules.name(metadata.name).map((fault) => invalid(`${field}.name`, metadata.name, fault)));
  if (!rules.isNamespaced) {
    if ((metadata.namespace ?? '') !== '') faults.push(forbidden(`${field}.namespace`, 'not allowed on this type'));
  } else if ((metadata.namespace ?? '') === '') {
    faults.push(required(`${field}.namespace`));
  } else {
    faults.push(...dns1123Label(metadata.namespace ?? '').map((fault) => invalid(`${field}.namespace`, metadata.namespace, fault)));
  }
  return faults;
}

function validateOwners(owners: readonly OwnerReference[], field: string): readonly FieldError[] {
  const faults: FieldError[] = [];
  for (const owner of owners) {
    for (const [key, detail] of OWNER_FIELDS) {
      const value = owner[key] ?? '';
      if (value === '') faults.push(invalid(`${field}.${key}`, value, detail));
    }
  }
  const controllers = owners.filter((owner) => owner.controller === true);
  if (controllers.length > 1) {
    const names = controllers.map((owner) => `${owner.kind}/${owner.name}`).join(', ');
    faults.push(invalid(field, owners, `Only one reference can have Controller set to true. Found ${names}`));
  }
  return faults;
}

function validateFinalizers(finalizers: readonly string[], { hasPlainFinalizers }: MetadataRules, field: string): readonly FieldError[] {
  const faults = finalizers.flatMap((finalizer) => [
    ...qualifiedName(finalizer).map((fault) => invalid(field, finalizer, fault)),
    ...(hasPlainFinalizers === true || finalizer.includes('/') || STANDARD_FINALIZERS.has(finalizer) || qualifiedName(finalizer).length > 0
      ? []
      : [invalid(field, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')]),
  ]);
  if (finalizers.includes('orphan') && finalizers.includes('foregroundDeletion')) {
    faults.push(invalid(field, finalizers, 'finalizer orphan and foregroundDeletion cannot be both set'));
  }
  return faults;
}
