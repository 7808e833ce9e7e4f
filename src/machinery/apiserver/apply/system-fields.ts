import { difference, type FieldNode, type FieldSet, LEAF } from './field-set.ts';

const METADATA = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
];

/** Fields that nobody owns: what the object is, and what only the server sets (managedfields internal/stripmeta.go). */
const NOBODYS: FieldSet = new Map<string, FieldNode>([
  ['f:apiVersion', LEAF],
  ['f:kind', LEAF],
  ['f:metadata', { isMember: true, below: new Map(METADATA.map((name) => [`f:${name}`, LEAF])) }],
]);

/** `set` without the fields that nobody owns. */
export function withoutSystemFields(set: FieldSet): FieldSet {
  return difference(set, NOBODYS);
}

/** What a write to a (sub)resource of a kind can own: the others are reset before they are stored. */
export function ownableFields(subresource: string, hasStatus: boolean): (set: FieldSet) => FieldSet {
  switch (subresource) {
    case '':
      return hasStatus ? (set) => keep(set, (element) => element !== 'f:status') : (set) => set;
    case 'status':
      return (set) => keep(set, (element) => element === 'f:status');
    default:
      return (set) => keep(set, (element) => element === 'f:spec');
  }
}

function keep(set: FieldSet, isKept: (element: string) => boolean): FieldSet {
  return new Map([...set].filter(([element]) => isKept(element)));
}
