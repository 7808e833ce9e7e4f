import { isRecord } from '#kit/json.ts';
import type { FieldSet } from './field-set.ts';
import { formatFieldsV1, parseFieldsV1 } from './fields-v1.ts';
import { NO_FIELDS } from './field-set.ts';

/** Who owns fields: one entry of `metadata.managedFields`. */
export interface OwnerId {
  /** The field manager's name. */
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  /** The version that the fields are named in. */
  readonly apiVersion: string;
  /** `''` = the object itself. */
  readonly subresource: string;
}

/** Who owns what, since when. */
export interface Owner extends OwnerId {
  readonly fields: FieldSet;
  /** RFC 3339; absent where a client left it out. */
  readonly time: string | undefined;
}

/** True for two entries that are one: an applier is the same whichever version it applied last (managedfields `BuildManagerIdentifier`). */
export function isSameOwner(a: OwnerId, b: OwnerId): boolean {
  return identityOf(a) === identityOf(b);
}

function identityOf({ name, operation, apiVersion, subresource }: OwnerId): string {
  return JSON.stringify([name, operation, subresource, operation === 'Apply' ? '' : apiVersion]);
}

/** The owners that `managedFields` names; undefined where an entry can't be read. */
export function parseOwners(managedFields: readonly unknown[]): readonly Owner[] | undefined {
  // why: the last of two entries that are one counts, as upstream's
  const owners = new Map<string, Owner>();
  for (const entry of managedFields) {
    const owner = isRecord(entry) ? parseOwner(entry) : undefined;
    if (owner === undefined) return undefined;
    owners.set(identityOf(owner), owner);
  }
  return [...owners.values()];
}

function parseOwner(entry: Readonly<Record<string, unknown>>): Owner | undefined {
  const { operation, fieldsType, fieldsV1 = {}, time } = entry;
  const [apiVersion, name, subresource] = [textOf(entry['apiVersion']), textOf(entry['manager']), textOf(entry['subresource'])];
  const fields = fieldsType === 'FieldsV1' ? parseFieldsV1(fieldsV1) : undefined;
  if (fields === undefined || apiVersion === '' || (operation !== 'Apply' && operation !== 'Update')) return undefined;
  return { name, operation, apiVersion, subresource, fields, time: typeof time === 'string' ? time : undefined };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** `managedFields` of an object with these owners, in upstream's order; undefined where there are none. */
export function formatOwners(owners: readonly Owner[]): readonly Readonly<Record<string, unknown>>[] | undefined {
  if (owners.length === 0) return undefined;
  return owners.toSorted(compareOwners).map((owner) => ({
    manager: owner.name,
    operation: owner.operation,
    apiVersion: owner.apiVersion,
    ...(owner.time === undefined ? {} : { time: owner.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: formatFieldsV1(owner.fields),
    ...(owner.subresource === '' ? {} : { subresource: owner.subresource }),
  }));
}

/** Appliers first; then the oldest; then by name (managedfields `sortEncodedManagedFields`). */
function compareOwners(a: Owner, b: Owner): number {
  const keysOf = ({ operation, time = '', name, apiVersion, subresource }: Owner): readonly string[] => [
    operation,
    time,
    name,
    apiVersion,
    subresource,
  ];
  const other = keysOf(b);
  for (const [index, key] of keysOf(a).entries()) {
    const against = other[index] ?? '';
    if (key !== against) return key < against ? -1 : 1;
  }
  return 0;
}

/** The fields of an owner; none where it is not among the owners. */
export function fieldsOwnedBy(owners: readonly Owner[], id: OwnerId): FieldSet {
  return owners.find((owner) => isSameOwner(owner, id))?.fields ?? NO_FIELDS;
}
