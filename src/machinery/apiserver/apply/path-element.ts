import { canonicalJson, parseExactJson } from '#kit/exact-json.ts';
import { isRecord } from '#kit/json.ts';

/*
 * One step of a path, in its serialised form (structured-merge-diff fieldpath/serialize-pe.go):
 * `f:NAME` a field or key of a map, `k:{"KEY":VALUE}` the item of a list that has these keys (sorted by name), `v:VALUE` the item of a set, `i:N` the item at an index.
 */

/** The step to the field or key `name`. */
export function fieldElement(name: string): string {
  return `f:${name}`;
}

/** The step to the item that has `keys`. */
export function keyElement(keys: Readonly<Record<string, unknown>>): string {
  const sorted = Object.entries(keys).toSorted(([a], [b]) => compareText(a, b));
  return `k:{${sorted.map(([name, value]) => `${JSON.stringify(name)}:${canonicalJson(value)}`).join(',')}}`;
}

/** The step to the item `value` of a set. */
export function valueElement(value: unknown): string {
  return `v:${canonicalJson(value)}`;
}

/** The name of the field that a step leads to; undefined where it leads to an item of a list. */
export function fieldNameOf(element: string): string | undefined {
  return element.startsWith('f:') ? element.slice(2) : undefined;
}

/** The step that a client wrote, brought to the one form that the same step always has; undefined where it is not a step. */
export function parseElement(text: string): string | undefined {
  switch (text.slice(0, 2)) {
    case 'f:':
      return text;
    case 'k:': {
      const keys = parseJson(text.slice(2));
      return isRecord(keys) ? keyElement(keys) : undefined;
    }
    case 'v:': {
      const value = parseJson(text.slice(2));
      return value === undefined ? undefined : valueElement(value);
    }
    case 'i:':
      return /^i:\d{1,9}$/.test(text) ? `i:${Number(text.slice(2))}` : undefined;
    default:
      return undefined;
  }
}

/** A step as people read it: `.name`, `[key="value"]`, `[="value"]`, `[0]`. */
export function formatElement(element: string): string {
  const content = element.slice(2);
  switch (element.slice(0, 2)) {
    case 'k:': {
      const keys = parseJson(content);
      const pairs = isRecord(keys) ? Object.entries(keys) : [];
      return `[${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`;
    }
    case 'v:':
      return `[=${content}]`;
    case 'i:':
      return `[${content}]`;
    default:
      return `.${content}`;
  }
}

const RANKS = ['f:', 'k:', 'v:', 'i:'];

/** Fields first, then items; each by its text. */
export function compareElements(a: string, b: string): number {
  const byKind = RANKS.indexOf(a.slice(0, 2)) - RANKS.indexOf(b.slice(0, 2));
  return byKind === 0 ? compareText(a, b) : byKind;
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Undefined where the text is no JSON. */
function parseJson(text: string): unknown {
  try {
    return parseExactJson(text);
  } catch {
    // why: a step that can't be read names no field that this server knows; its reader drops it
    return undefined;
  }
}
