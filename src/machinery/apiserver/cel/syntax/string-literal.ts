import type { Token } from './token.ts';
import { ExpressionFault } from './syntax-error.ts';

const SIMPLE: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
  ['\\', 92],
  ['?', 63],
  ['"', 34],
  ["'", 39],
  ['`', 96],
]);
/** Hexadecimal digits behind each letter. */
const HEX: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['X', 2],
  ['u', 4],
  ['U', 8],
]);
const MAX_CODE_POINT = 0x10_ff_ff;

/** Reads the string or bytes that begin at `at` with `start` (prefix and opening quotes). @throws ExpressionFault */
export function readString(text: string, at: number, start: string): { readonly token: Token; readonly length: number } {
  const quote = start.replace(/^[rRbB]*/, '');
  const prefix = start.slice(0, start.length - quote.length).toLowerCase();
  const isRaw = prefix.includes('r');
  const end = endOf(text, at + start.length, { quote, isRaw });
  if (end === undefined) throw new ExpressionFault(at, `Syntax error: token recognition error at: '${text.slice(at, at + 10)}'`);
  const inner = text.slice(at + start.length, end).replaceAll('\r\n', '\n');
  const length = end + quote.length - at;
  if (!prefix.includes('b')) {
    const value = isRaw ? inner : unescape(inner, at, (code) => String.fromCodePoint(code));
    return { token: { type: 'string', text: value, at }, length };
  }
  // why latin1: in bytes \x and octal escapes are bytes; other characters are their UTF-8
  const parts = isRaw ? [Buffer.from(inner)] : bytesOf(inner, at);
  return { token: { type: 'bytes', text: '', bytes: new Uint8Array(Buffer.concat(parts)), at }, length };
}

function endOf(text: string, from: number, { quote, isRaw }: { readonly quote: string; readonly isRaw: boolean }): number | undefined {
  for (let index = from; index < text.length; index += 1) {
    if (text.startsWith(quote, index)) return index;
    if (quote.length === 1 && text[index] === '\n') return undefined;
    if (!isRaw && text[index] === '\\') index += 1;
  }
  return undefined;
}

function unescape(inner: string, at: number, write: (code: number) => string): string {
  let value = '';
  for (let index = 0; index < inner.length;) {
    if (inner[index] !== '\\') {
      value += inner[index] ?? '';
      index += 1;
      continue;
    }
    const { code, length } = escapeAt(inner, index + 1, at);
    value += write(code);
    index += length + 1;
  }
  return value;
}

function bytesOf(inner: string, at: number): readonly Buffer[] {
  const parts: Buffer[] = [];
  for (let index = 0; index < inner.length;) {
    if (inner[index] === '\\') {
      const { code, length } = escapeAt(inner, index + 1, at);
      parts.push(code < 256 ? Buffer.from([code]) : Buffer.from(String.fromCodePoint(code)));
      index += length + 1;
    } else {
      const character = String.fromCodePoint(inner.codePointAt(index) ?? 0);
      parts.push(Buffer.from(character));
      index += character.length;
    }
  }
  return parts;
}

function escapeAt(inner: string, index: number, at: number): { readonly code: number; readonly length: number } {
  const letter = inner[index] ?? '';
  const simple = SIMPLE.get(letter);
  if (simple !== undefined) return { code: simple, length: 1 };
  const digits = HEX.get(letter);
  const octal = /^[0-3][0-7]{2}/.exec(inner.slice(index, index + 3))?.[0];
  if (octal !== undefined) return { code: Number.parseInt(octal, 8), length: 3 };
  const hex = inner.slice(index + 1, index + 1 + (digits ?? 0));
  const code = Number.parseInt(hex, 16);
  const isSurrogate = code >= 0xd8_00 && code <= 0xdf_ff;
  if (digits === undefined || hex.length !== digits || !/^[0-9a-fA-F]+$/.test(hex) || code > MAX_CODE_POINT || isSurrogate)
    throw new ExpressionFault(at, `Syntax error: token recognition error at: '\\${letter}'`);
  return { code, length: digits + 1 };
}
