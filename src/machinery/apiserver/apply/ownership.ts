import { apiVersionOf } from '#api/meta/resource.ts';
import { formatTime } from '#kit/clock.ts';
import { deepEqual, isRecord } from '#kit/json.ts';
import type { ServerContext } from '../contract/context.ts';
import type { AnyObject, BodyObject } from '../objects/json-object.ts';
import type { WriteRequest } from '../contract/request.ts';
import { applyConflict } from './conflict-error.ts';
import { decideApply } from './decide-apply.ts';
import { decideUpdate, type Update } from './decide-update.ts';
import { withLastApplied, withoutOwnConflicts } from './last-applied.ts';
import { formatOwners, type Owner, type OwnerId, parseOwners } from './owners.ts';
import { schemaOfKind } from './shape.ts';
import { ownableFields } from './system-fields.ts';

/** Who owns the fields of an object before its first application, where nobody kept account (managedfields internal/skipnonapplied.go). */
const BEFORE_FIRST_APPLY = 'before-first-apply';
/** The manager that goes from client-side to server-side apply without conflicts. */
const KUBECTL = 'kubectl';

/** `object`, new, with its owners: all of it belongs to who makes it. */
export function ownNew(ctx: ServerContext, request: WriteRequest, object: AnyObject): AnyObject {
  const { ownership } = request;
  if (ownership === 'decided') return object;
  const bare = withoutManagedFields(object);
  if (ownership === 'kept') return bare;
  const update = { ...basics(ctx, request, ownership.manager), owners: [], before: {}, after: bare };
  return withOwners(bare, decideUpdate(update));
}

/** A change of an object. */
export interface OwnedChange {
  readonly current: AnyObject;
  /** With the managedFields of `current`. */
  readonly next: AnyObject;
  /** The managedFields that the client sent. */
  readonly given: readonly unknown[] | undefined;
}

/** `next` with its owners: who changed a field owns it. An object of which nobody keeps account stays so until it is applied. */
export function ownChanged(ctx: ServerContext, request: WriteRequest, { current, next, given }: OwnedChange): AnyObject {
  const { ownership } = request;
  if (ownership === 'kept') return next;
  if (ownership === 'decided') return withManagedFields(next, given);
  const owners = ownersBefore(ctx, request, { current, given: request.subresource === '' ? given : undefined });
  if (owners.length === 0) return withoutManagedFields(next);
  const update = {
    ...basics(ctx, request, ownership.manager),
    owners,
    before: withoutManagedFields(current),
    after: withoutManagedFields(next),
  };
  return withOwners(next, decideUpdate(update));
}

/** `next`, or `current` where nothing differs but the times of owners: somebody took back what made the difference. */
export function withoutIdleTimes(next: AnyObject, current: AnyObject): AnyObject {
  const [after, before] = [next.metadata.managedFields ?? [], current.metadata.managedFields ?? []];
  if (after.length !== before.length || after === before) return next;
  const isSameButTimes = after.every((entry, index) => deepEqual(timeless(entry), timeless(before[index])));
  return isSameButTimes && deepEqual(withoutManagedFields(next), withoutManagedFields(current)) ? current : next;
}

function timeless(entry: unknown): unknown {
  return isRecord(entry) ? { ...entry, time: undefined } : entry;
}

/** A configuration that is applied to an object. */
export interface AppliedChange {
  /** Undefined where there is no object yet. */
  readonly current: AnyObject | undefined;
  readonly applied: BodyObject;
  readonly manager: string;
  /** Takes fields over from others. */
  readonly isForced: boolean;
}

/** What an application makes of an object, its new managedFields included. @throws ApiError 409 where it changes fields of others and is not forced */
export function applyTo(ctx: ServerContext, request: WriteRequest, change: AppliedChange): unknown {
  const { current, applied, manager, isForced } = change;
  const schema = schemaOfKind(request.kind);
  const live = current === undefined ? {} : withoutManagedFields(current);
  const application = {
    ...basics(ctx, request, manager),
    self: selfOf(request, { manager, operation: 'Apply' }),
    owners: current === undefined ? [] : ownersBeforeApply(ctx, request, current),
    live,
    applied,
  };
  const { object, owners, conflicts } = decideApply(application);
  if (!isForced && conflicts.length > 0) {
    const kept = manager === KUBECTL ? withoutOwnConflicts(schema, live, conflicts) : conflicts;
    if (kept.length > 0) throw applyConflict(kept);
  }
  const synced = manager === KUBECTL ? withLastApplied(object, applied) : object;
  const metadata = isRecord(synced) && isRecord(synced['metadata']) ? synced['metadata'] : {};
  return { ...(isRecord(synced) ? synced : {}), metadata: { ...metadata, managedFields: formatOwners(owners) } };
}

function ownersBeforeApply(ctx: ServerContext, request: WriteRequest, current: AnyObject): readonly Owner[] {
  const owners = ownersBefore(ctx, request, { current, given: undefined });
  if (owners.length > 0) return owners;
  const update = { ...basics(ctx, request, BEFORE_FIRST_APPLY), owners, before: {}, after: withoutManagedFields(current) };
  return decideUpdate(update);
}

/** The owners of an object: those that the client sent, where they can be read; `[]` or `[{}]` forgets all of them (managedfields internal/fieldmanager.go). */
function ownersBefore(
  ctx: ServerContext,
  request: WriteRequest,
  { current, given }: Pick<OwnedChange, 'current' | 'given'>,
): readonly Owner[] {
  if (given !== undefined && isReset(given)) return [];
  const sent = given === undefined ? undefined : parseOwners(given);
  const owners = sent === undefined || sent.length === 0 ? (parseOwners(current.metadata.managedFields ?? []) ?? []) : sent;
  return owners.filter(({ apiVersion }) => isServed(ctx, request, apiVersion));
}

function isReset(given: readonly unknown[]): boolean {
  const [only] = given;
  return given.length === 0 || (given.length === 1 && isRecord(only) && Object.keys(only).length === 0);
}

/** False for a version that the resource no longer has: nobody can tell what its fields were. */
function isServed(ctx: ServerContext, { kind: { resource } }: WriteRequest, apiVersion: string): boolean {
  if (apiVersion === apiVersionOf(resource)) return true;
  const slash = apiVersion.indexOf('/');
  const group = slash < 0 ? '' : apiVersion.slice(0, slash);
  const { plural } = resource;
  return group === resource.group && ctx.registry.find({ group, version: apiVersion.slice(slash + 1), plural }) !== undefined;
}

function basics(ctx: ServerContext, request: WriteRequest, manager: string): Pick<Update, 'self' | 'schema' | 'now' | 'ownable'> {
  return {
    self: selfOf(request, { manager, operation: 'Update' }),
    schema: schemaOfKind(request.kind),
    now: formatTime(ctx.clock.nowMs()),
    ownable: ownableFields(request.subresource, request.kind),
  };
}

function selfOf(request: WriteRequest, { manager, operation }: { manager: string; operation: OwnerId['operation'] }): OwnerId {
  return { name: manager, operation, apiVersion: apiVersionOf(request.kind.resource), subresource: request.subresource };
}

function withOwners(object: AnyObject, owners: readonly Owner[]): AnyObject {
  return withManagedFields(object, formatOwners(owners));
}

function withManagedFields(object: AnyObject, managedFields: readonly unknown[] | undefined): AnyObject {
  if (managedFields === undefined) return withoutManagedFields(object);
  return { ...object, metadata: { ...object.metadata, managedFields } };
}

function withoutManagedFields(object: AnyObject): AnyObject {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _dropped, ...metadata } = object.metadata;
  return { ...object, metadata };
}
