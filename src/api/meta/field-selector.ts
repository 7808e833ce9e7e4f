import { fail, ok, type Result } from '#kit/errors.ts';
import type { KindDefinition } from './kind.ts';
import type { KubeObject } from './object.ts';

/** What a field must equal or not equal; a field selector is a list of these, all of which must hold. */
export interface FieldRequirement {
  readonly field: string;
  readonly isEqual: boolean;
  readonly value: string;
}

/** Reads the text form of a field selector (`fieldSelector` of a request); the empty text selects everything. */
export function parseFieldSelector(text: string): Result<readonly FieldRequirement[]> {
  const requirements: FieldRequirement[] = [];
  for (const part of splitUnescaped(text)) {
    if (part === '') continue;
    const match = /^([^=!\\]+)(==|=|!=)((?:[^\\]|\\.)*)$/s.exec(part);
    if (match === null) {
      return fail(
        `invalid selector: ${JSON.stringify(text)}; can't understand ${JSON.stringify(part)}: write FIELD=VALUE or FIELD!=VALUE, separated by commas`,
      );
    }
    const [, field = '', sign, value = ''] = match;
    // why: upstream refuses a value with a bare `=`; escapes are \\ \, \=
    if (/(^|[^\\])(\\\\)*=/.test(value)) return fail(`invalid field selector: unescaped character in value: ${JSON.stringify(value)}`);
    requirements.push({ field, isEqual: sign !== '!=', value: value.replaceAll(/\\([\\,=])/g, '$1') });
  }
  return ok(requirements);
}

/** The first field of `requirements` that objects of `kind` can't be selected by; the message is upstream's. */
export function findUnsupportedField(requirements: readonly FieldRequirement[], kind: KindDefinition): string | undefined {
  const unknown = requirements.find(({ field }) => readerOf(field, kind) === undefined);
  return unknown === undefined ? undefined : `field label not supported: ${unknown.field}`;
}

/** True where `object` satisfies every requirement; a field that the kind does not offer is never equal. */
export function matchesFields(requirements: readonly FieldRequirement[], kind: KindDefinition, object: KubeObject): boolean {
  return requirements.every(({ field, isEqual, value }) => (readerOf(field, kind)?.(object) === value) === isEqual);
}

function readerOf(field: string, kind: KindDefinition): ((object: KubeObject) => string) | undefined {
  if (field === 'metadata.name') return (object) => object.metadata.name;
  if (field === 'metadata.namespace') return (object) => object.metadata.namespace ?? '';
  return Object.hasOwn(kind.selectableFields, field) ? kind.selectableFields[field] : undefined;
}

function splitUnescaped(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1;
    else if (text[index] === ',') {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...parts, text.slice(start)];
}
