import {
  MessageValue,
  Optional,
  Duration,
  Timestamp,
  Uint,
  type CelValue,
  isList,
  isMap,
  keyText,
  typeNameOf,
} from '../../../cel/values/value.ts';
import { formatDuration, formatTimestamp } from '../../../cel/values/time.ts';
import { ObjectValue } from '../../../cel/patches/patch-values.ts';
import { MutationFailed } from './mutation-failed.ts';

/** A value that a mutation sets, as JSON; whole numbers keep all their digits. @throws MutationFailed for what has no such form */
export function jsonOfValue(value: CelValue): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'bigint') return wholeNumber(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value : refuse('a number that is not finite');
  if (isList(value)) return value.map(jsonOfValue);
  if (isMap(value)) return Object.fromEntries([...value].map(([key, item]) => [keyOfMember(key), jsonOfValue(item)]));
  return ofClass(value);
}

function ofClass(value: CelValue): unknown {
  if (value instanceof ObjectValue) return Object.fromEntries([...value.fields].map(([name, item]) => [name, jsonOfValue(item)]));
  if (value instanceof Uint) return wholeNumber(value.value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Timestamp) return formatTimestamp(value);
  if (value instanceof Duration) return formatDuration(value);
  if (value instanceof Optional) return value.value === undefined ? refuse('optional.none()') : jsonOfValue(value.value);
  return refuse(value instanceof MessageValue ? `an object of type ${typeNameOf(value)}` : `a value of type ${typeNameOf(value)}`);
}

/** A bigint only where a number would lose digits. */
function wholeNumber(value: bigint): number | bigint {
  const near = Number(value);
  return Number.isSafeInteger(near) ? near : value;
}

function keyOfMember(key: CelValue): string {
  return typeof key === 'string' ? key : refuse(`a map with the key ${keyText(key)}, which is no text,`);
}

function refuse(what: string): never {
  throw new MutationFailed(`${what} can not be written as JSON: use texts, numbers, true, false, lists, and maps and objects of them`);
}
