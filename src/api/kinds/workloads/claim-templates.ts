import { deepEqual } from '#kit/json.ts';
import { compareQuantity, parseQuantity, type Quantity } from '#kit/quantity.ts';
import type { PersistentVolumeClaim, PersistentVolumeClaimSpec } from '../../generated/kubernetes.ts';
import { invalid } from '../../meta/field-error.ts';
import type { FieldError } from '../../meta/kind.ts';
import { validateAnnotations, validateLabels } from '../../meta/validate-labels.ts';
import { STORAGE_CLASS_BETA } from '../../storage/names.ts';
import { validateClaimSpec } from '../claim-spec.ts';
import { without } from '../defaulting.ts';

const FIELD = 'spec.volumeClaimTemplates';
const MAY_CHANGE =
  'of a claim template only spec.resources.requests.storage (up), spec.volumeAttributesClassName, metadata.labels and metadata.annotations can change';
const ANEW = 'or make a StatefulSet of another name with it and copy the data';

/** Faults of a change of a StatefulSet's claim templates: what KEP-4650 lets change changes, and a size only grows (kubernetes#68737). */
export function validateClaimTemplates(
  next: readonly PersistentVolumeClaim[],
  previous: readonly PersistentVolumeClaim[],
): readonly FieldError[] {
  const [after, before] = [next.map(nameOf), previous.map(nameOf)];
  if (!deepEqual(after, before)) {
    const detail = `templates can't be added, removed, renamed or put in another order: keep ${JSON.stringify(before)}, ${ANEW}`;
    return [invalid(FIELD, after, detail)];
  }
  return previous.flatMap((template, index) => {
    const changed = next[index];
    return changed === undefined || deepEqual(changed, template) ? [] : validateChange(changed, template, `${FIELD}[${index}]`);
  });
}

function nameOf({ metadata }: PersistentVolumeClaim): string {
  // why: a template may lack its metadata, which validation of its pods tells
  const named: PersistentVolumeClaim['metadata'] | undefined = metadata;
  return named?.name ?? '';
}

function validateChange(next: PersistentVolumeClaim, previous: PersistentVolumeClaim, field: string): readonly FieldError[] {
  // why copies: a template may lack its metadata
  const [after, before] = [{ ...next.metadata }, { ...previous.metadata }];
  return [
    ...changedMembers(without(next, 'metadata', 'spec'), without(previous, 'metadata', 'spec'), field),
    ...changedMembers(without(after, 'labels', 'annotations'), without(before, 'labels', 'annotations'), `${field}.metadata`),
    // why: the annotation of before v1.6 names the class of the claims as the field does
    ...changedMembers(classOf(after.annotations), classOf(before.annotations), `${field}.metadata.annotations`),
    ...changedMembers(fixedSpec(next.spec), fixedSpec(previous.spec), `${field}.spec`),
    ...validateShrink(next, previous, `${field}.spec.resources.requests.storage`),
    ...validateClaimSpec(next.spec, `${field}.spec`),
    ...validateLabels(after.labels, `${field}.metadata.labels`),
    ...validateAnnotations(after.annotations, `${field}.metadata.annotations`),
  ];
}

function classOf(annotations: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> {
  const name = annotations?.[STORAGE_CLASS_BETA];
  return name === undefined ? {} : { [STORAGE_CLASS_BETA]: name };
}

/** What of a template's spec stays: all but the size, and the class of attributes. */
function fixedSpec(spec: PersistentVolumeClaimSpec): PersistentVolumeClaimSpec {
  const rest = without(spec, 'volumeAttributesClassName');
  return { ...rest, resources: { ...rest.resources, requests: { ...rest.resources?.requests, storage: '' } } };
}

function changedMembers(next: object, previous: object, field: string): readonly FieldError[] {
  const [after, before] = [new Map<string, unknown>(Object.entries(next)), new Map<string, unknown>(Object.entries(previous))];
  const keys = [...new Set([...after.keys(), ...before.keys()])].toSorted();
  return keys
    .filter((key) => !deepEqual(after.get(key), before.get(key)))
    .map((key) => {
      const kept = before.has(key) ? `keep ${JSON.stringify(before.get(key))}` : 'leave it out';
      return invalid(`${field}.${key}`, after.get(key), `field is immutable: ${MAY_CHANGE}; ${kept}, ${ANEW}`);
    });
}

function validateShrink(next: PersistentVolumeClaim, previous: PersistentVolumeClaim, field: string): readonly FieldError[] {
  const [after, before] = [sizeOf(next), sizeOf(previous)];
  if (after === undefined || before === undefined || compareQuantity(after, before) >= 0) return [];
  const had = previous.spec.resources?.requests?.['storage'] ?? '';
  const detail = `can not be less than ${had}, which it was before, for volumes can only grow: give ${had} or more, ${ANEW}`;
  return [invalid(field, next.spec.resources?.requests?.['storage'], detail)];
}

function sizeOf({ spec }: PersistentVolumeClaim): Quantity | undefined {
  const parsed = parseQuantity(spec.resources?.requests?.['storage'] ?? '');
  return parsed.ok ? parsed.value : undefined;
}
