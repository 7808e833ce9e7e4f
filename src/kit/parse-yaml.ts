import { CORE_SCHEMA, defineMappingTag, defineScalarTag, load, mergeTag, NOT_RESOLVED, type Schema, YAMLException } from 'js-yaml';
import { fail, ok, type Result } from './errors.ts';
import { wholeNumber } from './exact-json.ts';
import { isRecord } from './json.ts';
import { type RepeatedKey, repeatedLines } from './repeated-lines.ts';

/** What a YAML text may cost. */
export interface YamlLimits {
  readonly maxDepth: number;
  /** Most characters that the text is with every alias written out. */
  readonly maxChars: number;
}

/** A text's value, and the keys that stood in it more than once, by their lines where those can be told, else by their paths; of each the last counts. */
export interface ParsedYaml {
  readonly value: unknown;
  readonly duplicates: readonly (string | RepeatedKey)[];
}

/**
 * Reads one YAML document as kube-apiserver does (go.yaml.in/yaml/v2 through sigs.k8s.io/yaml): YAML 1.1's words for true and false, whole numbers without losing a digit,
 * times as texts. Time and memory are linear in the text: nesting is bounded while reading, duplicate keys are found by their hash, aliases are counted written out.
 */
export function parseYaml(text: string, limits: YamlLimits): Result<ParsedYaml> {
  const repeated = new Map<object, string[]>();
  try {
    const value = text.trim() === '' ? null : load(text, { schema: schemaFor(repeated), json: true, maxDepth: limits.maxDepth });
    const fault = ALIAS.test(text) ? findExcess(value, limits) : undefined;
    return fault === undefined
      ? ok({ value, duplicates: repeated.size === 0 ? [] : findRepeated(text, findPaths(value, repeated)) })
      : fail(fault);
  } catch (thrown) {
    return fail(messageOf(thrown));
  }
}

/** What stands in `{…}` is in no line of its own. */
function findRepeated(text: string, paths: readonly string[]): ParsedYaml['duplicates'] {
  const lines = repeatedLines(text, MAX_DUPLICATES);
  return lines.length >= paths.length ? lines : paths;
}

/** What may be an alias. */
const ALIAS = /\*/;

function messageOf(thrown: unknown): string {
  if (!(thrown instanceof YAMLException)) return thrown instanceof Error ? thrown.message : String(thrown);
  const { reason, mark } = thrown;
  return mark === undefined ? reason : `line ${mark.line + 1}: ${reason}`;
}

/** Most duplicates that are told. */
const MAX_DUPLICATES = 20;

const TRUE = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']);
const FALSE = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']);
const NO_NUMBERS = new Set(['.nan', '.NaN', '.NAN', '.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF', '-.inf', '-.Inf', '-.INF']);
const DECIMAL = /^[-+]?(?:0|[1-9]\d*)$/;
const RADIX = /^([-+]?)0(x[\da-fA-F]+|b[01]+|o[0-7]+|[0-7]+)$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;

const boolTag = defineScalarTag<boolean>('tag:yaml.org,2002:bool', {
  implicit: true,
  resolve: (source) => (TRUE.has(source) ? true : FALSE.has(source) ? false : NOT_RESOLVED),
  identify: () => false,
});

const intTag = defineScalarTag<number | bigint>('tag:yaml.org,2002:int', { implicit: true, resolve: readInteger, identify: () => false });

const floatTag = defineScalarTag<number>('tag:yaml.org,2002:float', { implicit: true, resolve: readFloat, identify: () => false });

/** What a whole number can begin with; underscores count only behind it. */
const BEGINS_NUMBER = /^[-+\d]/;

function readInteger(source: string): number | bigint | typeof NOT_RESOLVED {
  if (!BEGINS_NUMBER.test(source)) return NOT_RESOLVED;
  const plain = source.replaceAll('_', '');
  if (DECIMAL.test(plain)) return finite(wholeNumber(plain.replace('+', '')), source);
  const [, sign, digits = ''] = RADIX.exec(plain) ?? [];
  // why the length: more digits than 64 bits have are no whole number, and reading them takes longer than linear time
  if (sign === undefined || digits.length > 65) return NOT_RESOLVED;
  const magnitude = BigInt(/^\d/.test(digits) ? `0o${digits}` : `0${digits}`);
  return wholeNumber(String(sign === '-' ? -magnitude : magnitude));
}

function finite(value: number | bigint, source: string): number | bigint {
  if (typeof value === 'bigint' || Number.isFinite(value)) return value;
  throw new RangeError(`${source.slice(0, 40)} is no number that JSON can hold: write a finite number, or a text in quotes`);
}

function readFloat(source: string): number | typeof NOT_RESOLVED {
  if (NO_NUMBERS.has(source)) throw new RangeError(`${source} is no number that JSON can hold: write a finite number, or a text in quotes`);
  const plain = BEGINS_NUMBER.test(source) ? source.replaceAll('_', '') : source;
  const value = FLOAT.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(value) ? value : NOT_RESOLVED;
}

/** An object that is being read. */
interface Members {
  readonly entries: Map<string, unknown>;
  /** Keys that came by `<<`, which a key of the object itself may override. */
  readonly merged: Set<string>;
  readonly repeated: string[];
  /** The key that was asked for last: only merging asks, right before it adds. */
  asked: string | undefined;
}

function schemaFor(repeated: Map<object, string[]>): Schema {
  const mapTag = defineMappingTag<Members, Record<string, unknown>>('tag:yaml.org,2002:map', {
    create: () => ({ entries: new Map(), merged: new Set(), repeated: [], asked: undefined }),
    addPair: addMember,
    has: (members, key) => {
      members.asked = String(key);
      return members.entries.has(members.asked);
    },
    keys: (object) => Object.keys(object),
    get: (object, key) => object[String(key)],
    finalize: (members) => {
      // why: fromEntries defines members, so a key named __proto__ stays a plain member
      const object = Object.fromEntries(members.entries);
      if (members.repeated.length > 0) repeated.set(object, members.repeated);
      return object;
    },
    identify: () => false,
  });
  return CORE_SCHEMA.withTags(boolTag, intTag, floatTag, mergeTag, mapTag);
}

function addMember(members: Members, key: unknown, value: unknown): string {
  if (typeof key === 'object' && key !== null) return 'a key has to be a text: objects and lists are none';
  const name = String(key);
  const isMerging = members.asked === name;
  members.asked = undefined;
  if (isMerging) members.merged.add(name);
  else if (members.entries.has(name) && !members.merged.delete(name) && members.repeated.length < MAX_DUPLICATES)
    members.repeated.push(name);
  members.entries.set(name, value);
  return '';
}

/** What is too much of a value in which parts may stand more than once; undefined where nothing is. Each part is looked at once. */
function findExcess(value: unknown, { maxDepth, maxChars }: YamlLimits): string | undefined {
  const known = new Map<object, Measure>();
  const measure = (part: unknown, depth: number): Measure => {
    if (typeof part !== 'object' || part === null) return { chars: typeof part === 'string' ? part.length : 1, depth: 0 };
    const before = known.get(part);
    if (before !== undefined) return before;
    // why here too: a chain of aliases is deeper than its text is nested
    if (depth > maxDepth) return { chars: 0, depth: maxDepth + 1 };
    let chars = 1;
    let below = 0;
    for (const [key, item] of Object.entries(part)) {
      const inner = measure(item, depth + 1);
      chars += inner.chars + (Array.isArray(part) ? 0 : key.length);
      below = Math.max(below, inner.depth);
    }
    const measured = { chars, depth: below + 1 };
    known.set(part, measured);
    return measured;
  };
  const { chars, depth } = measure(value, 1);
  if (depth > maxDepth) return `the body is nested deeper than ${maxDepth} levels`;
  return chars > maxChars ? `its aliases stand for more than ${maxChars} characters: write less, or several objects` : undefined;
}

interface Measure {
  readonly chars: number;
  readonly depth: number;
}

/** Where the keys of `repeated` stand. */
function findPaths(root: unknown, repeated: ReadonlyMap<object, readonly string[]>): readonly string[] {
  const paths: string[] = [];
  const seen = new Set<object>();
  const visit = (value: unknown, path: string): void => {
    if (typeof value !== 'object' || value === null || seen.has(value) || paths.length >= MAX_DUPLICATES) return;
    seen.add(value);
    const below = (key: string): string => (path === '' ? key : `${path}.${key}`);
    paths.push(...(repeated.get(value) ?? []).map(below));
    if (Array.isArray(value)) value.forEach((item, index) => visit(item, `${path}[${index}]`));
    else if (isRecord(value)) for (const [key, member] of Object.entries(value)) visit(member, below(key));
  };
  visit(root, '');
  return [...new Set(paths)].slice(0, MAX_DUPLICATES);
}
