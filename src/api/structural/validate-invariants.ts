import { isRecord, trusted } from '#kit/json.ts';
import { duplicate, invalid, required } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import type { ObjectMeta } from '../meta/object.ts';
import { validateMetadata } from '../meta/validate-metadata.ts';
import { dns1035Label, pathSegment } from '../meta/validate-name.ts';
import { checkAgainstSchema } from '../schema/check.ts';
import { OBJECT_META } from '../schema/definitions.ts';
import { identityOf, keysOf } from './previous-items.ts';
import { isEmbeddedResource, memberOf, memberPath, type StructuralSchema } from './schema.ts';

/** Most faults of an object that are told. */
const MAX_FAULTS = 100;

interface Place {
  readonly schema: StructuralSchema;
  readonly path: string;
}

type Check = (place: Place, value: unknown) => readonly FieldError[];

/** Repeated items of sets, and items of maps with the same keys (apiextensions pkg/apiserver/schema/listtype). */
export function validateLists(schema: StructuralSchema, value: unknown, path: string): readonly FieldError[] {
  return collect({ schema, path }, value, checkList);
}

/** Objects inside an object that do not say what they are, or whose metadata is none (apiextensions pkg/apiserver/schema/objectmeta). */
export function validateEmbedded(schema: StructuralSchema, value: unknown, path: string): readonly FieldError[] {
  return collect({ schema, path }, value, checkEmbedded);
}

function collect(root: Place, value: unknown, check: Check): readonly FieldError[] {
  const faults: FieldError[] = [];
  const visit = (place: Place, inner: unknown): void => {
    if (faults.length >= MAX_FAULTS) return;
    faults.push(...check(place, inner));
    const { items } = place.schema;
    if (Array.isArray(inner)) {
      if (items !== undefined) inner.forEach((item, index) => visit({ schema: items, path: `${place.path}[${index}]` }, item));
    } else if (isRecord(inner)) {
      for (const [key, member] of Object.entries(inner)) {
        const schema = memberOf(place.schema, key);
        if (schema !== undefined) visit({ schema, path: memberPath(place.path, key) }, member);
      }
    }
  };
  visit(root, value);
  return faults;
}

function checkList({ schema, path }: Place, value: unknown): readonly FieldError[] {
  const listType = schema['x-kubernetes-list-type'];
  if (!Array.isArray(value) || (listType !== 'set' && listType !== 'map')) return [];
  const seen = new Set<string>();
  return value.flatMap((item: unknown, index) => {
    const identity = identityOf(schema, item);
    if (seen.has(identity)) return [duplicate(`${path}[${index}]`, keysOf(schema, item))];
    seen.add(identity);
    return [];
  });
}

function checkEmbedded({ schema, path }: Place, value: unknown): readonly FieldError[] {
  if (!isEmbeddedResource(schema) || !isRecord(value)) return [];
  return [...checkVersion(value['apiVersion'], path), ...checkKind(value['kind'], path), ...checkMetadata(value['metadata'], path)];
}

function checkText(given: unknown, field: string): readonly FieldError[] {
  if (given === undefined || given === '') return [required(field, 'must not be empty')];
  return typeof given === 'string' ? [] : [invalid(field, given, 'must be a string')];
}

function checkVersion(given: unknown, path: string): readonly FieldError[] {
  const field = memberPath(path, 'apiVersion');
  const faults = checkText(given, field);
  if (faults.length > 0 || typeof given !== 'string' || given.split('/').length <= 2) return faults;
  return [invalid(field, given, `unexpected GroupVersion string: ${given}: write a version, or a group and a version such as apps/v1`)];
}

function checkKind(given: unknown, path: string): readonly FieldError[] {
  const field = memberPath(path, 'kind');
  const faults = checkText(given, field);
  if (faults.length > 0 || typeof given !== 'string') return faults;
  return dns1035Label(given.toLowerCase()).map((fault) =>
    invalid(field, given, `may have mixed case, but should otherwise match: ${fault}`),
  );
}

function checkMetadata(given: unknown, path: string): readonly FieldError[] {
  if (given === undefined) return [];
  const field = memberPath(path, 'metadata');
  const { errors } = checkAgainstSchema(OBJECT_META, given);
  if (errors.length > 0)
    return errors.map((fault) => invalid(fault.field === '' ? field : `${field}.${fault.field}`, fault.value, fault.message));
  const metadata = trusted<Partial<ObjectMeta>>(given);
  const { name = '', namespace = '' } = metadata;
  // why a name: an object inside an object needs none, and has to have one for the check of all others
  const named = trusted<ObjectMeta>({ ...metadata, name: name === '' ? 'unnamed' : name });
  return validateMetadata(named, { isNamespaced: namespace !== '', name: pathSegment, hasPlainFinalizers: true }, field);
}
