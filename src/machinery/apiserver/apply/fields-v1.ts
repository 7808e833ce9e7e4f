import { isRecord } from '#kit/json.ts';
import { type FieldNode, type FieldSet, LEAF, NO_FIELDS, sortedNodes } from './field-set.ts';
import { parseElement } from './path-element.ts';

/** Says in a serialised set that the field around it is in the set too. */
const SELF = '.';

/** A set in the form that objects carry it (`fieldsV1`). */
export function formatFieldsV1(set: FieldSet): Readonly<Record<string, unknown>> {
  return Object.fromEntries(sortedNodes(set).map(([element, node]) => [element, formatNode(node)]));
}

function formatNode({ isMember, below }: FieldNode): Readonly<Record<string, unknown>> {
  if (below.size === 0) return {};
  return isMember ? { [SELF]: {}, ...formatFieldsV1(below) } : formatFieldsV1(below);
}

/** The set that `fieldsV1` stands for; steps of a kind that this server does not know are dropped, as upstream does. Undefined where it is no set. */
export function parseFieldsV1(value: unknown): FieldSet | undefined {
  if (!isRecord(value)) return undefined;
  const set = new Map<string, FieldNode>();
  for (const [text, inner] of Object.entries(value)) {
    if (text === SELF) continue;
    const element = parseElement(text);
    if (element === undefined) continue;
    const node = parseNode(inner);
    if (node === undefined) return undefined;
    set.set(element, node);
  }
  return set.size === 0 ? NO_FIELDS : set;
}

function parseNode(value: unknown): FieldNode | undefined {
  if (!isRecord(value)) return undefined;
  const below = parseFieldsV1(value);
  if (below === undefined) return undefined;
  return below.size === 0 ? LEAF : { isMember: Object.hasOwn(value, SELF), below };
}
