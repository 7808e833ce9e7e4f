import { Optional } from '@marcbachmann/cel-js';
import { invalid } from '#api/meta/field-error.ts';
import type { FieldError } from '#api/meta/kind.ts';
import { memberPath, type StructuralSchema } from '#api/structural/schema.ts';
import { isRecord } from '#kit/json.ts';
import { measure, toCel } from './cel-value.ts';
import { MAX_EVALUATION_COST } from './expression.ts';
import type { Rule } from './rule.ts';
import type { RuleTree } from './rule-tree.ts';

/** Most that the rules of one object may cost together (apiserver `RuntimeCELCostBudget`). */
const MAX_TOTAL_COST = 10_000_000;
/** Most faults of an object that are told. */
const MAX_FAULTS = 100;

interface Walk {
  readonly faults: FieldError[];
  cost: number;
}

interface Values {
  readonly value: unknown;
  /** The value before; undefined where there was none. */
  readonly previous: unknown;
}

/** Faults of `value` by the rules; `previous` is the object before the change, undefined for a new one. Bounded in time by an estimate made before each rule. */
export function checkRules(tree: RuleTree, value: unknown, previous: unknown): readonly FieldError[] {
  const walk: Walk = { faults: [], cost: 0 };
  checkNode(tree, { value, previous }, { path: '', walk });
  return walk.faults;
}

interface Place {
  readonly path: string;
  readonly walk: Walk;
}

function checkNode(tree: RuleTree, { value, previous }: Values, { path, walk }: Place): void {
  if (value === undefined || value === null || walk.faults.length >= MAX_FAULTS) return;
  if (tree.rules.length > 0) askRules(tree, { value, previous }, { path, walk });
  if (Array.isArray(value)) checkItems(tree, { value, previous }, { path, walk });
  if (isRecord(value)) checkMembers(tree, { value, previous }, { path, walk });
}

function checkMembers(tree: RuleTree, { value, previous }: Values, { path, walk }: Place): void {
  const before = isRecord(previous) ? previous : {};
  for (const [key, member] of Object.entries(isRecord(value) ? value : {})) {
    const named = tree.members.get(key);
    const inner = named ?? (tree.schema.properties === undefined ? tree.values : undefined);
    if (inner === undefined) continue;
    const old = Object.hasOwn(before, key) ? before[key] : undefined;
    checkNode(inner, { value: member, previous: old }, { path: named === undefined ? `${path}[${key}]` : memberPath(path, key), walk });
  }
}

function checkItems(tree: RuleTree, { value, previous }: Values, { path, walk }: Place): void {
  const { items } = tree;
  if (items === undefined || !Array.isArray(value)) return;
  const find = previousItems(tree.schema, previous);
  value.forEach((item: unknown, index) => checkNode(items, { value: item, previous: find(item) }, { path: `${path}[${index}]`, walk }));
}

/** Items of a list that is a map are the same where their keys are. */
function previousItems(schema: StructuralSchema, previous: unknown): (item: unknown) => unknown {
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  if (schema['x-kubernetes-list-type'] !== 'map' || !Array.isArray(previous)) return () => undefined;
  const identity = (item: unknown): string => JSON.stringify(isRecord(item) ? keys.map((key) => item[key]) : item);
  const known = new Map(previous.map((item: unknown) => [identity(item), item]));
  return (item) => known.get(identity(item));
}

function askRules(tree: RuleTree, { value, previous }: Values, { path, walk }: Place): void {
  const hasPrevious = previous !== undefined && previous !== null;
  const asked = tree.rules.filter((rule) => hasPrevious || !rule.isTransition);
  if (asked.length === 0) return;
  const self = toCel(tree.schema, value, tree.isObjectRoot);
  const oldSelf = hasPrevious ? toCel(tree.schema, previous, tree.isObjectRoot) : undefined;
  const size = measure(value, previous);
  for (const rule of asked) {
    const cost = rule.expression.costOf(size);
    walk.cost += cost;
    if (cost > MAX_EVALUATION_COST || walk.cost > MAX_TOTAL_COST) {
      const what = cost > MAX_EVALUATION_COST ? 'this rule' : 'the rules of this object together';
      walk.faults.push(
        invalid(path, typeOf(value), `${what} would cost too much to evaluate: make lists and texts shorter, or the rule simpler`),
      );
      return;
    }
    const fault = ask(rule, path, { self, oldSelf: rule.hasOptionalOldSelf ? optional(oldSelf) : oldSelf });
    if (fault !== undefined) walk.faults.push(fault);
  }
}

function ask(rule: Rule, path: string, seen: { readonly self: unknown; readonly oldSelf: unknown }): FieldError | undefined {
  try {
    return rule.expression.evaluate(seen.self, seen.oldSelf) === true ? undefined : rule.faultOf(path, seen);
  } catch (thrown) {
    // why: whatever the evaluator throws is the object's fault as far as its writer is concerned
    return rule.errorOf(path, thrown);
  }
}

function optional(value: unknown): unknown {
  return value === undefined ? Optional.none() : Optional.of(value);
}

function typeOf(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value;
}
