import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionVersion,
  CustomResourceSubresourceScale,
  SelectableField,
} from '../generated/kubernetes.ts';
import { deepEqual, trusted } from '#kit/json.ts';
import { duplicate, invalid, notSupported, required, tooMany } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { checkStructural } from '../structural/check-schema.ts';
import { plainMembers } from '../structural/json-path.ts';
import { propertyOf, type StructuralSchema } from '../structural/schema.ts';

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
/** apiextensions `MaxSelectableFields`. */
const MAX_SELECTABLE_FIELDS = 8;
const SELECTABLE_TYPES = ['string', 'boolean', 'integer'];

/** The schema of a version; the check of the body's types made sure of its form. */
export function schemaOf(version: CustomResourceDefinitionVersion): StructuralSchema | undefined {
  return trusted<StructuralSchema | undefined>(version.schema?.openAPIV3Schema);
}

type Shared = 'schema' | 'subresources' | 'selectableFields' | 'additionalPrinterColumns';

/**
 * Where upstream's answers place a part of a version: at the top of the spec where all versions have the same (it reads definitions so), which is told once.
 * Undefined for the versions after the first then.
 */
export function placeOf(versions: readonly CustomResourceDefinitionVersion[], index: number, part: Shared): string | undefined {
  const isShared = versions.every((version) => deepEqual(version[part], versions[0]?.[part]));
  if (!isShared) return `spec.versions[${index}].${part}`;
  if (index > 0) return undefined;
  return part === 'schema' ? 'spec.validation' : `spec.${part}`;
}

/** Faults of the version of a definition at `index`. */
export function validateDefinitionVersion(versions: readonly CustomResourceDefinitionVersion[], index: number): readonly FieldError[] {
  const version = versions[index];
  if (version === undefined) return [];
  const schema = schemaOf(version);
  const { deprecated, deprecationWarning, subresources } = version;
  const field = `spec.versions[${index}]`;
  const at = (part: Shared, check: (place: string) => readonly FieldError[]): readonly FieldError[] => {
    const place = placeOf(versions, index, part);
    return place === undefined ? [] : check(place);
  };
  return [
    // why the version's own place where there is none: upstream asks each for its schema
    ...(schema === undefined
      ? [required(`${field}.schema.openAPIV3Schema`, 'schemas are required')]
      : at('schema', (place) => checkStructural(schema, `${place}.openAPIV3Schema`))),
    ...at('additionalPrinterColumns', (place) =>
      (version.additionalPrinterColumns ?? []).flatMap((column, number) => validateColumn(column, `${place}[${number}]`)),
    ),
    ...at('subresources', (place) => (subresources?.scale === undefined ? [] : validateScale(subresources.scale, `${place}.scale`))),
    ...at('selectableFields', (place) => validateSelectable(version.selectableFields ?? [], schema, place)),
    ...(deprecationWarning !== undefined && deprecated !== true
      ? [invalid(`${field}.deprecationWarning`, deprecationWarning, 'can only be set for deprecated versions')]
      : []),
  ];
}

function validateColumn(column: CustomResourceColumnDefinition, field: string): readonly FieldError[] {
  const { name, type, format = '', jsonPath } = column;
  const faults: FieldError[] = [];
  if (name === '') faults.push(required(`${field}.name`));
  if (!COLUMN_TYPES.includes(type))
    faults.push(type === '' ? required(`${field}.type`) : notSupported(`${field}.type`, type, COLUMN_TYPES));
  if (format !== '' && !COLUMN_FORMATS.includes(format)) faults.push(notSupported(`${field}.format`, format, COLUMN_FORMATS));
  if (jsonPath === '') faults.push(required(`${field}.jsonPath`));
  // why no more: published definitions have paths that nobody can follow; the table then has the usual columns
  else if (!jsonPath.startsWith('.')) faults.push(invalid(`${field}.jsonPath`, jsonPath, 'must be a simple json path starting with .'));
  return faults;
}

function validateScale(scale: CustomResourceSubresourceScale, field: string): readonly FieldError[] {
  return [
    ...validateScalePath(scale.specReplicasPath, ['spec'], `${field}.specReplicasPath`),
    ...validateScalePath(scale.statusReplicasPath, ['status'], `${field}.statusReplicasPath`),
    ...(scale.labelSelectorPath === undefined || scale.labelSelectorPath === ''
      ? []
      : validateScalePath(scale.labelSelectorPath, ['spec', 'status'], `${field}.labelSelectorPath`)),
  ];
}

function validateScalePath(path: string, roots: readonly string[], field: string): readonly FieldError[] {
  if (path === '') return [required(field)];
  const members = plainMembers(path);
  if (members === undefined) return [invalid(field, path, 'must be a JSONPath of members only, for example .spec.replicas')];
  const [root = ''] = members;
  return roots.includes(root) && members.length > 1
    ? []
    : [invalid(field, path, `should be a json path under ${roots.map((name) => `.${name}`).join(' or ')}`)];
}

function validateSelectable(
  fields: readonly SelectableField[],
  schema: StructuralSchema | undefined,
  field: string,
): readonly FieldError[] {
  const faults: FieldError[] = fields.length > MAX_SELECTABLE_FIELDS ? [tooMany(field, fields.length, MAX_SELECTABLE_FIELDS)] : [];
  const paths = fields.map(({ jsonPath }) => jsonPath);
  for (const [index, path] of paths.entries()) {
    const at = `${field}[${index}].jsonPath`;
    const members = plainMembers(path);
    if (members === undefined) faults.push(invalid(at, path, 'must be a JSONPath of members only, for example .spec.color'));
    else if (members[0] === 'metadata') faults.push(invalid(at, path, 'must not point to fields in metadata'));
    else faults.push(...validateSelected(members, schema, at));
    if (paths.indexOf(path) < index) faults.push(duplicate(at, path));
  }
  return faults;
}

function validateSelected(members: readonly string[], schema: StructuralSchema | undefined, field: string): readonly FieldError[] {
  const path = `.${members.join('.')}`;
  let found = schema;
  for (const member of members) found = found === undefined ? undefined : propertyOf(found, member);
  if (found === undefined) return [invalid(field, path, 'does not refer to a valid field: the schema does not name it')];
  return SELECTABLE_TYPES.includes(found.type ?? '')
    ? []
    : [invalid(field, path, 'must point to a field of type string, boolean or integer')];
}
