import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { StructuralSchema } from '#api/structural/schema.ts';
import { trusted } from '#kit/json.ts';
import { toCel } from '../custom/rules/cel-value.ts';
import { declareSchema, sizeAtPath } from '../custom/rules/declared-type.ts';
import { BOOL, DYN } from './check/types.ts';
import { estimateCost } from './cost/estimate-cost.ts';
import { compileExpression, yields } from './expression.ts';
import { LIBRARY } from './functions/library.ts';
import { formatType } from './check/types.ts';

/** What kube-apiserver's own code says to each expression. */
interface Facts {
  readonly schema: StructuralSchema;
  readonly object: unknown;
  readonly expressions: readonly {
    readonly rule: string;
    /** Why it is refused with its definition. */
    readonly refused?: string;
    readonly outcome?: 'true' | 'false' | 'error';
    /** Most that it can cost. */
    readonly cost?: number;
  }[];
}

const facts = trusted<Facts>(JSON.parse(readFileSync(new URL('facts/expressions.json', import.meta.url), 'utf8')));
const declared = declareSchema(facts.schema, 'selfType');
const type = declared?.type ?? DYN;
const self = toCel(facts.schema, facts.object);
const variables = new Map([
  ['self', type],
  ['oldSelf', type],
]);
/** Where our words say more, or the same in another form. */
const OTHER_WORDS: ReadonlySet<string> = new Set(["self.s.matches('(?=a)')", "int('x') == 5", '[[1,[2]],[3]].flatten(2) == [1,2,3]']);
/** We tell no size of types as values. */
const OTHER_COSTS = /type\(null\) == null_type/;

function judge(rule: string): { readonly refused: string } | { readonly outcome: string; readonly cost: number } {
  const compiled = compileExpression(rule, { library: LIBRARY, variables });
  if (!compiled.ok) return { refused: `compilation failed: ${compiled.error}` };
  if (!yields(compiled.value, BOOL)) return { refused: 'cel expression must evaluate to a bool' };
  const { root, checked } = compiled.value;
  const cost = estimateCost(root, checked, (path) => (declared === undefined ? undefined : sizeAtPath(declared, path))).max;
  const { result } = compiled.value.evaluate(new Map([['self', self]]));
  return { outcome: result.ok ? `${result.value === true}` : 'error', cost };
}

describe('API-2: expressions are to us what they are to kube-apiserver', () => {
  it.each(facts.expressions)('$rule', ({ rule, refused, outcome, cost }) => {
    const judged = judge(rule);
    if (refused !== undefined) {
      expect(judged).toHaveProperty('refused');
      // why not the grammar's own words: its generator lists what it waits for
      if ('refused' in judged && !OTHER_WORDS.has(rule) && !refused.includes('Syntax error')) expect(judged.refused).toBe(refused);
      return;
    }
    expect(judged).toMatchObject({ outcome });
    if ('cost' in judged && cost !== undefined && !OTHER_COSTS.test(rule))
      expect(Math.abs(judged.cost - cost)).toBeLessThanOrEqual(cost / 1e9);
  });
});

describe('API-2: the bound of an evaluation', () => {
  const evaluate = (text: string, values: ReadonlyMap<string, readonly bigint[]>, limit?: number) => {
    const compiled = compileExpression(text, { library: LIBRARY, variables: new Map([...values.keys()].map((name) => [name, DYN])) });
    if (!compiled.ok) throw new Error(compiled.error);
    return compiled.value.evaluate(values, limit);
  };
  const list = Array.from({ length: 1_000 }, (_, index) => BigInt(index));

  it('ends loops in loops, and says so', () => {
    const { result, isTooCostly, cost } = evaluate('l.all(a, l.all(b, l.all(c, a + b + c >= 0)))', new Map([['l', list]]));
    expect([isTooCostly, result.ok, cost]).toEqual([true, false, 1_000_001]);
  });

  it.each([
    "l.map(x, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa').join('').replace('a', 'bbbbbbbbbbbbbbbbbbbbbbbbb').replace('b', 'ccccccccccccccccccccc').size() > 0",
    'lists.range(1000000).map(x, lists.range(1000000)).size() > 0',
    'l.map(x, l).flatten().map(y, l).flatten().size() > 0',
  ])('ends what grows: %s', (text) => {
    const { result, isTooCostly } = evaluate(text, new Map([['l', list]]));
    expect(isTooCostly || !result.ok).toBe(true);
  });

  it('refuses what is nested too deeply, and goes through long chains', () => {
    const compile = (text: string) => compileExpression(text, { library: LIBRARY, variables: new Map() });
    expect(compile(`${'('.repeat(1_000)}true${')'.repeat(1_000)}`)).toMatchObject({ ok: false });
    expect(compile(`${'!'.repeat(10_000)}true`).ok).toBe(true);
    expect(compile(Array.from({ length: 5_000 }, () => 'true').join(' && ')).ok).toBe(true);
    expect(compile(`[${'1,'.repeat(10_000)}].size() > 0`).ok).toBe(true);
    expect(compile(Array.from({ length: 5_000 }, () => '1').join(' + '))).toMatchObject({ ok: false });
  });

  it('names types as people write them', () => {
    expect(formatType(type.fields?.get('ol') ?? DYN)).toBe('list(selfType.ol.@idx)');
  });
});
