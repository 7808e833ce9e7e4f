import type { CelValue } from '../values/value.ts';

interface Placed {
  /** Unlike that of every other node of the expression. */
  readonly id: number;
  /** Where it stands in the text, in characters. */
  readonly at: number;
}

/** An entry of a map, or a field of a message. */
export interface Entry extends Placed {
  readonly key: Node;
  readonly value: Node;
  /** `?key: value`: left out where the optional value is none. */
  readonly isOptional: boolean;
}

/** A loop: everything that macros such as `all` and `map` stand for. */
export interface Comprehension extends Placed {
  readonly kind: 'comprehension';
  readonly range: Node;
  readonly variable: string;
  /** With it `variable` is the index or key, and this one the item or value. */
  readonly second: string | undefined;
  readonly accumulator: string;
  readonly init: Node;
  readonly condition: Node;
  readonly step: Node;
  readonly result: Node;
}

/** A part of an expression after its macros were expanded, as cel-go's common/ast has it. */
export type Node =
  | (Placed & { readonly kind: 'literal'; readonly value: CelValue })
  | (Placed & { readonly kind: 'ident'; readonly name: string })
  /** `isTest`: asks whether it is there (`has`). */
  | (Placed & { readonly kind: 'select'; readonly operand: Node; readonly field: string; readonly isTest: boolean })
  | (Placed & { readonly kind: 'call'; readonly name: string; readonly target: Node | undefined; readonly args: readonly Node[] })
  | (Placed & { readonly kind: 'list'; readonly items: readonly Node[]; readonly optional: ReadonlySet<number> })
  | (Placed & { readonly kind: 'map'; readonly entries: readonly Entry[] })
  | (Placed & { readonly kind: 'message'; readonly name: string; readonly entries: readonly Entry[] })
  | Comprehension;

export type NodeOf<K extends Node['kind']> = Extract<Node, { readonly kind: K }>;

/** The variable in which macros gather their result; no expression can name it. */
export const ACCUMULATOR = '@result';

/** What is done with a node of each kind. */
export type Visitor<R> = { readonly [K in Node['kind']]: (node: NodeOf<K>) => R };

/** Does with a node what the visitor does with those of its kind: everybody who goes through an expression comes by here. */
export function visit<R>(node: Node, visitor: Visitor<R>): R {
  switch (node.kind) {
    case 'literal':
      return visitor.literal(node);
    case 'ident':
      return visitor.ident(node);
    case 'select':
      return visitor.select(node);
    case 'call':
      return visitor.call(node);
    case 'list':
      return visitor.list(node);
    case 'map':
      return visitor.map(node);
    case 'message':
      return visitor.message(node);
    case 'comprehension':
      return visitor.comprehension(node);
  }
}

const NO_NODES: readonly Node[] = [];
const entryNodes = ({ entries }: { readonly entries: readonly Entry[] }): readonly Node[] =>
  entries.flatMap(({ key, value }) => [key, value]);
/** What stands directly below a node. */
const CHILDREN: Visitor<readonly Node[]> = {
  literal: () => NO_NODES,
  ident: () => NO_NODES,
  select: ({ operand }) => [operand],
  call: ({ target, args }) => (target === undefined ? args : [target, ...args]),
  list: ({ items }) => items,
  map: entryNodes,
  message: entryNodes,
  comprehension: ({ range, init, condition, step, result }) => [range, init, condition, step, result],
};

/** A node and everything below it; needs no stack of its own. */
export function* nodesOf(root: Node): Generator<Node> {
  const pending = [root];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    yield next;
    pending.push(...visit(next, CHILDREN));
  }
}

/** The arguments of a call as its function declares them: what it is called on is the first, unless that is only the beginning of its name. */
export function argumentsOf({ target, args }: NodeOf<'call'>, isQualified: boolean): readonly Node[] {
  return target === undefined || isQualified ? args : [target, ...args];
}

/** The field that an entry of a message sets. */
export function fieldOf({ key }: Entry): string {
  return key.kind === 'literal' && typeof key.value === 'string' ? key.value : '';
}
