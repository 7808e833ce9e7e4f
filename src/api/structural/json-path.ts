import { fail, ok, type Result } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';

/** A step of a path: a member, an item, some items, everything below, a member at any depth, or the items that fit a condition. */
export type PathStep =
  | { readonly do: 'member'; readonly key: string }
  | { readonly do: 'item'; readonly index: number }
  | { readonly do: 'slice'; readonly start: number | undefined; readonly end: number | undefined; readonly step: number }
  | { readonly do: 'all' }
  | { readonly do: 'anywhere'; readonly key: string }
  | { readonly do: 'filter'; readonly keys: readonly string[]; readonly operator: string; readonly value: unknown };

/** Most values that a path finds. */
const MAX_FOUND = 1_000;
/** Most values that are looked through for a member at any depth. */
const MAX_LOOKED = 10_000;
const MAX_LENGTH = 2_048;

const MEMBER = /^\.?((?:[^.[\]\\'"()?@*\s]|\\.)+)/;
const QUOTED = /^\[\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*\]/;
const INDEX = /^\[(-?\d{1,9})\]/;
const SLICE = /^\[(-?\d{1,9})?:(-?\d{1,9})?(?::([1-9]\d{0,8}))?\]/;
const ANYWHERE = /^\.\.((?:[^.[\]\\'"()?@*\s]|\\.)+)/;
const ALL = /^(?:\.\*|\[\*\])/;
const FILTER =
  /^\[\?\(\s*@((?:\.(?:[^.[\]\\'"()?@*\s=!<>]|\\.)+)+)\s*(==|!=|<=|>=|<|>)\s*('[^']*'|"[^"]*"|-?\d+(?:\.\d+)?|true|false)\s*\)\]/;

/** Reads the JSONPath of a printer column, scale or selectable field: members, indexes, `[*]` and filters that compare one member. */
export function parseJsonPath(text: string): Result<readonly PathStep[]> {
  if (text.length > MAX_LENGTH) return fail(`must be no longer than ${MAX_LENGTH} characters`);
  if (!/^[.[]/.test(text)) return fail('must begin with a dot, for example .spec.replicas');
  const steps: PathStep[] = [];
  let rest = text === '.' ? '' : text;
  while (rest !== '') {
    const read = readStep(rest);
    if (read === undefined)
      return fail(
        `can't understand ${JSON.stringify(rest.slice(0, 64))}: write members as .name or ['name'], items as [0], [*] or [?(@.type=="Ready")]`,
      );
    steps.push(read.step);
    rest = rest.slice(read.length);
  }
  return ok(steps);
}

function readStep(text: string): ReadStep {
  const all = ALL.exec(text);
  if (all !== null) return { step: { do: 'all' }, length: all[0].length };
  const anywhere = ANYWHERE.exec(text);
  if (anywhere?.[1] !== undefined) return { step: { do: 'anywhere', key: unescape(anywhere[1]) }, length: anywhere[0].length };
  return readMember(text) ?? readItems(text);
}

type ReadStep = { readonly step: PathStep; readonly length: number } | undefined;

function readMember(text: string): ReadStep {
  const member = MEMBER.exec(text);
  if (member?.[1] !== undefined) return { step: { do: 'member', key: unescape(member[1]) }, length: member[0].length };
  const quoted = QUOTED.exec(text);
  if (quoted !== null) return { step: { do: 'member', key: unescape(quoted[1] ?? quoted[2] ?? '') }, length: quoted[0].length };
  return undefined;
}

function readItems(text: string): ReadStep {
  const slice = SLICE.exec(text);
  if (slice !== null)
    return { step: { do: 'slice', start: bound(slice[1]), end: bound(slice[2]), step: Number(slice[3] ?? 1) }, length: slice[0].length };
  const index = INDEX.exec(text);
  if (index !== null) return { step: { do: 'item', index: Number(index[1]) }, length: index[0].length };
  const filter = FILTER.exec(text);
  if (filter === null) return undefined;
  const [whole, path = '', operator = '', literal = ''] = filter;
  const keys = path
    .slice(1)
    .split(/(?<!\\)\./)
    .map(unescape);
  return { step: { do: 'filter', keys, operator, value: readLiteral(literal) }, length: whole.length };
}

function bound(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Number(text);
}

function unescape(text: string): string {
  return text.replaceAll(/\\(.)/g, '$1');
}

function readLiteral(text: string): unknown {
  if (text.startsWith("'") || text.startsWith('"')) return text.slice(1, -1);
  if (text === 'true' || text === 'false') return text === 'true';
  return Number(text);
}

/** The values that a path finds in `root`; a member that is not there finds nothing. */
export function findByPath(steps: readonly PathStep[], root: unknown): readonly unknown[] {
  let found: readonly unknown[] = [root];
  for (const step of steps) {
    found = found.flatMap((value) => takeStep(step, value)).slice(0, MAX_FOUND);
    if (found.length === 0) break;
  }
  return found;
}

function takeStep(step: PathStep, value: unknown): readonly unknown[] {
  switch (step.do) {
    case 'member':
      return isRecord(value) && Object.hasOwn(value, step.key) && value[step.key] !== undefined ? [value[step.key]] : [];
    case 'item':
    case 'slice':
      return Array.isArray(value) ? itemsAt(step, value) : [];
    case 'all':
      return itemsOf(value);
    case 'anywhere':
      return membersAnywhere(value, step.key);
    case 'filter':
      return itemsOf(value).filter((item) => fits(step, item));
  }
}

function itemsAt(step: Extract<PathStep, { do: 'item' | 'slice' }>, list: readonly unknown[]): readonly unknown[] {
  if (step.do === 'slice') return list.slice(step.start, step.end).filter((_, index) => index % step.step === 0);
  const item = list.at(step.index);
  return item === undefined ? [] : [item];
}

/** Members of that name in `value` and in everything inside it; bounded like every other step. */
function membersAnywhere(value: unknown, key: string): readonly unknown[] {
  const found: unknown[] = [];
  const pending: unknown[] = [value];
  for (let at = 0; at < Math.min(pending.length, MAX_LOOKED) && found.length < MAX_FOUND; at += 1) {
    const next = pending[at];
    if (typeof next !== 'object' || next === null) continue;
    if (isRecord(next) && Object.hasOwn(next, key)) found.push(next[key]);
    if (pending.length < MAX_LOOKED) for (const inner of Object.values(next).slice(0, MAX_FOUND)) pending.push(inner);
  }
  return found;
}

function itemsOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.slice(0, MAX_FOUND);
  return isRecord(value) ? Object.values(value).slice(0, MAX_FOUND) : [];
}

function fits({ keys, operator, value }: Extract<PathStep, { do: 'filter' }>, item: unknown): boolean {
  const [found] = findByPath(
    keys.map((key) => ({ do: 'member', key })),
    item,
  );
  if (found === undefined) return false;
  if (operator === '==') return found === value;
  if (operator === '!=') return found !== value;
  const isComparable = (typeof found === 'number' && typeof value === 'number') || (typeof found === 'string' && typeof value === 'string');
  return isComparable && compare(found, operator, value);
}

function compare(left: string | number, operator: string, right: string | number): boolean {
  switch (operator) {
    case '<':
      return left < right;
    case '<=':
      return left <= right;
    case '>':
      return left > right;
    default:
      return left >= right;
  }
}

/** The members of a path that names nothing but members, as scale and selectable fields need it; undefined where it does more. */
export function plainMembers(text: string): readonly string[] | undefined {
  const parsed = parseJsonPath(text);
  if (!parsed.ok) return undefined;
  const keys = parsed.value.flatMap((step) => (step.do === 'member' ? [step.key] : []));
  return keys.length === parsed.value.length && keys.length > 0 ? keys : undefined;
}
