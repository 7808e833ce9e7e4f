import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listType,
  mapType,
  NULL,
  opaqueType,
  optionalType,
  paramType,
  STRING,
  TIMESTAMP,
  type Type,
  typeType,
  UINT,
} from '../check/types.ts';
import type { CelValue } from '../values/value.ts';

/** One form of a function. */
export interface Overload {
  /** By it costs are found (cel-go common/overloads). */
  readonly id: string;
  readonly name: string;
  /** True where it is called on its first parameter. */
  readonly isMember: boolean;
  readonly params: readonly Type[];
  readonly result: Type;
  /** Of arguments that fit the parameters. */
  readonly run: (...args: never[]) => CelValue;
}

const NAMED: ReadonlyMap<string, Type> = new Map([
  ['int', INT],
  ['uint', UINT],
  ['double', DOUBLE],
  ['bool', BOOL],
  ['string', STRING],
  ['bytes', BYTES],
  ['timestamp', TIMESTAMP],
  ['duration', DURATION],
  ['null', NULL],
  ['dyn', DYN],
  ['type', typeType()],
  ['quantity', opaqueType('kubernetes.Quantity')],
  ['ip', opaqueType('net.IP')],
  ['cidr', opaqueType('net.CIDR')],
  ['url', opaqueType('kubernetes.URL')],
  ['semver', opaqueType('kubernetes.Semver')],
  ['format', opaqueType('kubernetes.NamedFormat')],
  ['authorizer', opaqueType('kubernetes.authorization.Authorizer')],
  ['pathcheck', opaqueType('kubernetes.authorization.PathCheck')],
  ['groupcheck', opaqueType('kubernetes.authorization.GroupCheck')],
  ['resourcecheck', opaqueType('kubernetes.authorization.ResourceCheck')],
  ['decision', opaqueType('kubernetes.authorization.Decision')],
]);

/** The type that a word names, for example `list(int)`; a capital letter is a parameter. */
export function typeNamed(text: string): Type {
  const known = NAMED.get(text);
  if (known !== undefined) return known;
  const [, outer = '', inner = ''] = /^(list|map|optional)\((.*)\)$/.exec(text) ?? [];
  switch (outer) {
    case 'list':
      return listType(typeNamed(inner));
    case 'optional':
      return optionalType(typeNamed(inner));
    case 'map': {
      const comma = inner.indexOf(',');
      return mapType(typeNamed(inner.slice(0, comma).trim()), typeNamed(inner.slice(comma + 1).trim()));
    }
    default:
      return paramType(text);
  }
}

/**
 * Declares a form of a function: `string.size() -> int` is called on a text, `size(string) -> int` with one.
 * Type parameters are capital letters. `run` is only called with values of these types.
 */
export function declare(signature: string, id: string, run: (...args: never[]) => CelValue): Overload {
  const arrow = signature.indexOf(' -> ');
  const open = openOf(signature, arrow);
  const params = splitTypes(signature.slice(open + 1, arrow - 1)).map(typeNamed);
  const result = typeNamed(signature.slice(arrow + 4));
  const head = signature.slice(0, open);
  const receiver = receiverOf(head);
  if (receiver === undefined) return { id, name: head, isMember: false, params, result, run };
  const name = head.slice(receiver.length + 1);
  return { id, name, isMember: true, params: [typeNamed(receiver), ...params], result, run };
}

/** Where the parameters begin. */
function openOf(signature: string, arrow: number): number {
  let depth = 0;
  for (let index = arrow - 1; index >= 0; index -= 1) {
    if (signature[index] === ')') depth += 1;
    if (signature[index] === '(' && (depth -= 1) === 0) return index;
  }
  return 0;
}

/** The type in front of the last dot, where it is one: names of functions may have dots, too. */
function receiverOf(head: string): string | undefined {
  const dot = head.lastIndexOf('.');
  const before = head.slice(0, dot);
  const isType = /[()]$/.test(before) || /^[A-Z]$/.test(before) || (NAMED.has(before) && !NAMESPACES.has(head));
  return dot > 0 && isType ? before : undefined;
}

/** Functions whose names begin like a type. */
const NAMESPACES: ReadonlySet<string> = new Set(['ip.isCanonical', 'format.named']);

function splitTypes(text: string): readonly string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index <= text.length; index += 1) {
    if (text[index] === '(') depth += 1;
    if (text[index] === ')') depth -= 1;
    if (index < text.length && (text[index] !== ',' || depth > 0)) continue;
    const part = text.slice(start, index).trim();
    if (part !== '') parts.push(part);
    start = index + 1;
  }
  return parts;
}
