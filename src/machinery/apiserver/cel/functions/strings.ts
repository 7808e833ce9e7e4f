import { findsPattern, matchesOf } from '#api/structural/pattern.ts';
import type { Result } from '#kit/errors.ts';
import { CelError, type CelValue } from '../values/value.ts';
import { declare, type Overload } from './declare.ts';
import { formatText } from './format-text.ts';
import { quote } from './quote.ts';

/** Most characters that a function makes. */
const MAX_MADE = 4_194_304;

function resultOf<T extends CelValue>(result: Result<T>): CelValue {
  return result.ok ? result.value : new CelError(result.error);
}

/** Characters as Unicode counts them. */
function charactersOf(text: string): readonly string[] {
  return /[\uD800-\uDFFF]/.test(text) ? Array.from(text) : text.split('');
}

const outOfRange = (index: bigint): CelError => new CelError(`index out of range: ${index}`);

function charAt(text: string, index: bigint): CelValue {
  const characters = charactersOf(text);
  if (index < 0n || index > BigInt(characters.length)) return outOfRange(index);
  return characters[Number(index)] ?? '';
}

function substring(text: string, start: bigint, end?: bigint): CelValue {
  const characters = charactersOf(text);
  const length = BigInt(characters.length);
  const stop = end ?? length;
  if (start < 0n || start > length) return outOfRange(start);
  if (stop < 0n || stop > length) return outOfRange(stop);
  if (start > stop) return new CelError(`invalid substring range. start: ${start}, end: ${stop}`);
  return characters.slice(Number(start), Number(stop)).join('');
}

function placeOf(text: string, index: number): bigint {
  return index < 0 ? -1n : BigInt(charactersOf(text.slice(0, index)).length);
}

function indexOf(text: string, wanted: string, from?: bigint): CelValue {
  if (from === undefined) return placeOf(text, text.indexOf(wanted));
  if (wanted === '') return from;
  const characters = charactersOf(text);
  if (from < 0n || from > BigInt(characters.length)) return outOfRange(from);
  const skipped = characters.slice(0, Number(from)).join('').length;
  return placeOf(text, text.indexOf(wanted, skipped));
}

function lastIndexOf(text: string, wanted: string, from?: bigint): CelValue {
  const characters = charactersOf(text);
  if (wanted === '') return from ?? BigInt(characters.length);
  if (from === undefined) return placeOf(text, text.lastIndexOf(wanted));
  if (from < 0n || from > BigInt(characters.length)) return outOfRange(from);
  const until = characters.slice(0, Number(from)).join('').length;
  return placeOf(text, text.lastIndexOf(wanted, until));
}

function replace(text: string, old: string, ...[next, count]: readonly [string, bigint?]): CelValue {
  const limit = count === undefined || count < 0n ? Number.MAX_SAFE_INTEGER : Number(count);
  const parts = old === '' ? ['', ...charactersOf(text), ''] : text.split(old);
  const places = Math.min(parts.length - 1, limit);
  if (text.length + places * next.length > MAX_MADE) return new CelError(`replace makes more than ${MAX_MADE} characters`);
  return (
    parts.slice(0, places + 1).join(next) +
    parts
      .slice(places + 1)
      .map((part) => old + part)
      .join('')
  );
}

function split(text: string, separator: string, count?: bigint): CelValue {
  const parts = separator === '' ? charactersOf(text) : text.split(separator);
  if (count === undefined || count < 0n || count >= BigInt(parts.length)) return parts;
  if (count === 0n) return [];
  const kept = Number(count) - 1;
  return [...parts.slice(0, kept), parts.slice(kept).join(separator)];
}

function join(list: readonly CelValue[], separator = ''): CelValue {
  const texts = list.filter((item) => typeof item === 'string');
  return texts.length === list.length ? texts.join(separator) : new CelError('no such overload');
}

const ascii =
  (pattern: RegExp, change: (text: string) => string) =>
  (text: string): string =>
    text.replaceAll(pattern, change);
/** What Go takes for space (unicode.IsSpace). */
const SPACE =
  /^[\t-\r \u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]+|[\t-\r \u0085\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]+$/g;

function forms(signature: string, more: string, run: (...args: never[]) => CelValue): readonly Overload[] {
  const name = /\.(\w+)\(/.exec(signature)?.[1] ?? '';
  return [declare(signature, `string_${name}`, run), declare(signature.replace(')', `, ${more})`), `string_${name}_int`, run)];
}

/** cel-go ext/strings.go (version 2), apiserver pkg/cel/library/regex.go, and texts of the standard library. */
export const STRINGS: readonly Overload[] = [
  declare('string.contains(string) -> bool', 'contains_string', (text: string, part: string) => text.includes(part)),
  declare('string.startsWith(string) -> bool', 'starts_with_string', (text: string, part: string) => text.startsWith(part)),
  declare('string.endsWith(string) -> bool', 'ends_with_string', (text: string, part: string) => text.endsWith(part)),
  declare('string.matches(string) -> bool', 'matches_string', (text: string, pattern: string) => resultOf(findsPattern(pattern, text))),
  declare('matches(string, string) -> bool', 'matches', (text: string, pattern: string) => resultOf(findsPattern(pattern, text))),
  declare('string.find(string) -> string', 'string_find_string', (text: string, pattern: string) => {
    const found = matchesOf(pattern, text, 1);
    return found.ok ? (found.value[0] ?? '') : new CelError(found.error);
  }),
  declare('string.findAll(string) -> list(string)', 'string_find_all_string', (text: string, pattern: string) =>
    resultOf(matchesOf(pattern, text)),
  ),
  declare('string.findAll(string, int) -> list(string)', 'string_find_all_string_int', (text: string, pattern: string, limit: bigint) =>
    resultOf(matchesOf(pattern, text, limit < 0n ? undefined : Number(limit))),
  ),
  declare('string.charAt(int) -> string', 'string_char_at_int', charAt),
  ...forms('string.substring(int) -> string', 'int', substring),
  ...forms('string.indexOf(string) -> int', 'int', indexOf),
  ...forms('string.lastIndexOf(string) -> int', 'int', lastIndexOf),
  ...forms('string.replace(string, string) -> string', 'int', replace),
  ...forms('string.split(string) -> list(string)', 'int', split),
  declare('list(string).join() -> string', 'list_join', join),
  declare('list(string).join(string) -> string', 'list_join_string', join),
  declare(
    'string.lowerAscii() -> string',
    'string_lower_ascii',
    ascii(/[A-Z]+/g, (text) => text.toLowerCase()),
  ),
  declare(
    'string.upperAscii() -> string',
    'string_upper_ascii',
    ascii(/[a-z]+/g, (text) => text.toUpperCase()),
  ),
  declare('string.trim() -> string', 'string_trim', (text: string) => text.replaceAll(SPACE, '')),
  declare('strings.quote(string) -> string', 'strings_quote', quote),
  declare('string.format(list(dyn)) -> string', 'string_format', formatText),
];
