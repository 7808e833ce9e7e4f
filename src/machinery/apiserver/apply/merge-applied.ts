import type { Schema } from '#api/schema/definitions.ts';
import { isRecord } from '#kit/json.ts';
import { indexItems, type Items, type Members, shapeOf } from './shape.ts';

/** `live` with every field that `applied` sets, lists and maps joined by what tells their items apart (structured-merge-diff `Merge`). Neither is changed. */
export function mergeApplied(schema: Schema | undefined, live: unknown, applied: unknown): unknown {
  if (applied === undefined || (applied === null && isOwnedInParts(schema, live))) return live;
  const shape = shapeOf(schema, applied);
  if (shape.type === 'members' && isRecord(live) && isRecord(applied)) return mergeMembers(shape, live, applied);
  if (shape.type === 'items' && Array.isArray(live) && Array.isArray(applied)) return mergeItems(shape, live, applied);
  return applied;
}

/** True for what has members or items of its own: null says nothing of those. */
function isOwnedInParts(schema: Schema | undefined, live: unknown): boolean {
  return typeof live === 'object' && live !== null && Object.keys(live).length > 0 && shapeOf(schema, live).type !== 'leaf';
}

function mergeMembers(shape: Members, live: Record<string, unknown>, applied: Record<string, unknown>): Record<string, unknown> {
  const merged = new Map(Object.entries(live));
  for (const [key, value] of Object.entries(applied)) merged.set(key, mergeApplied(shape.schemaOf(key), merged.get(key), value));
  // why: fromEntries defines members, so a key named __proto__ stays a plain member
  return Object.fromEntries(merged);
}

function mergeItems(shape: Items, live: readonly unknown[], applied: readonly unknown[]): readonly unknown[] {
  const [left, right] = [indexItems(shape, live), indexItems(shape, applied)];
  if (left === undefined || right === undefined) return applied;
  return mergeOrder([...left.keys()], [...right.keys()]).flatMap((element) => {
    const [before = [], wanted = []] = [left.get(element), right.get(element)];
    if (wanted.length === 0) return before;
    // why: items that share their keys can't be merged one by one; what is applied takes the place of all of them
    return before.length === 1 ? wanted.map((item) => mergeApplied(shape.item, before[0], item)) : wanted;
  });
}

/** Applied items in the applied order; an item that only the live list has stays in front of the same live items as before. */
function mergeOrder(live: readonly string[], applied: readonly string[]): readonly string[] {
  const [isLive, isApplied] = [new Set(live), new Set(applied)];
  const shared = applied.filter((element) => isLive.has(element));
  const order: string[] = [];
  let at = 0;
  let next = 0;
  for (const element of applied) {
    // why: live items that come elsewhere in the applied order are passed over, the others keep their place
    while (at < live.length && live[at] !== shared[next]) {
      const passed = live[at] ?? '';
      if (!isApplied.has(passed)) order.push(passed);
      at += 1;
    }
    order.push(element);
    if (element !== shared[next]) continue;
    next += 1;
    if (live[at] === element) at += 1;
  }
  return [...order, ...live.slice(at).filter((element) => !isApplied.has(element))];
}
