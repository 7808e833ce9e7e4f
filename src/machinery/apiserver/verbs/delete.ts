import type { DeleteOptions } from '../../client/client.ts';
import { formatTime } from '#kit/clock.ts';
import { deepFreeze, isRecord } from '#kit/json.ts';
import { groupResourceOf } from '#api/meta/resource.ts';
import { customResourceDefinitions, namespaces } from '#api/resources.ts';
import type { AdmissionRequest } from '../contract/admission.ts';
import type { ServerContext } from '../contract/context.ts';
import { dependentsFinalizers } from '../objects/dependents-finalizers.ts';
import { type AnyObject } from '../objects/json-object.ts';
import { hasSpecFinalizers, isRemovable } from '#api/meta/removable.ts';
import type { WriteRequest } from '../contract/request.ts';
import { conflict, forbidden } from '../contract/status-error.ts';
import { admissionRequest } from './admission-request.ts';
import { changeObject, type Plan } from './change.ts';
import type { Written } from './written.ts';

/** What a deletion did. */
export interface Deleted extends Written {
  /** False while finalizers or grace keep the object. */
  readonly isGone: boolean;
}

/** Namespaces that every cluster has (apiserver pkg/admission/plugin/namespace/lifecycle). */
const IMMORTAL_NAMESPACES: ReadonlySet<string> = new Set(['default', 'kube-system', 'kube-public']);

/**
 * Deletes an object, or marks it for deletion while finalizers, grace, dependents or (for a namespace) its content hold it.
 * @throws ApiError `NotFound`; `Aborted` where a precondition fails; `PermissionDenied` for a namespace that has to stay; what admission throws
 */
export function deleteObject(ctx: ServerContext, request: WriteRequest, options: DeleteOptions): Promise<Deleted> {
  return deleteOnce(ctx, request, { options, admit: (asked) => ctx.admission.validate(asked) });
}

/** The same for what was asked about as an eviction: rules of users about deletions are not asked. @throws ApiError */
export function deleteEvicted(ctx: ServerContext, request: WriteRequest, options: DeleteOptions): Promise<Deleted> {
  return deleteOnce(ctx, request, { options, admit: (asked) => ctx.admission.validateOutcome(asked) });
}

interface Deletion {
  readonly options: DeleteOptions;
  readonly admit: (asked: AdmissionRequest) => Promise<void>;
}

async function deleteOnce(ctx: ServerContext, request: WriteRequest, { options, admit }: Deletion): Promise<Deleted> {
  checkIsMortal(request);
  let isGone = false;
  const written = await changeObject(ctx, request, async (current) => {
    checkPreconditions(request, options, current);
    await admit({ ...admissionRequest(request, 'delete'), previous: current });
    const plan = planDeletion(ctx, request, { current, options });
    isGone = plan.action === 'delete';
    return plan;
  });
  return { ...written, isGone };
}

function checkIsMortal({ kind, name }: WriteRequest): void {
  const { group, plural } = kind.resource;
  if (group === namespaces.group && plural === namespaces.plural && IMMORTAL_NAMESPACES.has(name))
    throw forbidden(kind.resource, name, 'this namespace may not be deleted');
}

/** @throws ApiError `Aborted` where the object is another than the options say */
export function checkPreconditions(
  request: WriteRequest,
  options: Pick<DeleteOptions, 'uid' | 'resourceVersion'>,
  current: AnyObject,
): void {
  const { uid, resourceVersion } = current.metadata;
  if (options.uid !== undefined && options.uid !== uid) {
    throw conflict(
      request.kind.resource,
      request.name,
      `Precondition failed: UID in precondition: ${options.uid}, UID in object meta: ${uid}`,
    );
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== resourceVersion) {
    const why = `Precondition failed: ResourceVersion in precondition: ${options.resourceVersion}, ResourceVersion in object meta: ${resourceVersion}`;
    throw conflict(request.kind.resource, request.name, why);
  }
}

interface DeletionStep {
  readonly current: AnyObject;
  readonly options: DeleteOptions;
}

function planDeletion(ctx: ServerContext, request: WriteRequest, step: DeletionStep): Plan {
  const { current } = step;
  const marked = markedState(ctx, request, step);
  if (isRemovable(marked)) return { action: 'delete', object: marked };
  if (marked === current) return { action: 'keep' };
  return {
    action: 'put',
    object: deepFreeze(marked),
    onDecided: () => terminationDecided(ctx, request, current),
  };
}

function terminationDecided(ctx: ServerContext, { kind }: WriteRequest, { metadata }: AnyObject): () => void {
  switch (groupResourceOf(kind.resource)) {
    case groupResourceOf(namespaces):
      return ctx.namespaces.terminationDecided(metadata.uid);
    case groupResourceOf(customResourceDefinitions):
      return ctx.definitions.terminationDecided(metadata.name);
    default:
      return () => {};
  }
}

/** The object with what the deletion leaves on it; `current` itself where that changes nothing. */
function markedState(ctx: ServerContext, request: WriteRequest, { current, options }: DeletionStep): AnyObject {
  const usualGraceSec = request.kind.deletionGraceSec(current);
  const graceSec = usualGraceSec === 0 ? 0 : graceSecOf(options, usualGraceSec);
  const { deletionTimestamp, deletionGracePeriodSeconds } = current.metadata;
  const isOnItsWay = deletionTimestamp !== undefined && graceSec >= (deletionGracePeriodSeconds ?? 0);
  // why: while grace runs only a shorter one counts; what has none may still be told anew what becomes of its dependents
  if (isOnItsWay && usualGraceSec > 0) return current;
  const finalizers = dependentsFinalizers(current, options.propagation);
  const kept = finalizers === current.metadata.finalizers ? current : withFinalizers(current, finalizers);
  return isOnItsWay ? kept : markDeleted(kept, { graceSec, nowMs: ctx.clock.nowMs() });
}

/** A negative grace is read as a second (apiserver registry/rest/delete.go). */
function graceSecOf({ gracePeriodSec }: DeleteOptions, usualSec: number): number {
  const graceSec = gracePeriodSec ?? usualSec;
  return graceSec < 0 ? 1 : graceSec;
}

function withFinalizers(object: AnyObject, finalizers: readonly string[] | undefined): AnyObject {
  const { finalizers: _old, ...metadata } = object.metadata;
  return { ...object, metadata: { ...metadata, ...(finalizers === undefined || finalizers.length === 0 ? {} : { finalizers }) } };
}

function markDeleted(object: AnyObject, at: { readonly graceSec: number; readonly nowMs: number }): AnyObject {
  const { generation, deletionTimestamp } = object.metadata;
  // why: a shorter grace moves an earlier deadline forward, it never moves it back
  const metadata = {
    ...object.metadata,
    deletionTimestamp: formatTime(at.nowMs + at.graceSec * 1000),
    deletionGracePeriodSeconds: at.graceSec,
    ...(generation === undefined || deletionTimestamp !== undefined ? {} : { generation: generation + 1 }),
  };
  return withTerminatingPhase({ ...object, metadata });
}

function withTerminatingPhase(object: AnyObject): AnyObject {
  if (!hasSpecFinalizers(object)) return object;
  const { deletionGracePeriodSeconds: _grace, ...metadata } = object.metadata;
  const status = object['status'];
  return { ...object, metadata, status: { ...(isRecord(status) ? status : {}), phase: 'Terminating' } };
}
