import { isRecord } from '#kit/json.ts';

const TEXTS = ['', 'A_B', '-a', 'x'.repeat(254), 'a/b/c', '..', '/abs', '-1'];
const NUMBERS = [-1, 0, 2 ** 31 - 1];

/** `object` with each of its fields changed in turn: gone, empty, twice, or with values of the right type that may be wrong. What says which object it is stays. */
export function* withEachFieldChanged(object: Readonly<Record<string, unknown>>): Generator<Record<string, unknown>> {
  const { apiVersion, kind, metadata, status: _status, ...rest } = object;
  for (const changed of changes(rest)) yield { apiVersion, kind, metadata, ...(isRecord(changed) ? changed : {}) };
}

function* changes(value: unknown): Generator {
  if (Array.isArray(value)) yield* changesOfList(value);
  else if (isRecord(value)) yield* changesOfMap(value);
  else if (typeof value === 'string') yield* TEXTS;
  else if (typeof value === 'number') yield* NUMBERS;
  else if (typeof value === 'boolean') yield !value;
}

function* changesOfList(list: readonly unknown[]): Generator {
  yield [];
  if (list.length > 0) yield [...list, list.at(-1)];
  for (const [index, item] of list.entries()) for (const changed of changes(item)) yield list.with(index, changed);
}

function* changesOfMap(map: Readonly<Record<string, unknown>>): Generator {
  yield {};
  for (const [key, inner] of Object.entries(map)) {
    yield Object.fromEntries(Object.entries(map).filter(([other]) => other !== key));
    for (const changed of changes(inner)) yield { ...map, [key]: changed };
  }
}
