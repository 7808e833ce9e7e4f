import { isEmbeddedResource, isIntOrString, type StructuralSchema } from '#api/structural/schema.ts';
import { isRecord } from '#kit/json.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listType,
  mapType,
  objectType,
  STRING,
  TIMESTAMP,
  type Type,
} from '../../cel/check/types.ts';
import { type Estimate, UNBOUNDED } from '../../cel/cost/estimate-range.ts';
import { escapeName, namesOf, OBJECT_SCHEMAS } from './cel-value.ts';

/** What rules know of a value by its schema (apiserver pkg/cel/common/schemas.go). */
export interface DeclaredType {
  readonly type: Type;
  /** Most items, entries or characters. */
  readonly maxElements: number;
  /** Least bytes as JSON. */
  readonly minBytes: number;
  /** Of a list, or the values of a map. */
  readonly element?: DeclaredType;
  readonly key?: DeclaredType;
  /** By the names that rules use. */
  readonly fields?: ReadonlyMap<string, DeclaredType>;
}

/** The largest body of a request, in bytes (apiserver `MaxRequestSizeBytes`). */
const MAX_BYTES = 3_145_728;
/** Characters of UTF-8 take at most this many bytes. */
const BYTES_PER_CHARACTER = 4;
/** Bytes of an entry beside its value: quotes, colon, comma, and the shortest key. */
const ENTRY_BYTES = 6;
/** Bytes of a field beside name and value. */
const FIELD_BYTES = 4;
const EMPTY_BYTES = 2;

const TEXTS: Readonly<Record<string, { readonly type: Type; readonly minBytes: number; readonly max: number }>> = {
  duration: { type: DURATION, minBytes: 3, max: 32 },
  date: { type: TIMESTAMP, minBytes: 12, max: 12 },
  'date-time': { type: TIMESTAMP, minBytes: 21, max: 32 },
};
const SCALARS: Readonly<Record<string, DeclaredType>> = {
  boolean: { type: BOOL, maxElements: 0, minBytes: 4 },
  number: { type: DOUBLE, maxElements: 0, minBytes: 1 },
  integer: { type: INT, maxElements: 0, minBytes: 1 },
};

/** Undefined for what rules do not see: what a schema says nothing of. `name` tells types of objects apart. */
export function declareSchema(schema: StructuralSchema, name: string, isObjectRoot = false): DeclaredType | undefined {
  if (isIntOrString(schema)) return { type: DYN, maxElements: textLength(schema, MAX_BYTES - EMPTY_BYTES), minBytes: 1 };
  switch (schema.type) {
    case 'array':
      return declareList(schema, name);
    case 'object':
      return isRecord(schema.additionalProperties)
        ? declareMap(schema, name)
        : declareObject(schema, name, isObjectRoot || isEmbeddedResource(schema));
    case 'string':
      return declareText(schema);
    default:
      return SCALARS[schema.type ?? ''];
  }
}

function declareList({ items, maxItems }: StructuralSchema, name: string): DeclaredType | undefined {
  const element = items === undefined ? undefined : declareSchema(items, `${name}.@idx`);
  if (element === undefined) return undefined;
  const maxElements = maxItems ?? Math.floor((MAX_BYTES - EMPTY_BYTES) / (element.minBytes + 1));
  return { type: listType(element.type), maxElements: Math.max(0, maxElements), minBytes: EMPTY_BYTES, element };
}

const KEY: DeclaredType = { type: STRING, maxElements: 0, minBytes: EMPTY_BYTES };

function declareMap({ additionalProperties, maxProperties }: StructuralSchema, name: string): DeclaredType | undefined {
  const element = isRecord(additionalProperties) ? declareSchema(additionalProperties, `${name}.@elem`) : undefined;
  if (element === undefined) return undefined;
  const maxElements = maxProperties ?? Math.floor((MAX_BYTES - EMPTY_BYTES) / (element.minBytes + ENTRY_BYTES));
  return { type: mapType(STRING, element.type), maxElements: Math.max(0, maxElements), minBytes: EMPTY_BYTES, element, key: KEY };
}

function declareObject(schema: StructuralSchema, name: string, isObjectRoot: boolean): DeclaredType {
  const own = Object.entries(schema.properties ?? {});
  const entries = isObjectRoot ? [...own.filter(([key]) => !OBJECT_SCHEMAS.has(key)), ...OBJECT_SCHEMAS] : own;
  const required = new Set(schema.required);
  const fields = new Map<string, DeclaredType>();
  let minBytes = EMPTY_BYTES;
  for (const [key, property] of entries) {
    const escaped = escapeName(key);
    const declared = declareSchema(property, `${name}.${escaped ?? key}`);
    if (declared === undefined) continue;
    for (const field of namesOf(key)) fields.set(field, declared);
    if (required.has(key) && property.default === undefined) minBytes += key.length + declared.minBytes + FIELD_BYTES;
  }
  const type = objectType(name, new Map([...fields].map(([key, field]) => [key, field.type])));
  return { type, maxElements: 0, minBytes, fields };
}

function declareText(schema: StructuralSchema): DeclaredType {
  const { format = '', maxLength, enum: allowed } = schema;
  if (format === 'byte') return { type: BYTES, maxElements: maxLength ?? MAX_BYTES - EMPTY_BYTES, minBytes: EMPTY_BYTES };
  const formatted = Object.hasOwn(TEXTS, format) ? TEXTS[format] : undefined;
  if (formatted !== undefined) return { type: formatted.type, maxElements: formatted.max, minBytes: formatted.minBytes };
  const longest = Math.max(0, ...(allowed ?? []).map((value) => (typeof value === 'string' ? value.length : 0)));
  const fallback = allowed !== undefined && allowed.length > 0 ? longest : MAX_BYTES - EMPTY_BYTES;
  return { type: STRING, maxElements: textLength(schema, fallback), minBytes: EMPTY_BYTES };
}

function textLength({ maxLength }: StructuralSchema, fallback: number): number {
  return maxLength === undefined ? fallback : Math.max(0, maxLength) * BYTES_PER_CHARACTER;
}

/** How large what stands at a path below `root` can be; the first step is the variable. Undefined where the schema does not tell. */
export function sizeAtPath(root: DeclaredType, path: readonly string[]): Estimate | undefined {
  let declared: DeclaredType | undefined = root;
  for (const step of path.slice(1)) {
    if (declared === undefined) return undefined;
    if (step === '@items' || step === '@values') declared = declared.element;
    else declared = step === '@keys' ? declared.key : declared.fields?.get(step);
  }
  return declared === undefined ? undefined : { min: 0, max: Math.min(declared.maxElements, UNBOUNDED) };
}

/** How often a value of this type can be in one object at most. */
export function maxCardinality({ minBytes }: DeclaredType): number {
  return Math.floor(MAX_BYTES / (minBytes + 1));
}
