import { identityOf } from './lists.ts';
import {
  CelError,
  type CelMap,
  type CelValue,
  Duration,
  isList,
  isMap,
  Optional,
  OpaqueValue,
  Timestamp,
  typeNameOf,
  TypeValue,
  Uint,
} from './value.ts';

/** True where two values are the same; numbers of different types are compared as numbers. */
export function celEquals(a: CelValue, b: CelValue): boolean {
  const order = compareNumbers(a, b);
  if (order !== undefined) return order === 0;
  if (isList(a)) return isList(b) && equalLists(a, b);
  if (isMap(a)) return isMap(b) && equalMaps(a, b);
  return a === b || equalTimes(a, b) || equalOthers(a, b);
}

function equalTimes(a: CelValue, b: CelValue): boolean {
  if (a instanceof Timestamp) return b instanceof Timestamp && a.nanos === b.nanos;
  return a instanceof Duration && b instanceof Duration && a.nanos === b.nanos;
}

function equalOthers(a: CelValue, b: CelValue): boolean {
  if (a instanceof Uint8Array) return b instanceof Uint8Array && Buffer.compare(a, b) === 0;
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name;
  if (a instanceof OpaqueValue) return b instanceof OpaqueValue && a.type.name === b.type.name && a.equals(b);
  if (!(a instanceof Optional) || !(b instanceof Optional)) return false;
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return celEquals(a.value, b.value);
}

function equalLists(a: readonly CelValue[], b: readonly CelValue[]): boolean {
  if (a.length !== b.length) return false;
  const identity = identityOf(a);
  if (identity === undefined) return a.every((item, index) => celEquals(item, b[index] ?? null));
  const byKey = new Map(a.map((item) => [identity.keyOf(item), item]));
  return b.every((item) => {
    const own = byKey.get(identity.keyOf(item));
    return own !== undefined && (identity.kind === 'set' || celEquals(own, item));
  });
}

function equalMaps(a: CelMap, b: CelMap): boolean {
  if (a.size !== b.size) return false;
  for (const [key, value] of a) {
    const other = b.get(key);
    if (other === undefined || !celEquals(value, other)) return false;
  }
  return true;
}

/** Below, at or above 0 where both are numbers; NaN is beside all. Undefined where they are not both numbers. */
export function compareNumbers(a: CelValue, b: CelValue): number | undefined {
  const [left, right] = [numberOf(a), numberOf(b)];
  if (left === undefined || right === undefined) return undefined;
  if (Number.isNaN(left) || Number.isNaN(right)) return Number.NaN;
  // why: comparing a bigint with a number is exact in this language
  return left < right ? -1 : left > right ? 1 : 0;
}

function numberOf(value: CelValue): bigint | number | undefined {
  if (value instanceof Uint) return value.value;
  return typeof value === 'bigint' || typeof value === 'number' ? value : undefined;
}

/** Below, at or above 0; an error for values that have no order. */
export function celCompare(a: CelValue, b: CelValue): number | CelError {
  const numbers = compareNumbers(a, b);
  if (numbers !== undefined) return numbers;
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b);
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b);
  return compareOthers(a, b) ?? new CelError('no such overload');
}

function compareOthers(a: CelValue, b: CelValue): number | undefined {
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b);
  if (a instanceof Timestamp) return b instanceof Timestamp ? compareNumbers(a.nanos, b.nanos) : undefined;
  return a instanceof Duration && b instanceof Duration ? compareNumbers(a.nanos, b.nanos) : undefined;
}

/** By code points, as the bytes of UTF-8 are. */
function compareTexts(a: string, b: string): number {
  if (a === b) return 0;
  return /[\uD800-\uDFFF]/.test(a) || /[\uD800-\uDFFF]/.test(b) ? Buffer.compare(Buffer.from(a), Buffer.from(b)) : a < b ? -1 : 1;
}

/** A text that is the same for values that are the same, for sets. */
export function identityText(value: CelValue): string {
  if (isList(value)) return `[${value.map(identityText).join()}]`;
  if (isMap(value)) {
    const entries = [...value].map(([key, item]) => `${identityText(key)}:${identityText(item)}`);
    return `{${entries.toSorted().join()}}`;
  }
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Uint) return `${value.value}`;
  if (value instanceof Timestamp || value instanceof Duration) return `${value.constructor.name}${value.nanos}`;
  if (value instanceof Uint8Array) return `b${Buffer.from(value).toString('base64')}`;
  return typeof value === 'object' && value !== null ? typeNameOf(value) : String(value);
}
