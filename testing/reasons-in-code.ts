import { parseSync } from '@swc/core';
import { isRecord } from '#kit/json.ts';

/** A node of a syntax tree, whatever it is. */
type Tree = Readonly<Record<string, unknown>>;

/** A reason as it is written: one CamelCase word. */
const REASON = /^[A-Z][A-Za-z0-9]+$/;

/** Reasons that sources give, by file. */
export type ReasonsByFile = ReadonlyMap<string, ReadonlySet<string>>;

/**
 * Every text that becomes a `reason` in `sources` (path → text), however it is written: as a property, behind a condition or a default, through a variable,
 * or as the argument of a function that calls its parameter so.
 */
export function reasonsInCode(sources: ReadonlyMap<string, string>): ReasonsByFile {
  const trees = [...sources].map(([file, text]) => ({ file, tree: treeOf(text, file) }));
  const takers = new Map<string, number>();
  for (const { tree } of trees) visit(tree, (node) => noteTaker(node, takers));
  return new Map(trees.map(({ file, tree }) => [file, reasonsIn(tree, takers)]));
}

function treeOf(text: string, file: string): unknown {
  return parseSync(text, { syntax: 'typescript', tsx: file.endsWith('x'), target: 'esnext' });
}

function visit(node: unknown, see: (node: Tree) => void): void {
  if (Array.isArray(node)) {
    for (const item of node) visit(item, see);
    return;
  }
  if (!isRecord(node)) return;
  see(node);
  for (const value of Object.values(node)) if (typeof value === 'object') visit(value, see);
}

/** Functions with a parameter `reason`, and which it is. */
function noteTaker(node: Tree, takers: Map<string, number>): void {
  const named = node['type'] === 'FunctionDeclaration' ? nameOf(node['identifier']) : undefined;
  if (named === undefined || !Array.isArray(node['params'])) return;
  const at = node['params'].findIndex((param) => isRecord(param) && nameOf(param['pat']) === 'reason');
  if (at >= 0) takers.set(named, at);
}

function reasonsIn(tree: unknown, takers: ReadonlyMap<string, number>): ReadonlySet<string> {
  const found = new Set<string>();
  const variables = variablesOf(tree);
  const take = (value: unknown): void => {
    for (const text of textsOf(value, variables)) if (REASON.test(text)) found.add(text);
  };
  visit(tree, (node) => {
    if (node['type'] === 'KeyValueProperty' && nameOf(node['key']) === 'reason') take(node['value']);
    if (node['type'] === 'Identifier' && node['value'] === 'reason' && variables.has('reason')) take(variables.get('reason'));
    const at = node['type'] === 'CallExpression' ? takers.get(nameOf(node['callee']) ?? '') : undefined;
    const args = node['arguments'];
    if (at !== undefined && Array.isArray(args) && isRecord(args[at])) take(args[at]['expression']);
  });
  return found;
}

function variablesOf(tree: unknown): ReadonlyMap<string, unknown> {
  const variables = new Map<string, unknown>();
  visit(tree, (node) => {
    const name = node['type'] === 'VariableDeclarator' ? nameOf(node['id']) : undefined;
    if (name !== undefined) variables.set(name, node['init']);
  });
  return variables;
}

/** Of expressions that are one of others: which members those are. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  ConditionalExpression: ['consequent', 'alternate'],
  ParenthesisExpression: ['expression'],
  TsConstAssertion: ['expression'],
  TsAsExpression: ['expression'],
  TsSatisfiesExpression: ['expression'],
};
const CHOICES: ReadonlySet<unknown> = new Set(['??', '||', '&&']);

/** The texts that an expression may be. */
function textsOf(value: unknown, variables: ReadonlyMap<string, unknown>): readonly string[] {
  if (!isRecord(value)) return [];
  const { type, value: text } = value;
  if (type === 'StringLiteral') return typeof text === 'string' ? [text] : [];
  const name = nameOf(value);
  // why without: a variable that is made from itself has no end
  if (name !== undefined) return textsOf(variables.get(name), new Map([...variables].filter(([other]) => other !== name)));
  const isChoice = type === 'BinaryExpression' && CHOICES.has(value['operator']);
  const members = isChoice ? ['left', 'right'] : (PARTS[String(type)] ?? []);
  return members.flatMap((member) => textsOf(value[member], variables));
}

function nameOf(node: unknown): string | undefined {
  return isRecord(node) && node['type'] === 'Identifier' && typeof node['value'] === 'string' ? node['value'] : undefined;
}
