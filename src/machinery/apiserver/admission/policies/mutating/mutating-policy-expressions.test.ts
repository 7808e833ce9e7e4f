import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseExactJson } from '#kit/exact-json.ts';
import { trusted } from '#kit/json.ts';
import { DYN } from '../../../cel/check/types.ts';
import { misplacedParts, ObjectValue } from '../../../cel/patches/patch-values.ts';
import { toCel } from '../../../custom/rules/cel-value.ts';
import { compileMutation, mutationDeclarations, type PatchType, policyDeclarations } from '../../expressions.ts';
import { jsonOfValue } from './json-of-value.ts';
import { operationsOf } from './patched-by-policy.ts';

/** What kube-apiserver's own code says to the mutations of a policy. */
interface Facts {
  readonly object: unknown;
  readonly expressions: readonly {
    readonly form: PatchType;
    readonly expression: string;
    /** Why it is refused with its policy. */
    readonly refused?: string;
    /** Why it can't be evaluated, or not be made a patch of. */
    readonly error?: string;
    /** The configuration, or the operations. */
    readonly value?: unknown;
    /** What its evaluation cost. */
    readonly spent?: number;
  }[];
}

const file = new URL('../../../cel/facts/expressions.json', import.meta.url);
const { patches } = trusted<{ readonly patches: Facts }>(parseExactJson(readFileSync(file, 'utf8')));
const variables = new Map([
  ['object', toCel({}, patches.object)],
  ['request', toCel({}, { operation: 'CREATE', name: 'x' })],
]);
/** Where upstream's own conversion from Go loses something: null becomes 0, an empty list null, a key that is no text takes its map away. */
const OTHER_VALUES: ReadonlySet<string> = new Set([
  'Object{spec: null}',
  'Object{spec: []}',
  'Object{spec: Object.spec{}.replicas}',
  'Object{spec: Object{}.?a}',
  'Object{metadata: Object.metadata{labels: {1: "a"}}}',
  'Object{spec: type(1)}',
  'Object{spec: quantity("1Gi")}',
  'Object{spec: duration("1h")}',
]);
/** Where upstream refuses what can be written as JSON, loses digits, or makes a text of a number. */
const MORE_VALUES = /Object\{a: (\[\[1\]\]|\[\{"b": "c"\}\]|\{"b": \{"c": 1\}\}|null)\}|9007199254740993/;
/** Upstream folds literals behind functions, and counts a step through a value that was just made; both are little. */
const MAX_COST_DIFFERENCE = 3;
const FOLDED = /dyn\(/;

function judge(form: PatchType, text: string): { refused?: string; error?: string; value?: unknown; spent?: number } {
  const compiled = compileMutation(text, form, mutationDeclarations(policyDeclarations(false, new Map([['x', DYN]]))));
  if (!compiled.ok) return { refused: compiled.error };
  const { result, cost } = compiled.value.evaluate(variables);
  if (!result.ok) return { error: `expression '${text}' resulted in error: ${result.error}` };
  try {
    if (form === 'JSONPatch') return { value: operationsOf(result.value), spent: cost };
    const misplaced = result.value instanceof ObjectValue ? misplacedParts(result.value) : [];
    return misplaced.length > 0 ? { error: `type mismatch: ${misplaced.join('\n')}` } : { value: jsonOfValue(result.value), spent: cost };
  } catch (thrown) {
    return { error: thrown instanceof Error ? thrown.message : '' };
  }
}

describe('API-1: mutations are to us what they are to kube-apiserver', () => {
  it.each(patches.expressions)('$form: $expression', ({ form, expression, refused, error, value, spent }) => {
    const judged = judge(form, expression);
    if (refused !== undefined) {
      expect(judged).toHaveProperty('refused');
      // why not the grammar's own words: its generator lists what it waits for
      if (!/Syntax error|unsupported syntax|is not a (message )?type|kubernetes\.|google\./.test(`${refused}${expression}`))
        expect(judged.refused).toBe(refused);
      return;
    }
    if (OTHER_VALUES.has(expression) || MORE_VALUES.test(expression)) return;
    if (error !== undefined) {
      expect(judged).toHaveProperty('error');
      if (!error.startsWith('JSONPath')) expect(judged.error).toBe(error);
      return;
    }
    expect(judged).toMatchObject({ value });
    if (!FOLDED.test(expression)) expect(Math.abs((judged.spent ?? 0) - (spent ?? 0))).toBeLessThanOrEqual(MAX_COST_DIFFERENCE);
  });
});
