import type {
  CustomResourceColumnDefinition,
  CustomResourceDefinitionVersion,
  CustomResourceSubresourceScale,
  SelectableField,
} from '../generated/kubernetes.ts';
import { trusted } from '#kit/json.ts';
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

/** Faults of one version of a definition. */
export function validateDefinitionVersion(version: CustomResourceDefinitionVersion, field: string): readonly FieldError[] {
  const schema = schemaOf(version);
  const { deprecated, deprecationWarning, subresources } = version;
  return [
    ...(schema === undefined
      ? [required(`${field}.schema.openAPIV3Schema`, 'schemas are required')]
      : checkStructural(schema, `${field}.schema.openAPIV3Schema`)),
    ...(version.additionalPrinterColumns ?? []).flatMap((column, index) =>
      validateColumn(column, `${field}.additionalPrinterColumns[${index}]`),
    ),
    ...(subresources?.scale === undefined ? [] : validateScale(subresources.scale, `${field}.subresources.scale`)),
    ...validateSelectable(version.selectableFields ?? [], schema, `${field}.selectableFields`),
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
