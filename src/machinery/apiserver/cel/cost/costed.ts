import type { Type } from '../check/types.ts';
import type { Node } from '../syntax/ast.ts';
import type { Estimate } from './estimate-range.ts';

/** A part of a call, as its cost is estimated. */
export interface Costed {
  readonly node: Node;
  readonly type: Type;
  readonly path: readonly string[];
  /** Undefined where nothing tells. */
  readonly size: Estimate | undefined;
}

/** A call whose cost is asked for. */
export interface CostedCall {
  readonly name: string;
  readonly overload: string;
  readonly target: Costed | undefined;
  readonly args: readonly Costed[];
  readonly argCosts: readonly Estimate[];
}

/** How large what stands at a path can be, for example `['self', 'list', '@items']`; undefined where nobody knows. */
export type SizeOfPath = (path: readonly string[]) => Estimate | undefined;

/** Who knows how large things are. */
export interface SizeSource {
  readonly sizeOfPath: SizeOfPath;
}
