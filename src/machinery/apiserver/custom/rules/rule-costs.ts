import { forbidden } from '#api/meta/field-error.ts';
import type { FieldError } from '#api/meta/kind.ts';

/** Most that a rule, and all rules of a version together, may be estimated to cost (apiextensions `StaticEstimatedCostLimit`, `StaticEstimatedCRDCostLimit`). */
const RULE_LIMIT = 10_000_000;
const TOTAL_LIMIT = 100_000_000;
/** Most rules that are told where all together cost too much. */
const MAX_TOLD = 4;

/** Adds up what the rules of a version can cost at most. */
export class RuleCosts {
  readonly #observed: { readonly field: string; readonly cost: number }[] = [];
  #total = 0;

  observe(field: string, cost: number): void {
    this.#total += cost;
    this.#observed.push({ field, cost });
  }

  /** What costs more than it may; `schemaField` is where the whole schema stands. */
  faults(schemaField: string): readonly FieldError[] {
    const each = this.#observed
      .filter(({ cost }) => cost > RULE_LIMIT)
      .map(({ field, cost }) => forbidden(field, tooCostly(`estimated ${nameOf(field)} cost`, cost, RULE_LIMIT)));
    if (this.#total <= TOTAL_LIMIT) return each;
    const most = this.#observed
      .filter(({ cost }) => cost >= TOTAL_LIMIT / 100)
      .toSorted((a, b) => b.cost - a.cost)
      .slice(0, MAX_TOLD);
    return [
      ...each,
      ...most.map(({ field }) =>
        forbidden(field, 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema'),
      ),
      forbidden(
        schemaField,
        tooCostly('x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema', this.#total, TOTAL_LIMIT),
      ),
    ];
  }
}

function nameOf(field: string): string {
  return field.endsWith('.messageExpression') ? 'messageExpression' : 'rule';
}

function tooCostly(what: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const shown = factor > 100 ? 'more than 100x' : `${factor.toFixed(factor < 1.5 ? 6 : 1)}x`;
  return `${what} exceeds budget by factor of ${shown} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`;
}
