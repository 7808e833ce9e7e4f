import type { Costed, CostedCall, SizeOfPath } from './costed.ts';
import type { Checked } from '../check/checker.ts';
import { isOptional, type Type } from '../check/types.ts';
import { LIST_COST, MAP_COST, MESSAGE_COST, TEXT_FACTOR } from '../run/actual-cost.ts';
import { ACCUMULATOR, type Comprehension, type Node, type NodeOf, visit, type Visitor } from '../syntax/ast.ts';
import { sizeOf } from '../values/value.ts';
import type { Overload } from '../functions/declare.ts';
import { type CallEstimate, estimateCall } from './call-costs.ts';
import { add, type Estimate, fixed, multiply, scale, UNBOUNDED, union, UNKNOWN, ZERO } from './estimate-range.ts';

/** Sizes of keys (indices) and values (items). */
interface EntrySize {
  readonly container: 'list' | 'map';
  readonly key: Estimate;
  readonly value: Estimate;
}

interface Local {
  readonly path: readonly string[];
  readonly size: Estimate | undefined;
  readonly entrySize: EntrySize | undefined;
}

const SCALARS: ReadonlySet<string> = new Set(['bool', 'double', 'google.protobuf.Duration', 'int', 'google.protobuf.Timestamp', 'uint']);

/** The least and most that an evaluation can cost, before there is anything to evaluate it on (cel-go checker/cost.go). */
export function estimateCost(root: Node, checked: Checked, sizeOfPath: SizeOfPath): Estimate {
  return new Estimator(checked, sizeOfPath).cost(root);
}

export class Estimator {
  readonly #checked: Checked;
  readonly sizeOfPath: SizeOfPath;
  readonly #paths = new Map<number, readonly string[]>();
  readonly #sizes = new Map<number, Estimate>();
  readonly #entrySizes = new Map<number, EntrySize>();
  readonly #locals = new Map<string, Local[]>();

  readonly #visitor: Visitor<Estimate> = {
    literal: () => ZERO,
    ident: (node) => this.#ident(node),
    select: (node) => this.#select(node),
    call: (node) => this.#call(node),
    list: (node) => this.#list(node),
    map: (node) => this.#map(node),
    message: ({ entries }) => add(fixed(MESSAGE_COST), ...entries.map(({ value }) => this.cost(value))),
    comprehension: (node) => (this.#isBind(node) ? this.#bind(node) : this.#loop(node)),
  };

  constructor(checked: Checked, sizeOfPath: SizeOfPath) {
    this.#checked = checked;
    this.sizeOfPath = sizeOfPath;
  }

  cost(node: Node): Estimate {
    return visit(node, this.#visitor);
  }

  #ident({ id, name }: NodeOf<'ident'>): Estimate {
    this.#paths.set(id, this.#local(name)?.path ?? [name]);
    return fixed(1);
  }

  #local(name: string): Local | undefined {
    return this.#locals.get(name)?.at(-1);
  }

  #push(name: string, local: Local): void {
    const stack = this.#locals.get(name) ?? [];
    stack.push(local);
    this.#locals.set(name, stack);
  }

  #pop(name: string): void {
    this.#locals.get(name)?.pop();
  }

  #typeOf(node: Node): Type | undefined {
    return this.#checked.types.get(node.id);
  }

  #path(node: Node): readonly string[] {
    return (node.kind === 'ident' ? this.#local(node.name)?.path : undefined) ?? this.#paths.get(node.id) ?? [];
  }

  #select(node: NodeOf<'select'>): Estimate {
    const operand = this.cost(node.operand);
    if (node.isTest) return operand;
    const kind = this.#typeOf(node.operand)?.kind;
    this.#paths.set(node.id, [...this.#path(node.operand), node.field]);
    return kind === 'map' || kind === 'object' || kind === 'param' ? add(operand, fixed(1)) : operand;
  }

  #call(node: NodeOf<'call'>): Estimate {
    const target = this.#checked.qualified.has(node.id) ? undefined : node.target;
    const [first] = node.args;
    if (node.name === 'dyn' && target === undefined && first !== undefined) return this.#unwrapDyn(node, first);
    const argCosts = node.args.map((arg) => this.cost(arg));
    const args = node.args.map((arg) => this.#costed(arg));
    const targetCost = target === undefined ? ZERO : this.cost(target);
    const overloads = this.#checked.overloads.get(node.id) ?? [];
    if (overloads.length === 0) return targetCost;
    const call = { target: target === undefined ? undefined : this.#costed(target), args, argCosts };
    return add(targetCost, this.#overloadsCost(node, overloads, call));
  }

  /** What covers all forms that may be meant. */
  #overloadsCost(node: NodeOf<'call'>, overloads: readonly Overload[], call: Omit<CostedCall, 'name' | 'overload'>): Estimate {
    let cost: Estimate = { min: UNBOUNDED, max: 0 };
    let size: Estimate | undefined;
    for (const { id, name } of overloads) {
      const estimate = this.#overloadCost(node, { ...call, name, overload: id });
      cost = union(cost, estimate.cost);
      if (estimate.size !== undefined) size = size === undefined ? estimate.size : union(size, estimate.size);
      size = this.#indexed(node, id) ?? size ?? this.sizeOf(node);
    }
    if (size !== undefined) this.#sizes.set(node.id, size);
    return cost;
  }

  /** Keeps the path of what an index leads to; answers how large it is. */
  #indexed(node: NodeOf<'call'>, overload: string): Estimate | undefined {
    const [of] = node.args;
    if (of === undefined || (overload !== 'index_list' && overload !== 'index_map')) return undefined;
    this.#paths.set(node.id, [...this.#path(of), overload === 'index_list' ? '@items' : '@values']);
    return this.#entrySize(of)?.value;
  }

  #unwrapDyn(node: Node, arg: Node): Estimate {
    const cost = this.cost(arg);
    this.#copySizes(node, arg);
    return add(fixed(1), cost);
  }

  #copySizes(to: Node, from: Node): void {
    const size = this.sizeOf(from);
    if (size !== undefined) this.#sizes.set(to.id, size);
    const entrySize = this.#entrySize(from);
    if (entrySize !== undefined) this.#entrySizes.set(to.id, entrySize);
  }

  #overloadCost(node: NodeOf<'call'>, call: CostedCall): CallEstimate {
    const { overload, argCosts, args } = call;
    switch (overload) {
      case 'logical_or':
      case 'logical_and':
        return { cost: { min: argCosts[0]?.min ?? 0, max: add(...argCosts).max } };
      case 'conditional': {
        this.#joinEntrySizes(node, 1, 2);
        const [condition, ...either] = argCosts;
        return { cost: add(condition ?? ZERO, either.reduce(union)), size: sizes(args.slice(1)).reduce(union) };
      }
      case 'add_string':
      case 'add_bytes':
      case 'add_list': {
        this.#joinEntrySizes(node, 0, 1);
        const size = add(...sizes(args));
        return { cost: add(overload === 'add_list' ? fixed(1) : scale(size, TEXT_FACTOR), ...argCosts), size };
      }
      default: {
        const estimate = estimateCall(call, this);
        return { cost: add(estimate.cost, ...argCosts), size: estimate.size };
      }
    }
  }

  #joinEntrySizes(node: NodeOf<'call'>, left: number, right: number): void {
    const [a, b] = [node.args[left], node.args[right]].map((arg) => (arg === undefined ? undefined : this.#entrySize(arg)));
    if (a === undefined || b === undefined) return;
    this.#entrySizes.set(node.id, { container: a.container, key: union(a.key, b.key), value: union(a.value, b.value) });
  }

  #list(node: NodeOf<'list'>): Estimate {
    const costs = node.items.map((item) => this.cost(item));
    const value = node.items
      .map((item) => this.sizeOf(item) ?? UNKNOWN)
      .reduce<Estimate>(union, { min: node.items.length === 0 ? 0 : UNBOUNDED, max: 0 });
    this.#entrySizes.set(node.id, { container: 'list', key: fixed(1), value });
    return add(fixed(LIST_COST), ...costs);
  }

  #map(node: NodeOf<'map'>): Estimate {
    const costs = node.entries.flatMap(({ key, value }) => [this.cost(key), this.cost(value)]);
    const nothing: Estimate = { min: node.entries.length === 0 ? 0 : UNBOUNDED, max: 0 };
    const key = node.entries.map((entry) => this.sizeOf(entry.key) ?? UNKNOWN).reduce<Estimate>(union, nothing);
    const value = node.entries.map((entry) => this.sizeOf(entry.value) ?? UNKNOWN).reduce<Estimate>(union, nothing);
    this.#entrySizes.set(node.id, { container: 'map', key, value });
    return add(fixed(MAP_COST), ...costs);
  }

  #isBind({ range, condition, accumulator }: Comprehension): boolean {
    return (
      range.kind === 'list' &&
      range.items.length === 0 &&
      condition.kind === 'literal' &&
      condition.value === false &&
      accumulator !== ACCUMULATOR
    );
  }

  #bind(node: Comprehension): Estimate {
    const before = add(this.cost(node.range), this.cost(node.init));
    this.#push(node.accumulator, { path: this.#path(node.init), size: this.sizeOf(node.init), entrySize: this.#entrySize(node.init) });
    const result = this.cost(node.result);
    this.#pop(node.accumulator);
    this.#copySizes(node, node.result);
    return add(before, result);
  }

  #loop(node: Comprehension): Estimate {
    const { range, init, accumulator, variable, second } = node;
    const before = add(this.cost(range), this.cost(init));
    this.#push(accumulator, { path: this.#path(init), size: this.sizeOf(init), entrySize: this.#entrySize(init) });
    this.#pushVariables(node);
    const turn = add(this.cost(node.condition), this.cost(node.step));
    this.#pop(variable);
    if (second !== undefined) this.#pop(second);
    const result = this.cost(node.result);
    this.#pop(accumulator);
    const count = this.sizeOf(range) ?? UNKNOWN;
    if (init.kind === 'literal') this.#sizes.set(node.id, this.sizeOf(init) ?? UNKNOWN);
    if (init.kind === 'list' || init.kind === 'map') this.#sizes.set(node.id, count);
    const stepEntries = init.kind === 'literal' ? undefined : this.#entrySize(node.step);
    if (stepEntries !== undefined) this.#entrySizes.set(node.id, stepEntries);
    return add(before, result, multiply(count, turn));
  }

  #pushVariables({ range, variable, second }: Comprehension): void {
    const entries = this.#entrySize(range);
    const container = entries?.container ?? this.#typeOf(range)?.kind;
    const isList = container === 'list';
    const path = this.#path(range);
    const at = (which: 'key' | 'value'): Local => {
      const step = which === 'key' ? (isList ? '@indices' : '@keys') : isList ? '@items' : '@values';
      return { path: [...path, step], size: entries?.[which], entrySize: undefined };
    };
    if (second === undefined) {
      this.#push(variable, at(isList ? 'value' : 'key'));
      return;
    }
    this.#push(variable, at('key'));
    this.#push(second, at('value'));
  }

  #costed(node: Node): Costed {
    const path = this.#path(node);
    return {
      node,
      type: this.#typeOf(node) ?? { kind: 'dyn', name: 'dyn', params: [] },
      path: path[0] === ACCUMULATOR ? [] : path,
      size: this.sizeOf(node),
    };
  }

  #entrySize(node: Node): EntrySize | undefined {
    return this.#entrySizes.get(node.id) ?? (node.kind === 'ident' ? this.#local(node.name)?.entrySize : undefined);
  }

  /** How large what a node yields can be; undefined where nothing tells. */
  sizeOf(node: Node): Estimate | undefined {
    const known = this.#sizes.get(node.id) ?? literalSize(node);
    if (known !== undefined) return known;
    const path = this.#path(node);
    const ofPath = path.length === 0 ? undefined : this.sizeOfPath(path);
    if (ofPath !== undefined) {
      this.#sizes.set(node.id, ofPath);
      return ofPath;
    }
    if (isScalar(this.#typeOf(node))) return fixed(1);
    return node.kind === 'ident' ? this.#local(node.name)?.size : undefined;
  }
}

function sizes(args: readonly Costed[]): readonly Estimate[] {
  return args.map(({ size }) => size ?? UNKNOWN);
}

function literalSize(node: Node): Estimate | undefined {
  switch (node.kind) {
    case 'literal':
      return fixed(sizeOf(node.value));
    case 'list':
      return fixed(node.items.length);
    case 'map':
      return fixed(node.entries.length);
    default:
      return undefined;
  }
}

function isScalar(type: Type | undefined): boolean {
  if (type === undefined) return false;
  return isOptional(type) ? isScalar(type.params[0]) : type.kind === 'simple' && SCALARS.has(type.name);
}
