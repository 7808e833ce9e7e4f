import { groupResourceOf } from '#api/meta/resource.ts';
import { formatTime } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { ServerContext } from '../context.ts';
import type { ApiRequest, WriteRequest } from '../request.ts';
import { toApiError } from '../status-error.ts';
import { auditUser } from './audit.ts';
import { requireAllowed } from './authorization.ts';

/** What a request does to a resource, as authorization and audit name it. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

/** @throws ApiError `PermissionDenied` where the user may not */
export function requireVerb(ctx: ServerContext, request: ApiRequest, verb: Verb): void {
  const { user, kind, subresource, namespace, name } = request;
  requireAllowed(ctx.authorizer, { type: 'resource', user, verb, resource: kind.resource, subresource, namespace, name });
}

/** Does a read if the user may. @throws ApiError */
export function guardedRead<T>(ctx: ServerContext, step: { readonly request: ApiRequest; readonly verb: Verb }, work: () => T): T {
  try {
    requireVerb(ctx, step.request, step.verb);
    return work();
  } catch (thrown) {
    throw refusal(ctx, step.request, thrown);
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
  try {
    requireVerb(ctx, request, verb);
    const answer = await work();
    audit(ctx, step, { name: nameOf?.(answer) ?? request.name, code: verb === 'create' ? 201 : 200 });
    return answer;
  } catch (thrown) {
    const error = refusal(ctx, request, thrown);
    audit(ctx, step, { name: error.status.details?.name ?? request.name, code: error.status.code });
    throw error;
  }
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

function audit(
  ctx: ServerContext,
  step: { readonly request: WriteRequest; readonly verb: Verb },
  outcome: { readonly name: string; readonly code: number },
): void {
  const { user, kind, subresource, namespace, isDryRun } = step.request;
  const resource = `${groupResourceOf(kind.resource)}${subresource === '' ? '' : `/${subresource}`}`;
  ctx.audit.record({ time: formatTime(ctx.clock.nowMs()), ...auditUser(user), verb: step.verb, resource, namespace, isDryRun, ...outcome });
}
