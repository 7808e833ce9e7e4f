import type { Schema } from '#api/schema/definitions.ts';
import { deepEqual } from '#kit/json.ts';
import { changedFields, compareFields } from './compare-fields.ts';
import { withoutChanged, type Update } from './decide-update.ts';
import { difference, type FieldSet, intersection, isEmptySet, isSameSet, union } from './field-set.ts';
import { fieldsOf, withNamedFields } from './fields-of.ts';
import { mergeApplied } from './merge-applied.ts';
import { fieldsOwnedBy, isSameOwner, type Owner } from './owners.ts';
import { removeFields } from './remove-fields.ts';
import { withoutSystemFields } from './system-fields.ts';

/** A configuration that is applied: the fields that it sets are to be the applier's. */
export interface Application extends Omit<Update, 'before' | 'after'> {
  /** `{}` where there is no object yet. */
  readonly live: unknown;
  readonly applied: unknown;
}

/** What comes of an application. */
export interface Applied {
  readonly object: unknown;
  readonly owners: readonly Owner[];
  /** Fields of others that the application changes: they go to the applier only if he insists. */
  readonly conflicts: readonly Conflict[];
}

/** Fields of one other owner. */
export interface Conflict {
  readonly owner: Owner;
  readonly fields: FieldSet;
}

/** Merges an applied configuration into an object, removes what the applier left out this time and nobody else owns, and says who owns what afterwards. */
export function decideApply(application: Application): Applied {
  const { owners, self, schema, live, applied, ownable } = application;
  const last = fieldsOwnedBy(owners, self);
  const mine = withoutSystemFields(ownable(fieldsOf(schema, applied)));
  const merged = mergeApplied(schema, live, applied);
  const others = owners.filter((owner) => !isSameOwner(owner, self));
  const pruned = removeDropped(schema, merged, { last, owned: [...others.map(({ fields }) => fields), mine, fieldsOf(schema, applied)] });
  // why twice: what lost its last item is gone, also where the configuration says that it is to be there, empty
  const object = pruned === merged ? merged : mergeApplied(schema, pruned, applied);
  const changes = compareFields(schema, live, object);
  const changed = ownable(changedFields(changes, ['added', 'modified']));
  const conflicts = others
    .map((owner) => ({ owner, fields: intersection(owner.fields, changed) }))
    .filter(({ fields }) => !isEmptySet(fields));
  const left = withoutChanged(others, changes, ownable);
  return {
    object,
    conflicts,
    owners: isEmptySet(mine) ? left : [...left, { ...self, fields: mine, time: timeOf(application, mine, object) }],
  };
}

/** The time of the applier's entry: it moves only where something changed, so that applying the same again writes nothing. */
function timeOf({ owners, self, live, now }: Application, mine: FieldSet, object: unknown): string | undefined {
  const before = owners.find((owner) => isSameOwner(owner, self));
  const isSame = before !== undefined && before.apiVersion === self.apiVersion && isSameSet(before.fields, mine) && deepEqual(live, object);
  return isSame ? before.time : now;
}

interface Claims {
  /** What the applier owned until now. */
  readonly last: FieldSet;
  readonly owned: readonly FieldSet[];
}

/**
 * Removes the fields that the applier owned, does not apply any more, and that nobody else owns.
 * Fields that nobody ever owned stay, also inside of what goes (structured-merge-diff merge/update.go `prune`).
 */
function removeDropped(schema: Schema, merged: unknown, { last, owned }: Claims): unknown {
  if (isEmptySet(last)) return merged;
  const lastNamed = withNamedFields(schema, last);
  const all = withNamedFields(schema, fieldsOf(schema, merged));
  const remaining = (object: unknown): FieldSet => withNamedFields(schema, fieldsOf(schema, object ?? {}));
  const pruned = removeFields(schema, merged, lastNamed);
  const ownedNamed = withNamedFields(schema, owned.reduce(union));
  const withOwned = removeFields(schema, merged, difference(all, union(remaining(pruned), ownedNamed)));
  return removeFields(schema, merged, intersection(difference(all, remaining(withOwned)), lastNamed)) ?? {};
}
