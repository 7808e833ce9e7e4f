import type { CelValue } from './value.ts';

/** Says what is the same item of a list: its value, or its keys. */
export interface ListIdentity {
  readonly kind: 'set' | 'map';
  readonly keyOf: (item: CelValue) => string;
}

const identities = new WeakMap<readonly CelValue[], ListIdentity>();

/** Marks a list whose items are a set or a map (`x-kubernetes-list-type`): their order says nothing. */
export function withIdentity(list: readonly CelValue[], identity: ListIdentity): readonly CelValue[] {
  identities.set(list, identity);
  return list;
}

/** What is the same item in this list; undefined for an ordinary one. */
export function identityOf(list: readonly CelValue[]): ListIdentity | undefined {
  return identities.get(list);
}

/** Two lists behind each other; where the first is a set or map, without what it has, or with what the second has in its place. */
export function concatLists(left: readonly CelValue[], right: readonly CelValue[]): readonly CelValue[] {
  const identity = identities.get(left);
  if (identity === undefined) return [...left, ...right];
  const items = [...left];
  const places = new Map(left.map((item, index) => [identity.keyOf(item), index]));
  for (const item of right) {
    const key = identity.keyOf(item);
    const place = places.get(key);
    if (place === undefined) places.set(key, items.push(item) - 1);
    else if (identity.kind === 'map') items[place] = item;
  }
  return withIdentity(items, identity);
}
