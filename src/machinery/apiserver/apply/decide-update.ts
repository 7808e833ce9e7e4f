import type { Schema } from '#api/schema/definitions.ts';
import { changedFields, type ChangeTree, compareFields } from './compare-fields.ts';
import { difference, type FieldSet, isEmptySet, union } from './field-set.ts';
import { isSameOwner, type Owner, type OwnerId } from './owners.ts';
import { withoutSystemFields } from './system-fields.ts';

/** A write by somebody who says what an object is to be, not which fields are his. */
export interface Update {
  readonly owners: readonly Owner[];
  readonly self: OwnerId;
  readonly schema: Schema;
  /** `{}` for a new object. */
  readonly before: unknown;
  readonly after: unknown;
  /** RFC 3339. */
  readonly now: string;
  /** Leaves only what a write to this (sub)resource can own. */
  readonly ownable: (set: FieldSet) => FieldSet;
}

/** The owners after an update: who changed a field owns it from then on, alone. */
export function decideUpdate(update: Update): readonly Owner[] {
  const { owners, self, schema, ownable, now } = update;
  const changes = compareFields(schema, update.before, update.after);
  if (changes.size === 0) return owners;
  const left = withoutChanged(owners, changes, ownable);
  const taken = withoutSystemFields(ownable(changedFields(changes, ['added', 'modified'])));
  if (isEmptySet(taken)) return left;
  const mine = left.find((owner) => isSameOwner(owner, self));
  const fields = mine === undefined ? taken : union(mine.fields, taken);
  return capUpdaters([...left.filter((owner) => owner !== mine), { ...self, fields, time: now }]);
}

/** The owners without the fields that somebody else changed or removed; who has none left goes. */
export function withoutChanged(owners: readonly Owner[], changes: ChangeTree, ownable: Update['ownable']): readonly Owner[] {
  const changed = ownable(changedFields(changes, ['added', 'modified', 'removed']));
  return owners.map((owner) => ({ ...owner, fields: difference(owner.fields, changed) })).filter((owner) => !isEmptySet(owner.fields));
}

/** Most owners by update of an object (managedfields `DefaultMaxUpdateManagers`). */
const MAX_UPDATERS = 10;
/** Who owns what the oldest updaters owned. */
const BUCKET = 'ancient-changes';

/** Merges the oldest updaters of each version into one where there are too many. */
function capUpdaters(owners: readonly Owner[]): readonly Owner[] {
  const updaters = owners.filter(({ operation }) => operation === 'Update');
  if (updaters.length <= MAX_UPDATERS) return owners;
  const result = new Set(owners);
  const buckets = new Map<string, Owner>();
  let count = updaters.length;
  for (const owner of updaters.toSorted(byAge)) {
    if (count <= MAX_UPDATERS) break;
    const bucket = buckets.get(owner.apiVersion);
    if (bucket === undefined) {
      buckets.set(owner.apiVersion, owner);
      continue;
    }
    const merged: Owner = { ...owner, name: BUCKET, subresource: '', fields: union(bucket.fields, owner.fields) };
    result.delete(bucket);
    result.delete(owner);
    result.add(merged);
    buckets.set(owner.apiVersion, merged);
    count -= 1;
  }
  return [...result];
}

function byAge(a: Owner, b: Owner): number {
  const [left, right] = [`${a.time ?? ''} ${a.name}`, `${b.time ?? ''} ${b.name}`];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
