import { hasFormat } from '#api/structural/formats.ts';
import type { Type } from '../check/types.ts';
import { type CelValue, OpaqueValue } from '../values/value.ts';
import { declare, type Overload, typeNamed } from './declare.ts';
import { optionalOf } from './optionals.ts';
import { parseRequestUri } from './urls.ts';

/** What is wrong with a text; empty where nothing is. */
type Validate = (text: string) => readonly string[];

/** A format of texts. */
class Format extends OpaqueValue {
  readonly type: Type = typeNamed('format');
  readonly name: string;
  readonly validate: Validate;
  override readonly size: number;

  constructor(name: string, validate: Validate, patternLength: number) {
    super();
    this.name = name;
    this.validate = validate;
    this.size = patternLength;
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof Format && other.name === this.name;
  }
}

const LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const LABEL_1035 = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;
const QUALIFIED = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const LABEL_TEXT =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_TEXT =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_1035_TEXT =
  "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";
const LABEL_VALUE_TEXT =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
const QUALIFIED_TEXT =
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

interface NameRule {
  readonly pattern: RegExp;
  readonly text: string;
  readonly max: number;
}

function named({ pattern, text, max }: NameRule): Validate {
  return (value) => [...(value.length > max ? [`must be no more than ${max} characters`] : []), ...(pattern.test(value) ? [] : [text])];
}

/** Of what a generated name begins with: it may end in `-`. */
function prefix(rule: NameRule): Validate {
  const check = named(rule);
  return (value) => check(value.length > 1 && value.endsWith('-') ? `${value.slice(0, -1)}a` : value);
}

function qualifiedName(value: string): readonly string[] {
  const [first = '', second, ...more] = value.split('/');
  const name = second ?? first;
  if (more.length > 0)
    return [`a qualified name ${QUALIFIED_TEXT} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`];
  const ofPrefix =
    second === undefined
      ? []
      : first === ''
        ? ['prefix part must be non-empty']
        : named(SUBDOMAINS)(first).map((text) => `prefix part ${text}`);
  if (name === '') return [...ofPrefix, 'name part must be non-empty'];
  return [...ofPrefix, ...named({ pattern: QUALIFIED, text: QUALIFIED_TEXT, max: 63 })(name).map((text) => `name part ${text}`)];
}

const LABELS: NameRule = { pattern: LABEL, text: LABEL_TEXT, max: 63 };
const SUBDOMAINS: NameRule = { pattern: SUBDOMAIN, text: SUBDOMAIN_TEXT, max: 253 };
const LABELS_1035: NameRule = { pattern: LABEL_1035, text: LABEL_1035_TEXT, max: 63 };
const labelValue = named({ pattern: QUALIFIED, text: LABEL_VALUE_TEXT, max: 63 });

function plain(format: string, text: string): Validate {
  return (value) => (hasFormat(format, value) ? [] : [text]);
}

/** By name, with the length that upstream takes the pattern for (apiserver pkg/cel/library/format.go). */
const FORMATS: readonly (readonly [name: string, validate: Validate, patternLength: number])[] = [
  ['dns1123Label', named(LABELS), 30],
  ['dns1123Subdomain', named(SUBDOMAINS), 60],
  ['dns1035Label', named(LABELS_1035), 30],
  ['qualifiedName', qualifiedName, 60],
  ['dns1123LabelPrefix', prefix(LABELS), 30],
  ['dns1123SubdomainPrefix', prefix(SUBDOMAINS), 60],
  ['dns1035LabelPrefix', prefix(LABELS_1035), 30],
  ['labelValue', (value) => (value === '' ? [] : labelValue(value)), 40],
  ['uri', (value) => (parseRequestUri(value) === undefined ? [`parse ${JSON.stringify(value)}: invalid URI for request`] : []), 1_260],
  ['uuid', plain('uuid', 'does not match the UUID format'), 80],
  ['byte', plain('byte', 'invalid base64'), 84],
  ['date', plain('date', 'invalid date'), 29],
  ['datetime', plain('date-time', 'invalid datetime'), 119],
];

const BY_NAME: ReadonlyMap<string, Format> = new Map(FORMATS.map(([name, validate, length]) => [name, new Format(name, validate, length)]));

export const NAMED_FORMATS: readonly Overload[] = [
  ...[...BY_NAME].map(([name, format]) => declare(`format.${name}() -> format`, `format.${name}`, () => format)).map(asFunction),
  declare('format.named(string) -> optional(format)', 'format-named', (name: string) => optionalOf(BY_NAME.get(name))),
  declare('format.validate(string) -> optional(list(string))', 'format-validate', ({ validate }: Format, text: string): CelValue => {
    const faults = validate(text);
    return optionalOf(faults.length === 0 ? undefined : faults);
  }),
];

/** `format.uri()` is a function of that name, not one on a format. */
function asFunction(overload: Overload): Overload {
  return { ...overload, name: `format.${overload.name}`, isMember: false, params: [] };
}
