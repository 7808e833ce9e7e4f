import { compilePattern } from '#api/structural/pattern.ts';
import { formatFaults } from '../functions/format-text.ts';
import { type Node, type NodeOf, nodesOf } from '../syntax/ast.ts';
import { CelError, type CelValue } from '../values/value.ts';
import { parseDuration, parseTimestamp } from '../values/time.ts';
import type { Checked, Fault } from './checker.ts';

/** Functions that make a value of one type of one of another. */
const CONVERSIONS: ReadonlySet<string> = new Set(['bool', 'bytes', 'double', 'int', 'string', 'uint']);

/** Literals that can't be right: durations, times, patterns, formats, and what can't be converted (cel-go cel/validator.go, interpreter/decorators.go). */
export function literalFaults(root: Node, checked: Checked): readonly Fault[] {
  return [...nodesOf(root)].flatMap((node) => (node.kind === 'call' ? faultsOf(node, checked) : [])).toSorted((a, b) => a.at - b.at);
}

function faultsOf(node: NodeOf<'call'>, checked: Checked): readonly Fault[] {
  const literal = node.args.at(-1);
  if (node.name === 'format') return faultsOfFormat(node, checked);
  if (literal?.kind !== 'literal') return [];
  const message = messageFor(node, literal.value, checked);
  return message === undefined ? [] : [{ at: literal.at, message }];
}

function messageFor(node: NodeOf<'call'>, value: CelValue, checked: Checked): string | undefined {
  const { name, target, args } = node;
  if (name === 'matches' && args.length === (target === undefined ? 2 : 1)) return patternFault(value);
  if (target !== undefined || args.length !== 1) return undefined;
  const parse = PARSED.get(name);
  if (parse !== undefined) return typeof value === 'string' && parse(value) === undefined ? `invalid ${name} argument` : undefined;
  return CONVERSIONS.has(name) ? conversionFault(node, value, checked) : undefined;
}

const PARSED: ReadonlyMap<string, (text: string) => unknown> = new Map<string, (text: string) => unknown>([
  ['duration', parseDuration],
  ['timestamp', parseTimestamp],
]);

function patternFault(value: CelValue): string | undefined {
  const compiled = typeof value === 'string' ? compilePattern(value) : undefined;
  return compiled === undefined || compiled.ok ? undefined : `invalid matches argument: ${compiled.error}`;
}

function conversionFault(node: NodeOf<'call'>, value: CelValue, checked: Checked): string | undefined {
  const [form, other] = checked.overloads.get(node.id) ?? [];
  if (form === undefined || other !== undefined) return undefined;
  const made: unknown = Reflect.apply(form.run, undefined, [value]);
  return made instanceof CelError ? made.message : undefined;
}

function faultsOfFormat({ target, args: [list], at }: NodeOf<'call'>, { types }: Checked): readonly Fault[] {
  if (target?.kind !== 'literal' || typeof target.value !== 'string' || list?.kind !== 'list' || list.optional.size > 0) return [];
  const { items } = list;
  const given = items.map((item) => types.get(item.id)?.name ?? 'dyn');
  return formatFaults(target.value, given).map(({ argument, message }) => ({
    at: argument === undefined ? at : (items[argument]?.at ?? at),
    message,
  }));
}
