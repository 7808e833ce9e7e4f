import { invalid } from '#api/meta/field-error.ts';
import type { FieldError, RuleVerdict } from '#api/meta/kind.ts';
import { previousItems } from '#api/structural/previous-items.ts';
import { memberPath } from '#api/structural/schema.ts';
import { deepEqual, isRecord } from '#kit/json.ts';
import { MAX_EVALUATION_COST } from '../../cel/expression.ts';
import { type CelValue, Optional } from '../../cel/values/value.ts';
import { toCel } from './cel-value.ts';
import type { Seen } from './rule.ts';
import type { RuleTree } from './rule-tree.ts';

/** Most that the rules of one object may cost together (apiserver `RuntimeCELCostBudget`). */
const MAX_TOTAL_COST = 10_000_000;
/** Most faults of an object that are told. */
const MAX_FAULTS = 100;

interface Walk {
  readonly faults: FieldError[];
  readonly warnings: FieldError[];
  cost: number;
}

interface Values {
  readonly value: unknown;
  /** The value before; undefined where there was none. */
  readonly previous: unknown;
}

/**
 * What the rules say of `value`; `previous` is the object before the change, undefined for a new one. Ends where the rules together cost too much.
 * A rule that is broken by what did not change is a warning (KEP-4008), unless it looks at the value before.
 */
export function checkRules(tree: RuleTree, value: unknown, previous: unknown): RuleVerdict {
  const walk: Walk = { faults: [], warnings: [], cost: 0 };
  checkNode(tree, { value, previous }, { path: '', walk, isUnchanged: () => false });
  return { faults: walk.faults, warnings: walk.warnings };
}

interface Place {
  readonly path: string;
  readonly walk: Walk;
  /** True where the value, or the nearest one around it that can be told from the value before, is as it was. */
  readonly isUnchanged: () => boolean;
}

function checkNode(tree: RuleTree, { value, previous }: Values, { path, walk, isUnchanged: isParentUnchanged }: Place): void {
  if (value === undefined || value === null || walk.faults.length + walk.warnings.length >= MAX_FAULTS) return;
  const isUnchanged = previous === undefined ? isParentUnchanged : (): boolean => deepEqual(value, previous);
  if (tree.rules.length > 0) askRules(tree, { value, previous }, { path, walk, isUnchanged });
  if (Array.isArray(value)) checkItems(tree, { value, previous }, { path, walk, isUnchanged });
  if (isRecord(value)) checkMembers(tree, { value, previous }, { path, walk, isUnchanged });
}

function checkMembers(tree: RuleTree, { value, previous }: Values, { path, ...place }: Place): void {
  const before = isRecord(previous) ? previous : {};
  for (const [key, member] of Object.entries(isRecord(value) ? value : {})) {
    const named = tree.members.get(key);
    const inner = named ?? (tree.schema.properties === undefined ? tree.values : undefined);
    if (inner === undefined) continue;
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    const below = named === undefined ? `${path}[${key}]` : memberPath(path, key);
    checkNode(inner, { value: member, previous: old }, { ...place, path: below });
  }
}

function checkItems(tree: RuleTree, { value, previous }: Values, { path, ...place }: Place): void {
  const { items } = tree;
  if (items === undefined || !Array.isArray(value)) return;
  const find = previousItems(tree.schema, previous);
  value.forEach((item: unknown, index) => checkNode(items, { value: item, previous: find(item) }, { ...place, path: `${path}[${index}]` }));
}

function askRules(tree: RuleTree, { value, previous }: Values, { path, walk, isUnchanged }: Place): void {
  const hasPrevious = previous !== undefined && previous !== null;
  const asked = tree.rules.filter((rule) => hasPrevious || !rule.isTransition);
  if (asked.length === 0) return;
  const self = toCel(tree.schema, value, tree.isObjectRoot);
  const oldSelf = hasPrevious ? toCel(tree.schema, previous, tree.isObjectRoot) : undefined;
  for (const rule of asked) {
    const seen: Seen = new Map([['self', self], ...oldSelfOf(oldSelf, rule.hasOptionalOldSelf)]);
    const limit = Math.min(MAX_EVALUATION_COST, MAX_TOTAL_COST - walk.cost);
    const { result, cost, isTooCostly } = rule.expression.evaluate(seen, limit);
    walk.cost += cost;
    if (isTooCostly) {
      const what = limit === MAX_EVALUATION_COST ? 'this rule' : 'the rules of this object together';
      walk.faults.push(
        invalid(path, typeOf(value), `${what} would cost too much to evaluate: make lists and texts shorter, or the rule simpler`),
      );
      return;
    }
    if (!result.ok) walk.faults.push(rule.errorOf(path, result.error));
    else if (result.value !== true) {
      const isOld = !rule.isTransition && !rule.hasOptionalOldSelf && isUnchanged();
      (isOld ? walk.warnings : walk.faults).push(rule.faultOf(path, seen));
    }
  }
}

function oldSelfOf(oldSelf: CelValue | undefined, isOptional: boolean): readonly (readonly [string, CelValue])[] {
  if (isOptional) return [['oldSelf', new Optional(oldSelf)]];
  return oldSelf === undefined ? [] : [['oldSelf', oldSelf]];
}

function typeOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value;
}
