import type { KindDefinition } from '#api/meta/kind.ts';
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

type OwnableKind = Pick<KindDefinition, 'subresources' | 'metadataKeptByStatus'>;

/** What a write to a (sub)resource of a kind can own: the others are reset before they are stored. */
export function ownableFields(subresource: string, { subresources, metadataKeptByStatus = [] }: OwnableKind): (set: FieldSet) => FieldSet {
  switch (subresource) {
    case '':
      return subresources.includes('status') ? (set) => keep(set, (element) => element !== 'f:status') : (set) => set;
    case 'status':
      return metadataKeptByStatus === 'all'
        ? (set) => keep(set, (element) => element === 'f:status')
        : (set) => ofStatus(set, metadataKeptByStatus);
    default:
      return (set) => keep(set, (element) => element === 'f:spec');
  }
}

function ofStatus(set: FieldSet, kept: readonly string[]): FieldSet {
  const owned = new Map([...set].filter(([element]) => element === 'f:status' || element === 'f:metadata'));
  const metadata = owned.get('f:metadata');
  if (metadata === undefined || kept.length === 0) return owned;
  return owned.set('f:metadata', { ...metadata, below: keep(metadata.below, (element) => !kept.includes(element.slice(2))) });
}

function keep(set: FieldSet, isKept: (element: string) => boolean): FieldSet {
  return new Map([...set].filter(([element]) => isKept(element)));
}
