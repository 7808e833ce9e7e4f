import { parseFieldSelector } from '#api/meta/field-selector.ts';
import { PlatformError } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';
import type { ApiError } from '../../client/api-error.ts';
import type { ServerContext } from '../contract/context.ts';
import type { ApiRequest, WriteRequest } from '../contract/request.ts';
import { toApiError } from '../contract/status-error.ts';
import { type AuditNotes, newNotes } from '../contract/audit.ts';
import { requireAllowed } from '../access/authorization.ts';
import type { Verdict } from '../contract/authorizer.ts';

/** What a request does to a resource, as authorization and audit name it. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** Answers why the user may. @throws ApiError `PermissionDenied` where he may not */
export function requireVerb(ctx: ServerContext, request: ApiRequest, verb: Verb): Verdict {
  const { user, kind, subresource, namespace, fieldSelector } = request;
  const name = request.name === '' && (verb === 'list' || verb === 'watch') ? nameInSelector(fieldSelector) : request.name;
  const asked = { user, verb, resource: kind.resource, subresource, namespace, name, fieldSelector };
  return requireAllowed(ctx.authorizer, { type: 'resource', ...asked });
}

/** The one object that a selector leaves; `''` where it may leave more (apiserver endpoints/request/requestinfo.go). */
function nameInSelector(fieldSelector = ''): string {
  const parsed = parseFieldSelector(fieldSelector);
  return (parsed.ok ? parsed.value.find(({ field, isEqual }) => field === 'metadata.name' && isEqual)?.value : undefined) ?? '';
}

function noteDecision(notes: AuditNotes | undefined, { reason = '' }: Verdict): void {
  notes?.annotations.set('authorization.k8s.io/decision', 'allow').set('authorization.k8s.io/reason', reason);
}

/** Does a read if the user may. @throws ApiError */
export function guardedRead<T>(ctx: ServerContext, step: { readonly request: ApiRequest; readonly verb: Verb }, work: () => T): T {
  const { request, verb } = step;
  const read: Audited | undefined =
    ctx.audit.recordsReads === true ? { request, verb, notes: newNotes(), receivedMs: ctx.clock.nowMs() } : undefined;
  try {
    noteDecision(read?.notes, requireVerb(ctx, request, verb));
    const answer = work();
    if (read !== undefined) audit(ctx, read, { name: request.name, code: 200 });
    return answer;
  } catch (thrown) {
    const error = refusal(ctx, request, thrown);
    if (read !== undefined) audit(ctx, read, refused(request, error));
    throw error;
  }
}

/** A write and how the audit log names it. */
export interface GuardedWrite<T> {
  readonly request: WriteRequest;
  readonly verb: Verb;
  /** The name of what was written, where the request does not have it yet. */
  readonly nameOf?: (answer: T) => string;
}

/** Does a write if the user may, and keeps it in the audit log, refused or not. @throws ApiError */
export async function guardedWrite<T>(ctx: ServerContext, step: GuardedWrite<T>, work: () => Promise<T>): Promise<T> {
  const { request, verb, nameOf } = step;
  const write: Audited = { request, verb, notes: request.notes, receivedMs: ctx.clock.nowMs() };
  try {
    noteDecision(request.notes, requireVerb(ctx, request, verb));
    const answer = await work();
    const responseObject = ctx.audit.keepsBodies === true ? { responseObject: objectOf(answer) } : {};
    audit(ctx, write, { name: nameOf?.(answer) ?? request.name, code: verb === 'create' ? 201 : 200, ...responseObject });
    return answer;
  } catch (thrown) {
    const error = refusal(ctx, request, thrown);
    audit(ctx, write, refused(request, error));
    throw error;
  }
}

function objectOf(answer: unknown): unknown {
  return isRecord(answer) ? answer['object'] : undefined;
}

function refusal(ctx: ServerContext, request: ApiRequest, thrown: unknown): ReturnType<typeof toApiError> {
  const error = toApiError(thrown);
  if (error.status.code >= 500) {
    // why: the answer hides the cause, so this is where the error stops travelling
    ctx.log.error('request failed', {
      kind: request.kind.resource.kind,
      namespace: request.namespace,
      name: request.name,
      err: PlatformError.from(thrown),
    });
  }
  return error;
}

interface Audited {
  readonly request: ApiRequest;
  readonly verb: Verb;
  readonly notes: AuditNotes;
  readonly receivedMs: number;
}

interface Outcome {
  readonly name: string;
  readonly code: number;
  readonly reason?: string;
  readonly message?: string;
  readonly responseObject?: unknown;
}

function refused({ name }: ApiRequest, { status }: ApiError): Outcome {
  const outcome = { name: status.details?.name ?? name, code: status.code, reason: status.reason };
  // why: what is wrong with an object is told with the value, which may be secret
  return status.code === 400 || status.code === 422 ? outcome : { ...outcome, message: status.message };
}

function audit(ctx: ServerContext, { request, verb, notes, receivedMs }: Audited, outcome: Outcome): void {
  const { user, kind, subresource, namespace, origin } = request;
  const endedMs = ctx.clock.nowMs();
  ctx.audit.record({
    id: ctx.ids.uid(),
    receivedMs,
    endedMs,
    user,
    verb,
    resource: kind.resource,
    subresource,
    namespace,
    origin,
    notes,
    ...outcome,
  });
}
