import type { Schema } from '#api/schema/definitions.ts';
import { isRecord } from '#kit/json.ts';
import { formatElement } from './path-element.ts';
import { type Items, shapeOf } from './shape.ts';

/** The first item of a list that can't be told apart from the others. */
export function findItemFault(schema: Schema | undefined, value: unknown, path: string): string | undefined {
  const shape = shapeOf(schema, value);
  if (shape.type === 'members' && isRecord(value)) {
    for (const [key, member] of Object.entries(value)) {
      const fault = findItemFault(shape.schemaOf(key), member, `${path}.${key}`);
      if (fault !== undefined) return fault;
    }
  }
  return shape.type === 'items' && Array.isArray(value) ? findFaultOfItems(shape, value, path) : undefined;
}

function findFaultOfItems(shape: Items, list: readonly unknown[], path: string): string | undefined {
  const seen = new Set<string>();
  for (const [index, item] of list.entries()) {
    const element = shape.elementOf(item);
    if (element === undefined) return `${path}: element ${index}: ${missingKey(shape, item)}`;
    if (seen.has(element)) return `${path}: duplicate entries for key ${formatElement(element)}`;
    seen.add(element);
    const fault = findItemFault(shape.item, item, path + formatElement(element));
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function missingKey({ keys, elementOf }: Items, item: unknown): string {
  if (!isRecord(item) || keys.length === 0) return 'associative list without keys has an element that is no scalar';
  const missing = keys.filter(
    (key) => item[key] === undefined && elementOf({ ...withKeys(keys), ...item, [key]: undefined }) === undefined,
  );
  if (missing.length === keys.length)
    return `associative list with keys has an element that omits all key fields ${goList(keys)} (and doesn't have default values for any key fields)`;
  return `associative list with keys has an element that omits key field ${JSON.stringify(missing[0] ?? keys[0])} (and doesn't have default value)`;
}

function withKeys(keys: readonly string[]): Record<string, string> {
  return Object.fromEntries(keys.map((key) => [key, key]));
}

function goList(texts: readonly string[]): string {
  return `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`;
}
