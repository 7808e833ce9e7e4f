import { fail, ok, type Result } from '#kit/errors.ts';
import type { LabelSelector, LabelSelectorRequirement } from '../generated/kubernetes.ts';
import { labelValue, qualifiedName } from './validate-name.ts';

/** What a label must satisfy; a selector is a list of these, all of which must hold. */
export interface LabelRequirement {
  readonly key: string;
  readonly operator: 'In' | 'NotIn' | 'Exists' | 'DoesNotExist' | 'Gt' | 'Lt';
  readonly values: readonly string[];
}

type Labels = Readonly<Record<string, string>> | undefined;

const SYNTAX = 'write for example app=web, app!=web, app in (web,api), app notin (web), app or !app, separated by commas';
const SET = /^([^\s(),=!<>]+)\s+(in|notin)\s*\(([^()]*)\)$/;
const COMPARISON = /^([^\s(),=!<>]+)\s*(==|=|!=|>|<)\s*([^\s(),=!<>]*)$/;
const EXISTENCE = /^(!?)\s*([^\s(),=!<>]+)$/;

/** Reads the text form of a label selector (`labelSelector` of a request); the empty text selects everything. */
export function parseLabelSelector(text: string): Result<readonly LabelRequirement[]> {
  const requirements: LabelRequirement[] = [];
  for (const part of splitOutsideParentheses(text)) {
    const term = part.trim();
    if (term === '' && text.trim() === '') continue;
    const parsed = parseTerm(term);
    if (parsed === undefined) return fail(`unable to parse requirement ${JSON.stringify(term)}: ${SYNTAX}`);
    const fault = faultOf(parsed);
    if (fault !== undefined) return fail(`unable to parse requirement ${JSON.stringify(term)}: ${fault}`);
    requirements.push(parsed);
  }
  return ok(requirements);
}

/** Reads a `LabelSelector` object; the empty one selects everything. */
export function labelRequirementsOf(selector: LabelSelector): Result<readonly LabelRequirement[]> {
  const requirements: LabelRequirement[] = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({
    key,
    operator: 'In',
    values: [value],
  }));
  for (const expression of selector.matchExpressions ?? []) {
    const operator = operatorOf(expression);
    if (operator === undefined) return fail(`${JSON.stringify(expression.operator)} is not a valid label selector operator`);
    requirements.push(requirementOf(expression, operator));
  }
  const fault = requirements.map(faultOf).find((text) => text !== undefined);
  return fault === undefined ? ok(requirements) : fail(fault);
}

/** A body may lack what the schema asks for. */
function requirementOf(
  { key = '', values = [] }: Partial<LabelSelectorRequirement>,
  operator: LabelRequirement['operator'],
): LabelRequirement {
  return { key, operator, values };
}

/** True where `labels` satisfy every requirement. */
export function matchesLabels(requirements: readonly LabelRequirement[], labels: Labels): boolean {
  return requirements.every((requirement) => matchesRequirement(requirement, labels));
}

/** True where `labels` satisfy a stored, already validated `LabelSelector`; a faulty one selects nothing. */
export function matchesLabelSelector(selector: LabelSelector, labels: Labels): boolean {
  const requirements = labelRequirementsOf(selector);
  return requirements.ok && matchesLabels(requirements.value, labels);
}

/** One requirement against `labels`; node selector terms use the same operators. */
export function matchesRequirement({ key, operator, values }: LabelRequirement, labels: Labels): boolean {
  const value = labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'Gt':
      return compareInteger(value, values[0]) > 0;
    case 'Lt':
      return compareInteger(value, values[0]) < 0;
  }
}

function operatorOf({ operator }: LabelSelectorRequirement): LabelRequirement['operator'] | undefined {
  return (['In', 'NotIn', 'Exists', 'DoesNotExist'] as const).find((known) => known === operator);
}

function splitOutsideParentheses(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < text.length; index += 1) {
    const char = text[index];
    if (char === '(') depth += 1;
    if (char === ')') depth -= 1;
    if (char === ',' && depth === 0) {
      parts.push(text.slice(start, index));
      start = index + 1;
    }
  }
  return [...parts, text.slice(start)];
}

function parseTerm(term: string): LabelRequirement | undefined {
  return parseSet(term) ?? parseComparison(term) ?? parseExistence(term);
}

function parseSet(term: string): LabelRequirement | undefined {
  const match = SET.exec(term);
  if (match === null) return undefined;
  const [, key = '', word, list = ''] = match;
  return { key, operator: word === 'in' ? 'In' : 'NotIn', values: list.split(',').map((value) => value.trim()) };
}

const SIGNS: Readonly<Record<string, LabelRequirement['operator']>> = { '=': 'In', '==': 'In', '!=': 'NotIn', '>': 'Gt', '<': 'Lt' };

function parseComparison(term: string): LabelRequirement | undefined {
  const [, key = '', sign = '', value = ''] = COMPARISON.exec(term) ?? [];
  const operator = SIGNS[sign];
  return operator === undefined ? undefined : { key, operator, values: [value] };
}

function parseExistence(term: string): LabelRequirement | undefined {
  const [, not, key = ''] = EXISTENCE.exec(term) ?? [];
  return not === undefined ? undefined : { key, operator: not === '!' ? 'DoesNotExist' : 'Exists', values: [] };
}

function faultOf({ key, operator, values }: LabelRequirement): string | undefined {
  const [keyFault] = qualifiedName(key);
  if (keyFault !== undefined) return `key: Invalid value: ${JSON.stringify(key)}: ${keyFault}`;
  return valueFaultOf(operator, key, values);
}

function valueFaultOf(operator: LabelRequirement['operator'], key: string, values: readonly string[]): string | undefined {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length === 0) return "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty";
      return values.flatMap((value, index) =>
        labelValue(value).map((fault) => `values[${index}][${key}]: Invalid value: ${JSON.stringify(value)}: ${fault}`),
      )[0];
    case 'Exists':
    case 'DoesNotExist':
      return values.length === 0
        ? undefined
        : `values: Invalid value: ${JSON.stringify(values)}: values set must be empty for exists and does not exist`;
    case 'Gt':
    case 'Lt':
      return isInteger(values[0])
        ? undefined
        : `values[0]: Invalid value: ${JSON.stringify(values[0])}: for 'Gt', 'Lt' operators, the value must be an integer`;
  }
}

function isInteger(text: string | undefined): text is string {
  return text !== undefined && /^[+-]?\d{1,18}$/.test(text);
}

/** NaN, which is neither more nor less, where either is no integer. */
function compareInteger(value: string | undefined, limit: string | undefined): number {
  if (!isInteger(value) || !isInteger(limit)) return Number.NaN;
  const difference = BigInt(value.replace('+', '')) - BigInt(limit.replace('+', ''));
  return Number(difference);
}
