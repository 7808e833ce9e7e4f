import { ACCUMULATOR, type Node, type NodeOf } from './ast.ts';
import { ExpressionFault } from './syntax-error.ts';

type Unnumbered<T> = T extends Node ? Omit<T, 'id'> : never;

/** Gives a node its number. */
export type MakeNode = (node: Unnumbered<Node>) => Node;

/** A call before its macro is expanded. */
export interface ParsedCall {
  readonly name: string;
  readonly target: Node | undefined;
  readonly args: readonly Node[];
  readonly at: number;
}

interface Expansion extends ParsedCall {
  readonly target: Node;
  readonly make: MakeNode;
}

/** Macros on a value, by name and number of arguments (cel-go parser/macro.go, ext/comprehensions.go, ext/lists.go, cel/library.go). */
const MACROS: ReadonlyMap<string, (call: Expansion) => Node> = new Map<string, (call: Expansion) => Node>([
  ['all/2', (call) => quantifier(call, 'all')],
  ['all/3', (call) => quantifier(call, 'all')],
  ['exists/2', (call) => quantifier(call, 'exists')],
  ['exists/3', (call) => quantifier(call, 'exists')],
  ...['exists_one/2', 'existsOne/2', 'exists_one/3', 'existsOne/3'].map((name) => [name, existsOne] as const),
  ['map/2', (call) => list(call, call.args[1], undefined)],
  ['map/3', (call) => list(call, call.args[2], call.args[1])],
  ['filter/2', filter],
  ['transformList/3', (call) => list(call, call.args[2], undefined)],
  ['transformList/4', (call) => list(call, call.args[3], call.args[2])],
  ['transformMap/3', (call) => map(call, 'value')],
  ['transformMap/4', (call) => map(call, 'value')],
  ['transformMapEntry/3', (call) => map(call, 'entry')],
  ['transformMapEntry/4', (call) => map(call, 'entry')],
  ['optMap/2', (call) => optional(call, true)],
  ['optFlatMap/2', (call) => optional(call, false)],
  ['sortBy/2', sortBy],
]);

/** A call, or what its macro stands for. @throws ExpressionFault */
export function expandCall(call: ParsedCall, make: MakeNode): Node {
  const { name, target, args, at } = call;
  if (target === undefined) return name === 'has' && args.length === 1 ? has(call, make) : make({ kind: 'call', name, target, args, at });
  const macro = MACROS.get(`${name}/${args.length}`);
  return macro === undefined ? make({ kind: 'call', name, target, args, at }) : macro({ ...call, target, make });
}

function has({ args: [operand], at }: ParsedCall, make: MakeNode): Node {
  if (operand?.kind !== 'select' || operand.isTest) throw new ExpressionFault(operand?.at ?? at, 'invalid argument to has() macro');
  return make({ kind: 'select', operand: operand.operand, field: operand.field, isTest: true, at });
}

function nameOf(node: Node | undefined, at: number): string {
  if (node?.kind !== 'ident') throw new ExpressionFault(node?.at ?? at, 'argument must be a simple name');
  if (node.name === ACCUMULATOR || node.name === '__result__')
    throw new ExpressionFault(node.at, 'iteration variable overwrites accumulator variable');
  return node.name;
}

interface LoopParts {
  readonly init: Node;
  readonly condition: Node;
  readonly step: Node;
  readonly result?: Node;
}

/** A loop over the target with the variables that the call names first; `hasSecond` = it names two. */
function loop(call: Expansion, hasSecond: boolean, parts: LoopParts): Node {
  const { make, target, args, at } = call;
  const variable = nameOf(args[0], at);
  const second = hasSecond ? nameOf(args[1], at) : undefined;
  if (variable === second) throw new ExpressionFault(args[1]?.at ?? at, `duplicate variable name: ${variable}`);
  const { init, condition, step, result = ident(call, ACCUMULATOR) } = parts;
  return make({ kind: 'comprehension', range: target, variable, second, accumulator: ACCUMULATOR, init, condition, step, result, at });
}

function ident({ make, at }: Expansion, name: string): NodeOf<'ident'> | Node {
  return make({ kind: 'ident', name, at });
}

function literal({ make, at }: Expansion, value: boolean | bigint): Node {
  return make({ kind: 'literal', value, at });
}

function callOf({ make, at }: Expansion, name: string, args: readonly Node[]): Node {
  return make({ kind: 'call', name, target: undefined, args, at });
}

function last({ args, at }: Expansion): Node {
  const node = args.at(-1);
  if (node === undefined) throw new ExpressionFault(at, 'a macro needs arguments');
  return node;
}

function quantifier(call: Expansion, which: 'all' | 'exists'): Node {
  const gathered = ident(call, ACCUMULATOR);
  const isOpen = which === 'all' ? gathered : callOf(call, '!_', [gathered]);
  return loop(call, call.args.length === 3, {
    init: literal(call, which === 'all'),
    condition: callOf(call, '@not_strictly_false', [isOpen]),
    step: callOf(call, which === 'all' ? '_&&_' : '_||_', [ident(call, ACCUMULATOR), last(call)]),
  });
}

function existsOne(call: Expansion): Node {
  const more = callOf(call, '_+_', [ident(call, ACCUMULATOR), literal(call, 1n)]);
  return loop(call, call.args.length === 3, {
    init: literal(call, 0n),
    condition: literal(call, true),
    step: callOf(call, '_?_:_', [last(call), more, ident(call, ACCUMULATOR)]),
    result: callOf(call, '_==_', [ident(call, ACCUMULATOR), literal(call, 1n)]),
  });
}

function listOf({ make, at }: Expansion, items: readonly Node[]): Node {
  return make({ kind: 'list', items, optional: new Set(), at });
}

function gather(call: Expansion, more: Node, condition: Node | undefined): Node {
  return condition === undefined ? more : callOf(call, '_?_:_', [condition, more, ident(call, ACCUMULATOR)]);
}

function list(call: Expansion, transform: Node | undefined, condition: Node | undefined): Node {
  const item = transform ?? last(call);
  const more = callOf(call, '_+_', [ident(call, ACCUMULATOR), listOf(call, [item])]);
  const hasSecond = call.name === 'transformList';
  return loop(call, hasSecond, { init: listOf(call, []), condition: literal(call, true), step: gather(call, more, condition) });
}

function filter(call: Expansion): Node {
  const item = ident(call, nameOf(call.args[0], call.at));
  const more = callOf(call, '_+_', [ident(call, ACCUMULATOR), listOf(call, [item])]);
  return loop(call, false, { init: listOf(call, []), condition: literal(call, true), step: gather(call, more, last(call)) });
}

function map(call: Expansion, what: 'value' | 'entry'): Node {
  const key = ident(call, nameOf(call.args[0], call.at));
  const args = what === 'value' ? [ident(call, ACCUMULATOR), key, last(call)] : [ident(call, ACCUMULATOR), last(call)];
  const more = callOf(call, 'cel.@mapInsert', args);
  const init = call.make({ kind: 'map', entries: [], at: call.at });
  return loop(call, true, {
    init,
    condition: literal(call, true),
    step: gather(call, more, call.args.length === 4 ? call.args[2] : undefined),
  });
}

/** Names a value once: a loop over nothing. */
function bind(call: Expansion, { name, value, result }: { readonly name: string; readonly value: Node; readonly result: Node }): Node {
  const { make, at } = call;
  return make({
    kind: 'comprehension',
    range: listOf(call, []),
    variable: '#unused',
    second: undefined,
    accumulator: name,
    init: value,
    condition: literal(call, false),
    step: ident(call, name),
    result,
    at,
  });
}

function optional(call: Expansion, isWrapped: boolean): Node {
  const { make, target, args, at } = call;
  const member = (name: string): Node => make({ kind: 'call', name, target, args: [], at });
  const inner = bind(call, { name: nameOf(args[0], at), value: member('value'), result: last(call) });
  const some = isWrapped ? callOf(call, 'optional.of', [inner]) : inner;
  return callOf(call, '_?_:_', [member('hasValue'), some, callOf(call, 'optional.none', [])]);
}

const SORTED = '@__sortBy_input__';

function sortBy(call: Expansion): Node {
  const { make, target, at } = call;
  const keys = list({ ...call, target: ident(call, SORTED) }, call.args[1], undefined);
  const sorted = make({ kind: 'call', name: '@sortByAssociatedKeys', target: ident(call, SORTED), args: [keys], at });
  return bind(call, { name: SORTED, value: target, result: sorted });
}
