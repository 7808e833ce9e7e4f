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

/** What stands directly below a node. */
export function childrenOf(node: Node): readonly Node[] {
  switch (node.kind) {
    case 'literal':
    case 'ident':
      return [];
    case 'select':
      return [node.operand];
    case 'call':
      return node.target === undefined ? node.args : [node.target, ...node.args];
    case 'list':
      return node.items;
    case 'map':
    case 'message':
      return node.entries.flatMap(({ key, value }) => [key, value]);
    case 'comprehension':
      return [node.range, node.init, node.condition, node.step, node.result];
  }
}

/** The field that an entry of a message sets. */
export function fieldOf({ key }: Entry): string {
  return key.kind === 'literal' && typeof key.value === 'string' ? key.value : '';
}

/** True where `found` holds for a node or one below it. */
export function someNode(root: Node, found: (node: Node) => boolean): boolean {
  const pending = [root];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (found(next)) return true;
    pending.push(...childrenOf(next));
  }
  return false;
}
