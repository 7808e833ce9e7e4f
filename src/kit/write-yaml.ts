import { isRecord } from './json.ts';

/** Words that are no texts in YAML 1.1, which Go's readers follow, or in 1.2. */
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
/** Words of letters, digits and signs that mean nothing in YAML, with single spaces between them. */
const PLAIN = /^[A-Za-z_/](?:[\w/.@+:=,;()-]| (?! |#))*$/;
/** A colon that would end a key, or what can't end a text. */
const AMBIGUOUS = /: |:$| $/;
/** Longest text that is looked at for being plain, and longest key that stands before its colon. */
const MAX_PLAIN_CHARS = 1_000;
/** Lines that can stand as they are: printable, and no space at the end of a line or in front of the first. */
const LITERAL =
  /^(?! )(?:[\t\u0020-\u007e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*\n)+[\t\u0020-\u007e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]*$/u;

/** JSON as YAML that every reader takes for the same: texts that one of them would read as something else are in quotes, texts of several lines are blocks. */
export function writeYaml(value: unknown): string {
  const out: string[] = [];
  writeNode(out, value, { indent: '', isInline: false });
  return out.join('').replace(/^\n/, '');
}

interface Place {
  readonly indent: string;
  /** True behind the dash of a list, where the first member stands on the same line. */
  readonly isInline: boolean;
}

/** Writes what stands behind a colon or a dash, its line's end included. */
function writeNode(out: string[], value: unknown, place: Place): void {
  if (Array.isArray(value) && value.length > 0) writeList(out, value, place);
  else if (isRecord(value) && hasMembers(value)) writeObject(out, value, place);
  else out.push(place.isInline || out.length > 0 ? ' ' : '', scalarText(value, place.indent), '\n');
}

function hasMembers(value: Record<string, unknown>): boolean {
  return Object.values(value).some((member) => member !== undefined);
}

function writeList(out: string[], list: readonly unknown[], { indent, isInline }: Place): void {
  out.push(isInline ? ' ' : '\n');
  for (const [index, item] of list.entries()) {
    out.push(index === 0 && isInline ? '-' : `${indent}-`);
    writeNode(out, item, { indent: `${indent}  `, isInline: true });
  }
}

function writeObject(out: string[], object: Record<string, unknown>, { indent, isInline }: Place): void {
  out.push(isInline ? ' ' : '\n');
  let isFirst = isInline;
  for (const [key, member] of Object.entries(object)) {
    if (member === undefined) continue;
    out.push(isFirst ? '' : indent, keyText(key, indent));
    isFirst = false;
    writeNode(out, member, { indent: `${indent}  `, isInline: false });
  }
}

function keyText(key: string, indent: string): string {
  const text = isPlain(key) ? key : quoted(key);
  return text.length > MAX_PLAIN_CHARS ? `? ${text}\n${indent}:` : `${text}:`;
}

function scalarText(value: unknown, indent: string): string {
  if (typeof value === 'string') return textOf(value, indent);
  if (Array.isArray(value)) return '[]';
  if (isRecord(value)) return '{}';
  return typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'null');
}

function textOf(text: string, indent: string): string {
  if (isPlain(text)) return text;
  if (!text.includes('\n') || !isLiteral(text)) return quoted(text);
  const end = text.endsWith('\n') ? (text.endsWith('\n\n') || text === '\n' ? '+' : '') : '-';
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  // why at least two: a block at the margin would end where it begins
  const margin = indent === '' ? '  ' : indent;
  return `|${end}\n${lines.map((line) => (line === '' ? '' : margin + line)).join('\n')}`;
}

function isPlain(text: string): boolean {
  return text.length <= MAX_PLAIN_CHARS && PLAIN.test(text) && !AMBIGUOUS.test(text) && !WORDS.test(text);
}

function isLiteral(text: string): boolean {
  return LITERAL.test(text) && !/[ \t]\n|[ \t]$|^\n/.test(text);
}

/** JSON's text is YAML's but for characters that YAML wants to see escaped. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
