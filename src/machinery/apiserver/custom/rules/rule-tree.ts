import { invalid } from '#api/meta/field-error.ts';
import type { FieldError } from '#api/meta/kind.ts';
import { isEmbeddedResource, memberPath, type StructuralSchema } from '#api/structural/schema.ts';
import { isRecord } from '#kit/json.ts';
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
  readonly faults: FieldError[];
  /** Rules so far. */
  readonly count: { rules: number };
}

/** Compiles all rules of a schema; `faults` are those of rules that can't be. */
export function compileRules(
  schema: StructuralSchema,
  field: string,
): { readonly tree: RuleTree | undefined; readonly faults: readonly FieldError[] } {
  const faults: FieldError[] = [];
  const tree = build(schema, { field, isCorrelated: true, isObjectRoot: true, faults, count: { rules: 0 } });
  return { tree, faults };
}

function build(schema: StructuralSchema, place: Place): RuleTree | undefined {
  const rules = buildRules(schema, place);
  const below = (inner: StructuralSchema, field: string, isCorrelated: boolean): RuleTree | undefined =>
    build(inner, {
      ...place,
      field: memberPath(place.field, field),
      isCorrelated: place.isCorrelated && isCorrelated,
      isObjectRoot: isEmbeddedResource(inner),
    });
  const members = new Map<string, RuleTree>();
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const tree = below(property, `properties[${key}]`, true);
    if (tree !== undefined) members.set(key, tree);
  }
  const values = isRecord(schema.additionalProperties) ? below(schema.additionalProperties, 'additionalProperties', true) : undefined;
  const items = isRecord(schema.items) ? below(schema.items, 'items', schema['x-kubernetes-list-type'] === 'map') : undefined;
  if (rules.length === 0 && members.size === 0 && values === undefined && items === undefined) return undefined;
  return {
    schema,
    isObjectRoot: place.isObjectRoot,
    rules,
    members,
    ...(values === undefined ? {} : { values }),
    ...(items === undefined ? {} : { items }),
  };
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
    const compiled = compileRule(source, { ...place, schema }, field);
    place.faults.push(...compiled.faults);
    if (compiled.rule !== undefined) rules.push(compiled.rule);
  }
  return rules;
}
