import { isIP } from 'node:net';
import type { Type } from '../check/types.ts';
import { CelError, type CelValue, OpaqueValue } from '../values/value.ts';
import { declare, type Overload, typeNamed } from './declare.ts';

const BITS = { 4: 32n, 6: 128n } as const;
type Family = keyof typeof BITS;

/** An address of the internet. */
class Address extends OpaqueValue {
  readonly type: Type = typeNamed('ip');
  readonly family: Family;
  readonly value: bigint;
  override readonly size: number;

  constructor(family: Family, value: bigint) {
    super();
    this.family = family;
    this.value = value;
    this.size = family === 4 ? 4 : 16;
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof Address && other.family === this.family && other.value === this.value;
  }

  /** True where the first bits are these. */
  startsWith(...prefixes: readonly (readonly [value: bigint, bits: bigint])[]): boolean {
    return prefixes.some(([value, bits]) => this.value >> (BITS[this.family] - bits) === value);
  }

  text(): string {
    return this.family === 4 ? textOf4(this.value) : textOf6(this.value);
  }
}

/** A range of addresses. */
class Range extends OpaqueValue {
  readonly type: Type = typeNamed('cidr');
  readonly address: Address;
  readonly bits: number;
  override readonly size: number;

  constructor(address: Address, bits: number) {
    super();
    this.address = address;
    this.bits = bits;
    this.size = address.family === 4 ? 4 : 16;
  }

  equals(other: OpaqueValue): boolean {
    return other instanceof Range && other.bits === this.bits && other.address.equals(this.address);
  }

  masked(): Range {
    return new Range(new Address(this.address.family, (this.address.value >> this.#rest) << this.#rest), this.bits);
  }

  contains(address: Address): boolean {
    return address.family === this.address.family && address.value >> this.#rest === this.address.value >> this.#rest;
  }

  get #rest(): bigint {
    return BITS[this.address.family] - BigInt(this.bits);
  }
}

function textOf4(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join('.');
}

/** RFC 5952: the longest run of zeros is left out. */
function textOf6(value: bigint): string {
  const words = Array.from({ length: 8 }, (_, index) => Number((value >> BigInt(112 - 16 * index)) & 0xff_ffn));
  let best = { from: -1, length: 1 };
  for (let from = 0; from < words.length; from += 1) {
    let length = 0;
    while (words[from + length] === 0) length += 1;
    if (length > best.length) best = { from, length };
  }
  const hex = (list: readonly number[]): string => list.map((word) => word.toString(16)).join(':');
  if (best.from < 0) return hex(words);
  return `${hex(words.slice(0, best.from))}::${hex(words.slice(best.from + best.length))}`;
}

/** Strict: no zones, no leading zeros, and no IPv4 in IPv6. */
function parseAddress(text: string): Address | undefined {
  const family = text.includes('%') ? 0 : isIP(text);
  if (family === 4) {
    const parts = text.split('.');
    if (parts.some((part) => part.length > 1 && part.startsWith('0'))) return undefined;
    return new Address(
      4,
      parts.reduce((value, part) => value * 256n + BigInt(part), 0n),
    );
  }
  if (family !== 6) return undefined;
  const address = new Address(6, valueOf6(text));
  return address.startsWith([0xff_ffn, 96n]) ? undefined : address;
}

function valueOf6(text: string): bigint {
  const last = text.slice(text.lastIndexOf(':') + 1);
  const plain = last.includes('.') ? `${text.slice(0, -last.length)}${wordsOf4(last)}` : text;
  const [head = '', tail] = plain.split('::');
  const words = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [first, second] = [words(head), tail === undefined ? [] : words(tail)];
  const zeros = Array.from({ length: 8 - first.length - second.length }, () => '0');
  return [...first, ...zeros, ...second].reduce((value, word) => value * 65_536n + BigInt(`0x${word}`), 0n);
}

function wordsOf4(text: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
}

function parseRange(text: string): Range | undefined {
  const [, address = '', bits = ''] = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const parsed = parseAddress(address);
  return parsed === undefined || BigInt(bits) > BITS[parsed.family] ? undefined : new Range(parsed, Number(bits));
}

function addressOr(text: string, use: (address: Address) => CelValue): CelValue {
  const address = parseAddress(text);
  return address === undefined
    ? new CelError(`IP Address ${JSON.stringify(text)} parse error during conversion from string: unable to parse IP`)
    : use(address);
}

function rangeOr(text: string, use: (range: Range) => CelValue): CelValue {
  const range = parseRange(text);
  return range === undefined
    ? new CelError(`network address parse error during conversion from string: netip.ParsePrefix(${JSON.stringify(text)})`)
    : use(range);
}

const isLoopback = (a: Address): boolean => (a.family === 4 ? a.startsWith([127n, 8n]) : a.value === 1n);
const isUnspecified = (a: Address): boolean => a.value === 0n;
const isLinkLocalMulticast = (a: Address): boolean =>
  a.family === 4 ? a.startsWith([0xe0_00_00n, 24n]) : a.startsWith([0xffn, 8n]) && ((a.value >> 112n) & 15n) === 2n;
const isMulticast = (a: Address): boolean => (a.family === 4 ? a.startsWith([0xen, 4n]) : a.startsWith([0xffn, 8n]));
const isLinkLocalUnicast = (a: Address): boolean => (a.family === 4 ? a.startsWith([0xa9_fen, 16n]) : a.startsWith([0x3_fan, 10n]));
const isGlobalUnicast = (a: Address): boolean =>
  !isUnspecified(a) && !isLoopback(a) && !isMulticast(a) && !isLinkLocalUnicast(a) && !(a.family === 4 && a.value === 0xff_ff_ff_ffn);

const contains = (range: Range, other: Range): boolean => other.bits >= range.bits && range.contains(other.address);

/** apiserver pkg/cel/library/ip.go and cidr.go. */
export const ADDRESSES: readonly Overload[] = [
  declare('ip(string) -> ip', 'string_to_ip', (text: string) => addressOr(text, (address) => address)),
  declare('isIP(string) -> bool', 'is_ip', (text: string) => parseAddress(text) !== undefined),
  declare('ip.isCanonical(string) -> bool', 'ip_is_canonical', (text: string) => addressOr(text, (address) => address.text() === text)),
  declare('ip.family() -> int', 'ip_family', ({ family }: Address) => BigInt(family)),
  declare('ip.isUnspecified() -> bool', 'ip_is_unspecified', isUnspecified),
  declare('ip.isLoopback() -> bool', 'ip_is_loopback', isLoopback),
  declare('ip.isLinkLocalMulticast() -> bool', 'ip_is_link_local_multicast', isLinkLocalMulticast),
  declare('ip.isLinkLocalUnicast() -> bool', 'ip_is_link_local_unicast', isLinkLocalUnicast),
  declare('ip.isGlobalUnicast() -> bool', 'ip_is_global_unicast', isGlobalUnicast),
  declare('string(ip) -> string', 'ip_to_string', (address: Address) => address.text()),
  declare('cidr(string) -> cidr', 'string_to_cidr', (text: string) => rangeOr(text, (range) => range)),
  declare('isCIDR(string) -> bool', 'is_cidr', (text: string) => parseRange(text) !== undefined),
  declare('cidr.containsIP(string) -> bool', 'cidr_contains_ip_string', (range: Range, text: string) =>
    addressOr(text, (address) => range.contains(address)),
  ),
  declare('cidr.containsIP(ip) -> bool', 'cidr_contains_ip_ip', (range: Range, address: Address) => range.contains(address)),
  declare('cidr.containsCIDR(string) -> bool', 'cidr_contains_cidr_string', (range: Range, text: string) =>
    rangeOr(text, (other) => contains(range, other)),
  ),
  declare('cidr.containsCIDR(cidr) -> bool', 'cidr_contains_cidr', contains),
  declare('cidr.ip() -> ip', 'cidr_ip', ({ address }: Range) => address),
  declare('cidr.prefixLength() -> int', 'cidr_prefix_length', ({ bits }: Range) => BigInt(bits)),
  declare('cidr.masked() -> cidr', 'cidr_masked', (range: Range) => range.masked()),
  declare('string(cidr) -> string', 'cidr_to_string', ({ address, bits }: Range) => `${address.text()}/${bits}`),
];
