import type { Library } from '../functions/library.ts';
import type { Overload } from '../functions/declare.ts';
import { argumentsOf, type Comprehension, type Entry, fieldOf, type Node, type NodeOf, visit, type Visitor } from '../syntax/ast.ts';
import { Duration, isList, isMap, type MessageType, Timestamp, Uint } from '../values/value.ts';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  ERROR,
  formatType,
  INT,
  isOptional,
  listType,
  mapType,
  NULL,
  optionalType,
  paramType,
  STRING,
  TIMESTAMP,
  type Type,
  typeType,
  UINT,
} from './types.ts';
import { type Bindings, isAssignable, isMoreGeneral, substitute } from './unify.ts';

/** What an expression may use. */
export interface Declarations {
  readonly library: Library;
  readonly variables: ReadonlyMap<string, Type>;
  /** Types of which objects can be made, by their names. */
  readonly messages?: (name: string) => MessageType | undefined;
}

/** Something wrong with an expression, and where. */
export interface Fault {
  readonly at: number;
  readonly message: string;
}

/** What was found out of an expression. */
export interface Checked {
  /** Of each node, by its number. */
  readonly types: ReadonlyMap<number, Type>;
  /** The forms of functions that may be meant, by the number of the call. */
  readonly overloads: ReadonlyMap<number, readonly Overload[]>;
  /** Calls on what is only the first word of a function's name, such as `optional.of`. */
  readonly qualified: ReadonlySet<number>;
  /** Names of several words that are variables, by the number of the node. */
  readonly named: ReadonlyMap<number, string>;
  /** Types of objects that are made, by the number of the node. */
  readonly messages: ReadonlyMap<number, MessageType>;
  /** Names of such types that stand where a value is wanted: they are no values. */
  readonly typeNames: readonly string[];
  readonly type: Type;
  readonly faults: readonly Fault[];
}

const LITERALS = [
  [Uint, UINT],
  [Uint8Array, BYTES],
  [Timestamp, TIMESTAMP],
  [Duration, DURATION],
] as const;
const PRIMITIVES: Readonly<Record<string, Type>> = { boolean: BOOL, bigint: INT, number: DOUBLE, string: STRING };
/** Names that stand for types. */
const TYPE_NAMES: ReadonlyMap<string, Type> = new Map([
  ...[BOOL, INT, UINT, DOUBLE, STRING, BYTES].map((type) => [type.name, type] as const),
  ['list', listType(DYN)],
  ['map', mapType(DYN, DYN)],
  ['null_type', NULL],
  ['type', typeType()],
  ['google.protobuf.Timestamp', TIMESTAMP],
  ['google.protobuf.Duration', DURATION],
  ['optional_type', optionalType(DYN)],
  ['net.IP', { kind: 'opaque', name: 'net.IP', params: [] }],
  ['net.CIDR', { kind: 'opaque', name: 'net.CIDR', params: [] }],
]);

/** The type that a word stands for; undefined where it stands for none. */
export function typeOfName(name: string): Type | undefined {
  return TYPE_NAMES.get(name);
}

/** Finds out the type of everything in an expression (cel-go checker/checker.go). */
export function checkExpression(root: Node, declarations: Declarations): Checked {
  return new Checker(declarations).run(root);
}

interface Scope {
  readonly name: string;
  readonly type: Type;
  readonly outer: Scope | undefined;
}

class Checker {
  readonly #declarations: Declarations;
  readonly #types = new Map<number, Type>();
  readonly #overloads = new Map<number, readonly Overload[]>();
  readonly #qualified = new Set<number>();
  readonly #named = new Map<number, string>();
  readonly #messages = new Map<number, MessageType>();
  readonly #typeNames: string[] = [];
  readonly #faults: Fault[] = [];
  readonly #bindings: Bindings = new Map();
  #fresh = 0;
  #scope: Scope | undefined;
  /** Inside of what may mix types: arguments of `format`. */
  #mayMix = false;
  readonly #visitor: Visitor<Type> = {
    literal: literalType,
    ident: (node) => this.#ident(node),
    select: (node) => this.#select(node),
    call: (node) => this.#call(node),
    list: (node) => this.#list(node),
    map: (node) => this.#map(node),
    message: (node) => this.#message(node),
    comprehension: (node) => this.#loop(node),
  };

  constructor(declarations: Declarations) {
    this.#declarations = declarations;
  }

  run(root: Node): Checked {
    const type = this.#check(root);
    const types = new Map([...this.#types].map(([id, found]) => [id, substitute(this.#bindings, found, 'dyn')]));
    return {
      types,
      overloads: this.#overloads,
      qualified: this.#qualified,
      named: this.#named,
      messages: this.#messages,
      typeNames: this.#typeNames,
      type: substitute(this.#bindings, type, 'dyn'),
      faults: this.#faults.toSorted((a, b) => a.at - b.at),
    };
  }

  #check(node: Node): Type {
    const type = visit(node, this.#visitor);
    this.#types.set(node.id, type);
    return type;
  }

  #fault(at: number, message: string): Type {
    this.#faults.push({ at, message });
    return ERROR;
  }

  #lookup(name: string): Type | undefined {
    for (let scope = this.#scope; scope !== undefined; scope = scope.outer) if (scope.name === name) return scope.type;
    return this.#declarations.variables.get(name);
  }

  #ident(node: NodeOf<'ident'>): Type {
    const known = this.#lookup(node.name);
    if (known !== undefined) return known;
    return this.#typeNamed(node.name) ?? this.#undeclared(node);
  }

  #undeclared(node: NodeOf<'ident' | 'message'>): Type {
    return this.#fault(node.at, `undeclared reference to '${node.name}' (in container '')`);
  }

  #select(node: NodeOf<'select'>): Type {
    const named = this.#namedSelect(node);
    if (named !== undefined) return named;
    const operand = this.#resolved(this.#check(node.operand));
    const inner = isOptional(operand) ? this.#resolved(operand.params[0] ?? DYN) : operand;
    const field = this.#field(inner, node.field, node.at);
    if (node.isTest) return field === ERROR ? ERROR : BOOL;
    return isOptional(operand) && field !== ERROR ? optionalType(field) : field;
  }

  /** Where the words together are the name of a type or a variable: its type. */
  #namedSelect(node: NodeOf<'select'>): Type | undefined {
    const name = qualifiedName(node);
    if (name === undefined) return undefined;
    const type = this.#lookup(name.first) === undefined ? this.#typeNamed(name.full) : undefined;
    if (type !== undefined) return type;
    const variable = this.#declarations.variables.get(name.full);
    if (variable !== undefined) this.#named.set(node.id, name.full);
    return variable;
  }

  /** The type of a type's name; undefined for other names. */
  #typeNamed(name: string): Type | undefined {
    const known = TYPE_NAMES.get(name);
    if (known !== undefined) return typeType(known);
    const message = this.#declarations.messages?.(name);
    if (message === undefined) return undefined;
    this.#typeNames.push(name);
    return typeType(message.type);
  }

  /** An object that is made with the fields of its type (cel-go checker `checkCreateStruct`). */
  #message(node: NodeOf<'message'>): Type {
    const message = this.#declarations.messages?.(node.name);
    if (message !== undefined) this.#messages.set(node.id, message);
    const type = message?.type ?? this.#noMessage(node);
    for (const entry of node.entries) {
      const given = this.#resolved(this.#entryValue(entry));
      const name = fieldOf(entry);
      const wanted = message === undefined ? ERROR : this.#field(type, name, entry.at);
      if (isAssignable(this.#bindings, wanted, given)) continue;
      this.#fault(
        entry.at,
        `expected type of field '${name}' is '${formatType(wanted)}' but provided type is '${formatType(this.#resolved(given))}'`,
      );
    }
    return type;
  }

  #noMessage(node: NodeOf<'message'>): Type {
    const variable = this.#lookup(node.name);
    if (variable !== undefined) return this.#fault(node.at, `'${formatType(variable)}' is not a type`);
    return TYPE_NAMES.has(node.name) ? this.#fault(node.at, `'${node.name}' is not a message type`) : this.#undeclared(node);
  }

  #resolved(type: Type): Type {
    return substitute(this.#bindings, type);
  }

  #field(of: Type, name: string, at: number): Type {
    switch (of.kind) {
      case 'dyn':
      case 'error':
        return DYN;
      case 'param':
        this.#bindings.set(of.name, DYN);
        return DYN;
      case 'map':
        return of.params[1] ?? DYN;
      case 'object':
        return of.fields?.get(name) ?? this.#fault(at, `undefined field '${name}'`);
      default:
        return this.#fault(at, `type '${formatType(of)}' does not support field selection`);
    }
  }

  #call(node: NodeOf<'call'>): Type {
    if (node.name === '_?._') return this.#optionalSelect(node);
    if (node.name === '_&&_' || node.name === '_||_') return this.#logical(node);
    const qualified = this.#qualifiedFunction(node);
    if (qualified !== undefined) this.#qualified.add(node.id);
    const name = qualified ?? node.name;
    const isMember = qualified === undefined && node.target !== undefined;
    const args = argumentsOf(node, qualified !== undefined);
    const mayMix = this.#mayMix;
    this.#mayMix = name === 'format';
    const types = args.map((arg) => this.#resolved(this.#check(arg)));
    this.#mayMix = mayMix;
    const forms = this.#declarations.library.get(name);
    if (forms === undefined) return this.#fault(node.at, `undeclared reference to '${name}' (in container '')`);
    const fitting = forms.filter((form) => form.isMember === isMember);
    return this.#resolve(node, fitting, { name, types, isMember });
  }

  /** Each side has to be a bool by itself. */
  #logical(node: NodeOf<'call'>): Type {
    for (const arg of node.args) this.#require(arg, BOOL, this.#check(arg));
    this.#overloads.set(node.id, this.#declarations.library.get(node.name) ?? []);
    return BOOL;
  }

  /** The name of a function of several words, such as `optional.of`; undefined where the call is on a value. */
  #qualifiedFunction({ target, name }: NodeOf<'call'>): string | undefined {
    const prefix = target === undefined ? undefined : qualifiedName(target);
    if (prefix === undefined || this.#lookup(prefix.first) !== undefined) return undefined;
    const full = `${prefix.full}.${name}`;
    return this.#declarations.library.has(full) ? full : undefined;
  }

  #optionalSelect(node: NodeOf<'call'>): Type {
    const [of, name] = node.args;
    if (of === undefined || name?.kind !== 'literal' || typeof name.value !== 'string') return DYN;
    this.#check(name);
    this.#overloads.set(node.id, this.#declarations.library.get(node.name) ?? []);
    const operand = this.#resolved(this.#check(of));
    const inner = isOptional(operand) ? this.#resolved(operand.params[0] ?? DYN) : operand;
    const field = this.#field(inner, name.value, node.at);
    return field === ERROR ? ERROR : optionalType(field);
  }

  #resolve(
    node: Node,
    forms: readonly Overload[],
    call: { readonly name: string; readonly types: readonly Type[]; readonly isMember: boolean },
  ): Type {
    const { name, types, isMember } = call;
    const fitting: Overload[] = [];
    let result: Type | undefined;
    for (const form of forms) {
      const own = this.#instance(form);
      if (own.params.length !== types.length || !this.#allAssignable(own.params, types)) continue;
      fitting.push(form);
      const found = this.#resolved(own.result);
      result = result === undefined || sameType(result, found) ? found : DYN;
    }
    if (result === undefined) {
      if (types.some(({ kind }) => kind === 'error')) return ERROR;
      return this.#fault(
        node.at,
        `found no matching overload for '${name}' applied to '${signature(
          types.map((type) => this.#resolved(type)),
          isMember,
        )}'`,
      );
    }
    this.#overloads.set(node.id, fitting);
    return result;
  }

  #allAssignable(wanted: readonly Type[], given: readonly Type[]): boolean {
    const before = new Map(this.#bindings);
    if (wanted.every((type, index) => isAssignable(this.#bindings, type, given[index] ?? DYN))) return true;
    this.#bindings.clear();
    for (const [name, type] of before) this.#bindings.set(name, type);
    return false;
  }

  /** The form with type parameters of its own. */
  #instance({ params, result }: Overload): { readonly params: readonly Type[]; readonly result: Type } {
    const names = new Map<string, Type>();
    const renew = (type: Type): Type => {
      if (type.kind === 'param') {
        const own = names.get(type.name) ?? this.#newParam();
        names.set(type.name, own);
        return own;
      }
      return type.params.length === 0 ? type : { ...type, params: type.params.map(renew) };
    };
    return { params: params.map(renew), result: renew(result) };
  }

  #newParam(): Type {
    this.#fresh += 1;
    return paramType(`_var${this.#fresh}`);
  }

  #join(previous: Type | undefined, node: Node, current: Type): Type {
    if (previous === undefined) return current;
    if (isAssignable(this.#bindings, previous, current)) return isMoreGeneral(current, previous) ? current : previous;
    if (this.#mayMix) return DYN;
    return this.#fault(
      node.at,
      `expected type '${formatType(this.#resolved(previous))}' but found '${formatType(this.#resolved(current))}'`,
    );
  }

  #list(node: NodeOf<'list'>): Type {
    let joined: Type | undefined;
    for (const [index, item] of node.items.entries()) {
      const type = this.#check(item);
      joined = this.#join(joined, item, node.optional.has(index) ? this.#unwrapped(item, type) : type);
    }
    return listType(joined ?? this.#newParam());
  }

  #unwrapped(node: Node, type: Type): Type {
    const resolved = this.#resolved(type);
    if (isOptional(resolved)) return resolved.params[0] ?? DYN;
    if (resolved.kind === 'dyn' || resolved.kind === 'error') return DYN;
    return this.#fault(node.at, `expected type 'optional_type(${formatType(resolved)})' but found '${formatType(resolved)}'`);
  }

  #map(node: NodeOf<'map'>): Type {
    let [keys, values]: [Type | undefined, Type | undefined] = [undefined, undefined];
    for (const entry of node.entries) {
      keys = this.#join(keys, entry.key, this.#check(entry.key));
      values = this.#join(values, entry.value, this.#entryValue(entry));
    }
    return mapType(keys ?? this.#newParam(), values ?? this.#newParam());
  }

  #entryValue({ value, isOptional: isMaybe }: Entry): Type {
    const type = this.#check(value);
    return isMaybe ? this.#unwrapped(value, type) : type;
  }

  #loop(node: Comprehension): Type {
    const range = this.#resolved(this.#check(node.range));
    const init = this.#check(node.init);
    const [first, second] = this.#variables(node, range);
    const outer = this.#scope;
    const accumulated: Scope = { name: node.accumulator, type: init, outer };
    const inner: Scope = { name: node.variable, type: first, outer: accumulated };
    this.#scope = node.second === undefined ? inner : { name: node.second, type: second, outer: inner };
    const condition = this.#check(node.condition);
    this.#require(node.condition, BOOL, condition);
    const step = this.#check(node.step);
    this.#require(node.step, init, step);
    this.#scope = accumulated;
    const result = this.#check(node.result);
    this.#scope = outer;
    return result;
  }

  #require(node: Node, wanted: Type, given: Type): void {
    if (given.kind === 'error' || isAssignable(this.#bindings, wanted, given)) return;
    this.#fault(node.at, `expected type '${formatType(this.#resolved(wanted))}' but found '${formatType(this.#resolved(given))}'`);
  }

  /** Types of the variables of a loop over `range`. */
  #variables({ range: node, second }: Comprehension, range: Type): readonly [Type, Type] {
    switch (range.kind) {
      case 'list': {
        const item = range.params[0] ?? DYN;
        return second === undefined ? [item, DYN] : [INT, item];
      }
      case 'map':
        return [range.params[0] ?? DYN, range.params[1] ?? DYN];
      case 'dyn':
      case 'error':
      case 'param':
        if (range.kind === 'param') this.#bindings.set(range.name, DYN);
        return [DYN, DYN];
      default:
        this.#fault(
          node.at,
          `expression of type '${formatType(range)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
        );
        return [ERROR, ERROR];
    }
  }
}

function literalType({ value }: NodeOf<'literal'>): Type {
  if (value === null) return NULL;
  const primitive = PRIMITIVES[typeof value];
  if (primitive !== undefined) return primitive;
  if (isList(value)) return listType(DYN);
  return isMap(value) ? mapType(DYN, DYN) : (LITERALS.find(([of]) => value instanceof of)?.[1] ?? DYN);
}

/** A name of several words, and its first; undefined for other expressions. */
function qualifiedName(node: Node): { readonly full: string; readonly first: string } | undefined {
  if (node.kind === 'ident') return { full: node.name, first: node.name };
  if (node.kind !== 'select' || node.isTest) return undefined;
  const operand = qualifiedName(node.operand);
  return operand === undefined ? undefined : { full: `${operand.full}.${node.field}`, first: operand.first };
}

function signature(types: readonly Type[], isMember: boolean): string {
  const shown = types.map(formatType);
  return isMember ? `${shown[0] ?? ''}.(${shown.slice(1).join(', ')})` : `(${shown.join(', ')})`;
}

function sameType(a: Type, b: Type): boolean {
  if (a === b) return true;
  if (a.kind !== b.kind || a.name !== b.name || a.params.length !== b.params.length) return false;
  return a.params.every((param, index) => sameType(param, b.params[index] ?? DYN));
}
