import { invalid } from '#api/meta/field-error.ts';
import type { FieldError } from '#api/meta/kind.ts';
import { isEmbeddedResource, memberPath, type StructuralSchema } from '#api/structural/schema.ts';
import { isRecord } from '#kit/json.ts';
import { escapeName } from './cel-value.ts';
import { type DeclaredType, declareSchema } from './declared-type.ts';
import { RuleCosts } from './rule-costs.ts';
import { compileRule, type Rule } from './rule.ts';

/** The rules of a schema, in the shape of the schema; branches without rules are not there. */
export interface RuleTree {
  readonly schema: StructuralSchema;
  readonly isObjectRoot: boolean;
  readonly rules: readonly Rule[];
  readonly members: ReadonlyMap<string, RuleTree>;
  /** Of the values of a map. */
  readonly values?: RuleTree;
  readonly items?: RuleTree;
}

/** Most rules of a definition's version: far more than any has. */
const MAX_RULES = 2_000;

interface Place {
  readonly field: string;
  readonly isCorrelated: boolean;
  readonly isObjectRoot: boolean;
  /** Undefined where rules can't see the value. */
  readonly declared: DeclaredType | undefined;
  /** How often the value can be in one object; undefined where nothing bounds it. */
  readonly cardinality: number | undefined;
  readonly faults: FieldError[];
  readonly costs: RuleCosts;
  /** Rules so far. */
  readonly count: { rules: number };
}

/** Compiles all rules of a schema; `faults` are those of rules that can't be. */
export function compileRules(
  schema: StructuralSchema,
  field: string,
): { readonly tree: RuleTree | undefined; readonly faults: readonly FieldError[] } {
  const faults: FieldError[] = [];
  const costs = new RuleCosts();
  const declared = declareSchema(schema, 'selfType', true);
  const tree = build(schema, {
    field,
    isCorrelated: true,
    isObjectRoot: true,
    declared,
    cardinality: 1,
    faults,
    costs,
    count: { rules: 0 },
  });
  return { tree, faults: [...faults, ...costs.faults(field)] };
}

function build(schema: StructuralSchema, place: Place): RuleTree | undefined {
  const rules = buildRules(schema, place);
  const cardinality = place.cardinality === undefined ? undefined : times(place.cardinality, maxElementsOf(schema));
  const below = (inner: StructuralSchema, field: string, own: Below): RuleTree | undefined =>
    build(inner, {
      ...place,
      field: memberPath(place.field, field),
      isCorrelated: place.isCorrelated && own.isCorrelated !== false,
      isObjectRoot: isEmbeddedResource(inner),
      declared: own.declared ?? declareSchema(inner, 'selfType', isEmbeddedResource(inner)),
      cardinality,
    });
  const branches = buildBranches(schema, place, below);
  if (rules.length === 0 && branches.members.size === 0 && !('values' in branches) && !('items' in branches)) return undefined;
  return { schema, isObjectRoot: place.isObjectRoot, rules, ...branches };
}

type BuildBelow = (inner: StructuralSchema, field: string, own: Below) => RuleTree | undefined;

function buildBranches(schema: StructuralSchema, { declared }: Place, below: BuildBelow): Pick<RuleTree, 'members' | 'values' | 'items'> {
  const members = new Map<string, RuleTree>();
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const tree = below(property, `properties[${key}]`, { declared: declared?.fields?.get(escapeName(key) ?? '') });
    if (tree !== undefined) members.set(key, tree);
  }
  const element = declared?.element;
  const { additionalProperties, items: inner } = schema;
  const values = isRecord(additionalProperties) ? below(additionalProperties, 'additionalProperties', { declared: element }) : undefined;
  const isCorrelated = schema['x-kubernetes-list-type'] === 'map';
  const items = isRecord(inner) ? below(inner, 'items', { declared: element, isCorrelated }) : undefined;
  return { members, ...(values === undefined ? {} : { values }), ...(items === undefined ? {} : { items }) };
}

interface Below {
  readonly declared?: DeclaredType | undefined;
  readonly isCorrelated?: boolean;
}

/** By how much a schema multiplies what stands below it; undefined where nothing bounds that (apiextensions `extractMaxElements`). */
function maxElementsOf({ type, additionalProperties, maxProperties, maxItems }: StructuralSchema): number | undefined {
  if (type === 'array') return maxItems === undefined ? undefined : Math.max(0, maxItems);
  if (type !== 'object' || additionalProperties === undefined) return 1;
  return maxProperties === undefined ? undefined : Math.max(0, maxProperties);
}

function times(cardinality: number, by: number | undefined): number | undefined {
  return by === undefined ? undefined : cardinality * by;
}

function buildRules(schema: StructuralSchema, place: Place): readonly Rule[] {
  const rules: Rule[] = [];
  for (const [index, source] of (schema['x-kubernetes-validations'] ?? []).entries()) {
    const field = `${place.field}.x-kubernetes-validations[${index}]`;
    place.count.rules += 1;
    if (place.count.rules > MAX_RULES) {
      place.faults.push(invalid(field, source.rule, `a version has at most ${MAX_RULES} rules`));
      return rules;
    }
    if (place.declared === undefined) {
      place.faults.push(invalid(field, source.rule, 'rules can not see this value: give its schema a type, and its items theirs'));
      return rules;
    }
    const compiled = compileRule(source, { ...place, declared: place.declared, schema }, field);
    place.faults.push(...compiled.faults);
    for (const [at, cost] of compiled.costs) place.costs.observe(at, cost);
    if (compiled.rule !== undefined) rules.push(compiled.rule);
  }
  return rules;
}
