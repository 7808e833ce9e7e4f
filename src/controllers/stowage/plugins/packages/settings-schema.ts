import { formatFieldError } from '#api/meta/field-error.ts';
import type { SettingsSchema } from '#api/plugins/plugin-settings.ts';
import { checkStructural } from '#api/structural/check-schema.ts';
import { fail, ok, type Result } from '#kit/errors.ts';
import { isRecord, trusted } from '#kit/json.ts';

/** Deeper than any setting is. */
const MAX_DEPTH = 10;

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';
const isBoolean: Check = (value) => typeof value === 'boolean';
const isList: Check = (value) => Array.isArray(value);
const areTexts: Check = (value) => Array.isArray(value) && value.every(isText);

/** What a schema of settings may say, beside its members: the words of JSON schema that settings are checked by. */
const WORDS: ReadonlyMap<string, Check> = new Map([
  ['type', isText],
  ['description', isText],
  ['default', () => true],
  ['enum', isList],
  ['pattern', isText],
  ['format', isText],
  ['nullable', isBoolean],
  ['required', areTexts],
  ['uniqueItems', isBoolean],
  ...['minimum', 'maximum', 'multipleOf', 'minLength', 'maxLength', 'minItems', 'maxItems', 'minProperties', 'maxProperties'].map(
    (word) => [word, isNumber] as const,
  ),
]);
/** Those that hold schemas. */
const HOLDERS = ['properties', 'items', 'additionalProperties'];

/** The schema of the settings of a package. Pure. The error names the field and what is right. */
export function parseSettingsSchema(value: Readonly<Record<string, unknown>>): Result<SettingsSchema> {
  if (value['type'] !== 'object' || !isRecord(value['properties'])) return fail('settings: has to be {type: object, properties: {…}}');
  const fault = shapeFault(value, 'settings', 0);
  if (fault !== undefined) return fail(fault);
  // why trusted: each word of it was looked at
  const schema = trusted<SettingsSchema>(value);
  const [wrong] = checkStructural(schema, 'settings');
  return wrong === undefined ? ok(schema) : fail(formatFieldError(wrong));
}

function shapeFault(value: unknown, field: string, depth: number): string | undefined {
  if (!isRecord(value) || typeof value['type'] !== 'string') return `${field}: has to be a schema with its type`;
  if (depth > MAX_DEPTH) return `${field}: is deeper than ${MAX_DEPTH} levels`;
  for (const [word, content] of Object.entries(value)) {
    const isRight = WORDS.get(word);
    const fault = isRight === undefined ? holderFault(word, content, { field, depth }) : undefined;
    if (fault !== undefined) return fault;
    if (isRight?.(content) === false) return `${field}.${word}: ${JSON.stringify(content)}: is not what stands there in a schema`;
  }
  return undefined;
}

function holderFault(
  word: string,
  content: unknown,
  { field, depth }: { readonly field: string; readonly depth: number },
): string | undefined {
  if (word === 'items' || word === 'additionalProperties') return shapeFault(content, `${field}.${word}`, depth + 1);
  if (word !== 'properties') return `${field}.${word}: there is no such word: there are ${[...WORDS.keys(), ...HOLDERS].join(', ')}`;
  if (!isRecord(content)) return `${field}.properties: has to be schemas by name`;
  return Object.entries(content)
    .map(([name, schema]) => shapeFault(schema, `${field}.properties.${name}`, depth + 1))
    .find((fault) => fault !== undefined);
}
