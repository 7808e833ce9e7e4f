import { fail, ok, PlatformError, type Result } from '#kit/errors.ts';
import { type Checked, checkExpression, type Declarations } from './check/checker.ts';
import { formatType, type Type } from './check/types.ts';
import { literalFaults } from './check/literals.ts';
import { CostExceeded, Meter } from './run/meter.ts';
import { planExpression, type Step } from './run/planner.ts';
import { type Node, nodesOf } from './syntax/ast.ts';
import { parseExpression } from './syntax/parser.ts';
import { drawFault, ExpressionFault } from './syntax/syntax-error.ts';
import { CelError, type CelValue } from './values/value.ts';

/** Longest expression, in characters. */
const MAX_LENGTH = 100_000;
/** Most that one evaluation may cost (apiserver `PerCallLimit`). */
export const MAX_EVALUATION_COST = 1_000_000;
/** Most faults of an expression that are told. */
const MAX_FAULTS = 10;

/** A checked CEL expression. */
export interface Expression {
  readonly text: string;
  readonly root: Node;
  readonly checked: Checked;
  /** True where it names the variable. */
  uses(variable: string): boolean;
  /** Its value, or why it has none, and what finding that out cost. `limit` = most that it may cost. */
  evaluate(variables: ReadonlyMap<string, CelValue>, limit?: number): Evaluation;
}

/** What came of an evaluation. */
export interface Evaluation {
  readonly result: Result<CelValue>;
  readonly cost: number;
  /** True where it ended because it cost too much. */
  readonly isTooCostly: boolean;
}

/** Compiles an expression. The error says what is wrong with it, with the place drawn. */
export function compileExpression(text: string, declarations: Declarations): Result<Expression> {
  if (text.length > MAX_LENGTH) return fail(`must be no longer than ${MAX_LENGTH} characters`);
  try {
    const root = parseExpression(text);
    const checked = checkExpression(root, declarations);
    const faults = checked.faults.length > 0 ? checked.faults : literalFaults(root, checked);
    if (faults.length > 0)
      return fail(
        faults
          .slice(0, MAX_FAULTS)
          .map((fault) => drawFault(text, fault))
          .join('\n'),
      );
    return ok(new PlannedExpression(text, root, checked));
  } catch (thrown) {
    if (thrown instanceof ExpressionFault) return fail(drawFault(text, thrown));
    throw thrown;
  }
}

/** True where an expression yields a `wanted`, or what only its evaluation can tell. */
export function yields({ checked: { type } }: Expression, wanted: Type): boolean {
  return type.kind === wanted.kind && type.name === wanted.name;
}

/** The type of what it yields, for messages. */
export function typeTextOf({ checked }: Expression): string {
  return formatType(checked.type);
}

class PlannedExpression implements Expression {
  readonly text: string;
  readonly root: Node;
  readonly checked: Checked;
  #step: Step | undefined;

  constructor(text: string, root: Node, checked: Checked) {
    this.text = text;
    this.root = root;
    this.checked = checked;
  }

  uses(variable: string): boolean {
    return nodesOf(this.root).some((node) => node.kind === 'ident' && node.name === variable);
  }

  evaluate(variables: ReadonlyMap<string, CelValue>, limit = MAX_EVALUATION_COST): Evaluation {
    this.#step ??= planExpression(this.root, this.checked);
    const meter = new Meter(limit);
    try {
      const value = this.#step({ variables, locals: [], meter });
      const result = value instanceof CelError ? fail(value.message) : ok(value);
      return { result, cost: meter.cost, isTooCostly: false };
    } catch (thrown) {
      // why: whatever an evaluation throws is its answer
      return { result: fail(PlatformError.from(thrown).message), cost: meter.cost, isTooCostly: thrown instanceof CostExceeded };
    }
  }
}
