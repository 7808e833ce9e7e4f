import type { Type } from '../check/types.ts';
import { CelError, type CelValue, OpaqueValue } from '../values/value.ts';
import { declare, type Overload, typeNamed } from './declare.ts';

/** A version of semver.org 2.0.0. */
class Version extends OpaqueValue {
  readonly type: Type = typeNamed('semver');
  readonly numbers: readonly bigint[];
  readonly release: readonly string[];

  constructor(numbers: readonly bigint[], release: readonly string[]) {
    super();
    this.numbers = numbers;
    this.release = release;
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof Version && compare(this, other) === 0;
  }
}

const NUMBER = '(0|[1-9]\\d*)';
const PART = '(?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)';
const SEMVER = new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${PART}(?:\\.${PART})*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`);

function parse(text: string): Version | undefined {
  const match = SEMVER.exec(text);
  if (match === null) return undefined;
  const [, major = '', minor = '', patch = '', release] = match;
  const numbers = [major, minor, patch].map(BigInt);
  if (numbers.some((number) => number >= 2n ** 64n)) return undefined;
  return new Version(numbers, release === undefined ? [] : release.split('.'));
}

/** Without a `v` in front and zeros before numbers, and with the numbers that are left out. */
function normalize(text: string): string {
  const [first = '', second, ...rest] = text.replace(/^v/, '').split('.');
  const parts = [first, ...(second === undefined ? [] : [second]), ...(rest.length === 0 ? [] : [rest.join('.')])].map((part) =>
    part.length > 1 ? part.replace(/^0+(?=\d)/, '') : part,
  );
  if (parts.length >= 3 || /[+-]/.test(parts.at(-1) ?? '')) return parts.join('.');
  return [...parts, '0', '0'].slice(0, 3).join('.');
}

function compare(a: Version, b: Version): number {
  for (const [index, number] of a.numbers.entries()) {
    const other = b.numbers[index] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (a.release.length === 0 || b.release.length === 0) return Math.sign(b.release.length - a.release.length);
  for (const [index, part] of a.release.entries()) {
    const other = b.release[index];
    if (other === undefined) return 1;
    const order = compareParts(part, other);
    if (order !== 0) return order;
  }
  return a.release.length < b.release.length ? -1 : 0;
}

/** Numbers are below words. */
function compareParts(a: string, b: string): number {
  const [isNumber, isOtherNumber] = [a, b].map((part) => /^\d+$/.test(part));
  if (isNumber === true && isOtherNumber === true) return Math.sign(Number(BigInt(a) - BigInt(b)));
  if (isNumber !== isOtherNumber) return isNumber === true ? -1 : 1;
  return a === b ? 0 : a < b ? -1 : 1;
}

function versionOf(text: string, isLoose = false): CelValue {
  return parse(isLoose ? normalize(text) : text) ?? new CelError(`no semantic version: ${JSON.stringify(text)}`);
}

const isVersion = (text: string, isLoose = false): boolean => versionOf(text, isLoose) instanceof Version;
const numberAt =
  (index: number) =>
  ({ numbers }: Version): bigint =>
    numbers[index] ?? 0n;

/** apiserver pkg/cel/library/semverlib.go (version 1). */
export const VERSIONS: readonly Overload[] = [
  declare('semver(string) -> semver', 'string_to_semver', versionOf),
  declare('semver(string, bool) -> semver', 'string_bool_to_semver', versionOf),
  declare('isSemver(string) -> bool', 'is_semver_string', isVersion),
  declare('isSemver(string, bool) -> bool', 'is_semver_string_bool', isVersion),
  declare('semver.isGreaterThan(semver) -> bool', 'semver_is_greater_than', (a: Version, b: Version) => compare(a, b) > 0),
  declare('semver.isLessThan(semver) -> bool', 'semver_is_less_than', (a: Version, b: Version) => compare(a, b) < 0),
  declare('semver.compareTo(semver) -> int', 'semver_compare_to', (a: Version, b: Version) => BigInt(compare(a, b))),
  declare('semver.major() -> int', 'semver_major', numberAt(0)),
  declare('semver.minor() -> int', 'semver_minor', numberAt(1)),
  declare('semver.patch() -> int', 'semver_patch', numberAt(2)),
];
