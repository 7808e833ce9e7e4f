import type { ASTNode, Environment, ParseResult } from '@marcbachmann/cel-js';
import { compilePattern } from '#api/structural/pattern.ts';
import { fail, ok, type Result } from '#kit/errors.ts';
import { isRecord, trusted } from '#kit/json.ts';
import { ruleEnvironment, SAFE_MATCHES } from './environment.ts';

/** Longest expression, in characters. */
const MAX_LENGTH = 20_000;
/** Most an evaluation may cost, in the steps that {@link Expression.costOf} counts (apiserver `PerCallLimit`). */
export const MAX_EVALUATION_COST = 1_000_000;
/** Characters of text that a function handles in about one step. */
const CHARACTERS_PER_STEP = 100;
const LOOPS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);

/** How large the values are that an expression works on. */
export interface Measure {
  /** Items of the longest list or map, or characters of the longest text where an expression takes texts apart. */
  readonly longestList: number;
  /** Characters. */
  readonly longestText: number;
}

/** A compiled CEL expression. */
export interface Expression {
  readonly usesOldSelf: boolean;
  /** The parsed form, for checks of what it refers to. */
  readonly ast: ASTNode;
  /** Upper bound of the steps of an evaluation: nested loops multiply. */
  costOf(measure: Measure): number;
  /** @throws Error where it can't be evaluated; the words say why */
  evaluate(self: unknown, oldSelf?: unknown): unknown;
  /** The same for an expression over other variables. @throws Error where it can't be evaluated */
  evaluateWith(variables: Readonly<Record<string, unknown>>): unknown;
}

/** What rules of schemas are about. */
const SELF: readonly string[] = ['self', 'oldSelf'];
const environments = new Map<string, Environment>();

function environmentOf(variables: readonly string[]): Environment {
  const key = variables.join(',');
  const environment = environments.get(key) ?? ruleEnvironment(variables);
  environments.set(key, environment);
  return environment;
}

/** Compiles an expression over `variables` (default: `self` and `oldSelf`) that yields `type` (`dyn` = anything). The error says what is wrong with it. */
export function compileExpression(text: string, type: 'bool' | 'string' | 'dyn', variables = SELF): Result<Expression> {
  if (text.trim() === '') return fail('must not be empty');
  if (text.length > MAX_LENGTH) return fail(`must be no longer than ${MAX_LENGTH} characters`);
  const environment = environmentOf(variables);
  try {
    const program = environment.parse(withSafeMatches(text, environment.parse(text).ast));
    const checked = program.check();
    if (!checked.valid) return fail(`compilation failed: ${wordsOf(checked.error)}`);
    if (type !== 'dyn' && checked.type !== type && checked.type !== 'dyn')
      return fail(`must evaluate to a ${type}, but evaluates to ${checked.type ?? 'nothing'}`);
    const badPattern = nodesOf(program.ast).flatMap(faultsOfPattern)[0];
    return badPattern === undefined ? ok(expressionOf(program)) : fail(`compilation failed: ${badPattern}`);
  } catch (thrown) {
    return fail(`compilation failed: ${wordsOf(thrown)}`);
  }
}

/** What the library says of a fault, without its drawing of the place. */
export function wordsOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const { summary } = trusted<{ readonly summary?: unknown }>(thrown);
  return typeof summary === 'string' ? summary : (thrown.message.split('\n')[0] ?? '');
}

function expressionOf(program: ParseResult): Expression {
  const nodes = nodesOf(program.ast);
  const shape = {
    nodes: nodes.length,
    calls: nodes.filter(isCall).length,
    loops: loopDepth(program.ast),
    longestLiteral: longestLiteral(nodes),
    takesTextsApart: nodes.some(({ op, args }) => op === 'rcall' && (args[0] === 'split' || args[0] === 'findAll')),
  };
  return {
    usesOldSelf: nodes.some(({ op, args }) => op === 'id' && args === 'oldSelf'),
    ast: program.ast,
    costOf: ({ longestList, longestText }) => {
      const perStep = shape.nodes + (shape.calls * longestText) / CHARACTERS_PER_STEP;
      const longest = Math.max(longestList, shape.longestLiteral, shape.takesTextsApart ? longestText : 0, 1);
      return perStep * longest ** shape.loops;
    },
    evaluate: (self, oldSelf) => program({ self, oldSelf }),
    evaluateWith: (variables) => program(variables),
  };
}

/** The text with the library's `matches`, which backtracks, replaced by ours. */
function withSafeMatches(text: string, ast: ASTNode): string {
  const places = nodesOf(ast).flatMap((node) => {
    if (node.op === 'call' && node.args[0] === 'matches') return [node.start];
    return node.op === 'rcall' && node.args[0] === 'matches' ? [text.indexOf('matches', node.args[1].end)] : [];
  });
  let safe = text;
  for (const place of places.toSorted((a, b) => b - a)) safe = safe.slice(0, place) + SAFE_MATCHES + safe.slice(place + 'matches'.length);
  return safe;
}

/** A node and everything below it. */
function nodesOf(root: ASTNode): readonly ASTNode[] {
  const found: ASTNode[] = [];
  const pending: unknown[] = [root];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (Array.isArray(next)) pending.push(...trusted<readonly unknown[]>(next));
    else if (isNode(next)) {
      found.push(next);
      pending.push(...childrenOf(next));
    }
  }
  return found;
}

/** True for a node of the parsed form. */
export function isNode(value: unknown): value is ASTNode {
  return isRecord(value) && typeof value['op'] === 'string' && 'args' in value;
}

/** What stands directly below a node. */
export function childrenOf({ args }: ASTNode): readonly ASTNode[] {
  const parts: readonly unknown[] = Array.isArray(args) ? args.flat(2) : [args];
  return parts.filter(isNode);
}

function isCall({ op }: ASTNode): boolean {
  return op === 'call' || op === 'rcall' || op === '+' || op === 'in' || op === '==';
}

function loopDepth(node: ASTNode): number {
  const deepest = Math.max(0, ...childrenOf(node).map(loopDepth));
  return node.op === 'rcall' && LOOPS.has(node.args[0]) ? deepest + 1 : deepest;
}

function longestLiteral(nodes: readonly ASTNode[]): number {
  return Math.max(0, ...nodes.map(({ op, args }) => ((op === 'list' || op === 'map') && Array.isArray(args) ? args.length : 0)));
}

function faultsOfPattern(node: ASTNode): readonly string[] {
  if (node.op !== 'rcall' || node.args[0] !== SAFE_MATCHES) return [];
  const [pattern] = node.args[2];
  if (pattern?.op !== 'value' || typeof pattern.args !== 'string') return [];
  const compiled = compilePattern(pattern.args);
  return compiled.ok ? [] : [compiled.error];
}
