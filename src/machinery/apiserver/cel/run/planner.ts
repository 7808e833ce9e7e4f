import type { Checked } from '../check/checker.ts';
import { typeOfName } from '../check/checker.ts';
import type { Type } from '../check/types.ts';
import type { Overload } from '../functions/declare.ts';
import { optionalIndex, optionalOf } from '../functions/optionals.ts';
import {
  ACCUMULATOR,
  argumentsOf,
  type Comprehension,
  type Entry,
  fieldOf,
  type Node,
  type NodeOf,
  visit,
  type Visitor,
} from '../syntax/ast.ts';
import { CelError, type CelValue, isList, isMap, keyOf, keyText, MessageValue, Optional, TypeValue } from '../values/value.ts';
import { actualCost, LIST_COST, MAP_COST, MESSAGE_COST } from './actual-cost.ts';
import { fits } from './fits.ts';
import type { Meter } from './meter.ts';

/** What an evaluation works with. */
export interface Frame {
  readonly variables: ReadonlyMap<string, CelValue>;
  /** Variables of loops. */
  readonly locals: CelValue[];
  readonly meter: Meter;
}

/** Evaluates a part of an expression. @throws CostExceeded */
export type Step = (frame: Frame) => CelValue;

const NO_OVERLOAD = new CelError('no such overload');

/** Makes of a checked expression what evaluates it. */
export function planExpression(root: Node, checked: Checked): Step {
  return new Planner(checked).plan(root);
}

class Planner {
  readonly #checked: Checked;
  /** Names of the variables of the loops around, by their places. */
  #scope: readonly string[] = [];
  readonly #visitor: Visitor<Step> = {
    literal:
      ({ value }) =>
      () =>
        value,
    ident: ({ name }) => this.#ident(name),
    select: (node) => this.#select(node),
    call: (node) => this.#call(node),
    list: (node) => this.#list(node),
    map: ({ entries }) => this.#map(entries),
    message: (node) => this.#message(node),
    comprehension: (node) => this.#loop(node),
  };

  constructor(checked: Checked) {
    this.#checked = checked;
  }

  plan(node: Node): Step {
    const constant = constantOf(node);
    // why: what never changes is made once, and costs nothing
    if (constant !== undefined) return () => constant;
    return visit(node, this.#visitor);
  }

  #ident(name: string): Step {
    const place = this.#scope.lastIndexOf(name);
    if (place >= 0) {
      return ({ locals, meter }) => {
        meter.charge(1);
        return locals[place] ?? null;
      };
    }
    const type = typeOfName(name);
    return ({ variables, meter }) => {
      meter.charge(1);
      const value = variables.get(name);
      if (value !== undefined) return value;
      return type === undefined ? new CelError(`no such attribute: ${name}`) : new TypeValue(type.name);
    };
  }

  #select(node: NodeOf<'select'>): Step {
    const { field, isTest } = node;
    const type = this.#checked.types.get(node.id);
    if (type?.kind === 'type' && !isTest) {
      const named = new TypeValue(type.params[0]?.name ?? 'type');
      return () => named;
    }
    const variable = this.#checked.named.get(node.id);
    if (variable !== undefined) return this.#ident(variable);
    const operand = this.plan(node.operand);
    if (isTest) return (frame) => testField(operand(frame), field);
    return (frame) => {
      const of = operand(frame);
      frame.meter.charge(1);
      return selectField(of, field);
    };
  }

  #call(node: NodeOf<'call'>): Step {
    const args = this.#argumentsOf(node);
    const special = SPECIAL.get(node.name);
    if (special !== undefined) return special(args);
    const gathered = this.#gathering(node);
    if (gathered !== undefined) return gathered;
    const overloads = this.#checked.overloads.get(node.id) ?? [];
    const name = overloads[0]?.name ?? node.name;
    return name === 'orValue' || name === 'or' ? orElse(args, name) : dispatch(name, overloads, args);
  }

  /** A step of a loop that adds to what it gathers; undefined for other calls. */
  #gathering({ name, args: [into, ...more] }: NodeOf<'call'>): Step | undefined {
    if (into === undefined || !isAccumulator(into)) return undefined;
    const [first] = more;
    if (name === '_+_' && first?.kind === 'list') return this.#append(into, first);
    return name === 'cel.@mapInsert' ? this.#insert(into, more) : undefined;
  }

  #argumentsOf(node: NodeOf<'call'>): readonly Step[] {
    return argumentsOf(node, this.#checked.qualified.has(node.id)).map((arg) => this.plan(arg));
  }

  /** What loops gather is theirs alone, so it grows in its place. */
  #append(list: Node, { items }: NodeOf<'list'>): Step {
    const [gathered, steps] = [this.plan(list), items.map((item) => this.plan(item))];
    return (frame) => {
      const into = gathered(frame);
      if (!isList(into)) return into;
      const made: CelValue[] = [];
      for (const step of steps) {
        const value = step(frame);
        if (value instanceof CelError) return value;
        made.push(value);
      }
      frame.meter.charge(LIST_COST + 1);
      growable(into).push(...made);
      return into;
    };
  }

  #insert(map: Node, more: readonly Node[]): Step {
    const [gathered, steps] = [this.plan(map), more.map((node) => this.plan(node))];
    return (frame) => {
      const into = gathered(frame);
      const values = steps.map((step) => step(frame));
      const failed = values.find((value) => value instanceof CelError);
      if (failed !== undefined || !isMap(into)) return failed ?? into;
      const [first = null, second] = values;
      const entries: Iterable<readonly [CelValue, CelValue]> = second !== undefined ? [[first, second]] : isMap(first) ? first : [];
      for (const [key, value] of entries) {
        frame.meter.charge(1);
        const known = keyOf(key);
        if (known === undefined) return new CelError('unsupported key type');
        if (into.has(known)) return new CelError(`insert failed: key ${keyText(known)} already exists`);
        growableMap(into).set(known, value);
      }
      return into;
    };
  }

  #list({ items, optional }: NodeOf<'list'>): Step {
    const steps = items.map((item) => this.plan(item));
    return (frame) => {
      frame.meter.charge(LIST_COST);
      const made: CelValue[] = [];
      for (const [index, step] of steps.entries()) {
        const value = step(frame);
        if (value instanceof CelError) return value;
        if (!optional.has(index)) made.push(value);
        else if (!(value instanceof Optional)) return NO_OVERLOAD;
        else if (value.value !== undefined) made.push(value.value);
      }
      return made;
    };
  }

  #map(entries: readonly Entry[]): Step {
    const steps = entries.map(({ key, value, isOptional }) => ({ key: this.plan(key), value: this.plan(value), isOptional }));
    return (frame) => {
      frame.meter.charge(MAP_COST);
      const made = new Map<CelValue, CelValue>();
      for (const { key, value, isOptional } of steps) {
        const failed = addEntry(made, [key(frame), value(frame)], isOptional);
        if (failed !== undefined) return failed;
      }
      return made;
    };
  }

  #message({ id, entries }: NodeOf<'message'>): Step {
    const message = this.#checked.messages.get(id);
    const steps = entries.map((entry) => ({ name: fieldOf(entry), value: this.plan(entry.value), isOptional: entry.isOptional }));
    return (frame) => {
      frame.meter.charge(MESSAGE_COST);
      const fields = new Map<string, CelValue>();
      for (const { name, value, isOptional } of steps) {
        const failed = addField(fields, [name, value(frame)], isOptional);
        if (failed !== undefined) return failed;
      }
      return message?.make(fields) ?? NO_OVERLOAD;
    };
  }

  /** What a loop begins to gather in is made anew each time. */
  #initial(node: Node): Step {
    if (node.kind === 'list' && node.items.length === 0) return () => [];
    return node.kind === 'map' && node.entries.length === 0 ? () => new Map() : this.plan(node);
  }

  #loop(node: Comprehension): Step {
    const range = this.plan(node.range);
    const init = this.#initial(node.init);
    const outer = this.#scope;
    const base = outer.length;
    // why a place for the second even where there is none: places are the same for both forms
    this.#scope = [...outer, node.accumulator, node.variable, node.second ?? '#none'];
    const [condition, step] = [this.plan(node.condition), this.plan(node.step)];
    this.#scope = [...outer, node.accumulator];
    const result = this.plan(node.result);
    this.#scope = outer;
    const hasSecond = node.second !== undefined;
    return (frame) => {
      const over = range(frame);
      if (over instanceof CelError) return over;
      const entries = entriesOf(over, hasSecond);
      if (entries === undefined) return new CelError(`expression of type '${typeof over}' cannot be range of a comprehension`);
      const { locals } = frame;
      locals[base] = init(frame);
      for (const [first, second] of entries) {
        locals[base + 1] = first;
        locals[base + 2] = second;
        if (condition(frame) === false) break;
        locals[base] = step(frame);
      }
      return result(frame);
    };
  }
}

/** The value of what has no variables in it: literals, and lists and maps of them. */
function constantOf(node: Node): CelValue | undefined {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'list':
      return node.optional.size > 0 ? undefined : constantsOf(node.items);
    case 'map': {
      if (node.entries.some(({ isOptional }) => isOptional)) return undefined;
      const keys = constantsOf(node.entries.map(({ key }) => key));
      const values = constantsOf(node.entries.map(({ value }) => value));
      return keys === undefined || values === undefined ? undefined : constantMap(keys, values);
    }
    default:
      return undefined;
  }
}

function constantsOf(nodes: readonly Node[]): readonly CelValue[] | undefined {
  const values: CelValue[] = [];
  for (const node of nodes) {
    const value = constantOf(node);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

function constantMap(keys: readonly CelValue[], values: readonly CelValue[]): CelValue | undefined {
  const made = new Map<CelValue, CelValue>();
  for (const [index, key] of keys.entries()) {
    const known = keyOf(key);
    if (known === undefined) return undefined;
    made.set(known, values[index] ?? null);
  }
  return made;
}

function isAccumulator(node: Node): node is NodeOf<'ident'> {
  return node.kind === 'ident' && node.name === ACCUMULATOR;
}

function growable(list: readonly CelValue[]): CelValue[] {
  // why: the list was made by the loop that gathers in it
  return Array.isArray(list) ? list : [];
}

function growableMap(map: ReadonlyMap<CelValue, CelValue>): Map<CelValue, CelValue> {
  return map instanceof Map ? map : new Map();
}

function entriesOf(over: CelValue, hasSecond: boolean): Iterable<readonly [CelValue, CelValue]> | undefined {
  if (isList(over)) return over.map((item, index) => (hasSecond ? [BigInt(index), item] : [item, null]));
  return isMap(over) ? over : undefined;
}

/** Adds what is there; answers why it can't. A field that is none is not set, whatever it was before. */
function addField<K extends CelValue>(
  into: Map<K, CelValue>,
  [key, value]: readonly [K, CelValue],
  isOptional: boolean,
): CelError | undefined {
  if (value instanceof CelError) return value;
  if (!isOptional) into.set(key, value);
  else if (!(value instanceof Optional)) return NO_OVERLOAD;
  else if (value.value === undefined) into.delete(key);
  else into.set(key, value.value);
  return undefined;
}

function addEntry(into: Map<CelValue, CelValue>, [key, value]: readonly [CelValue, CelValue], isOptional: boolean): CelError | undefined {
  if (key instanceof CelError) return key;
  if (value instanceof CelError) return value;
  const known = keyOf(key);
  return known === undefined ? new CelError('unsupported key type') : addField(into, [known, value], isOptional);
}

function selectField(of: CelValue, field: string): CelValue {
  if (isMap(of)) return of.get(field) ?? new CelError(`no such key: ${field}`);
  if (of instanceof CelError) return of;
  if (of instanceof MessageValue) return of.get(field);
  return of instanceof Optional ? optionalIndex(of, field) : NO_OVERLOAD;
}

function testField(of: CelValue, field: string): CelValue {
  if (of instanceof CelError) return of;
  if (isMap(of) || of instanceof MessageValue) return of.has(field);
  if (!(of instanceof Optional)) return NO_OVERLOAD;
  return of.value === undefined ? false : testField(of.value, field);
}

/** Calls the first form that the values fit. */
function dispatch(name: string, overloads: readonly Overload[], steps: readonly Step[]): Step {
  return (frame) => {
    const args: CelValue[] = [];
    for (const step of steps) {
      const value = step(frame);
      if (value instanceof CelError) return value;
      args.push(value);
    }
    const form = overloads.find(({ params }) => params.every((type: Type, index) => fits(type, args[index] ?? null)));
    if (form === undefined) return NO_OVERLOAD;
    const result = callForm(form, args);
    frame.meter.charge(actualCost(name, form.id, { args, result }));
    return result;
  };
}

function callForm({ run }: Overload, args: readonly CelValue[]): CelValue {
  // why as never: the values were found to fit the form's parameters
  return Reflect.apply(run, undefined, args);
}

function orElse([of, other]: readonly Step[], name: string): Step {
  return (frame) => {
    const optional = of?.(frame) ?? null;
    if (optional instanceof CelError) return optional;
    if (!(optional instanceof Optional)) return NO_OVERLOAD;
    if (optional.value === undefined) return other?.(frame) ?? null;
    return name === 'or' ? optional : optional.value;
  };
}

/** Left and right where one of them may decide alone, whatever the other is. */
function either(decisive: boolean): (steps: readonly Step[]) => Step {
  return ([left, right]) =>
    (frame) => {
      const first = left?.(frame) ?? null;
      if (first === decisive) return decisive;
      const second = right?.(frame) ?? null;
      if (second === decisive) return decisive;
      if (first instanceof CelError) return first;
      if (second instanceof CelError) return second;
      return typeof first === 'boolean' && typeof second === 'boolean' ? !decisive : NO_OVERLOAD;
    };
}

const SPECIAL: ReadonlyMap<string, (steps: readonly Step[]) => Step> = new Map<string, (steps: readonly Step[]) => Step>([
  ['_&&_', either(false)],
  ['_||_', either(true)],
  [
    '_?_:_',
    ([condition, then, otherwise]) =>
      (frame) => {
        const holds = condition?.(frame) ?? null;
        if (holds instanceof CelError) return holds;
        if (typeof holds !== 'boolean') return NO_OVERLOAD;
        return (holds ? then : otherwise)?.(frame) ?? null;
      },
  ],
  [
    '@not_strictly_false',
    ([value]) =>
      (frame) =>
        value?.(frame) !== false,
  ],
  [
    '_?._',
    ([of, name]) =>
      (frame) => {
        const from = of?.(frame) ?? null;
        frame.meter.charge(1);
        if (from instanceof CelError) return from;
        const inner = from instanceof Optional ? from.value : from;
        if (inner === undefined) return optionalOf(undefined);
        return isMap(inner) || inner instanceof MessageValue ? optionalIndex(inner, name?.(frame) ?? null) : NO_OVERLOAD;
      },
  ],
]);
