import type { ServerContext } from '../../contract/context.ts';
import type { ApiRequest } from '../../contract/request.ts';
import { newNotes } from '../../contract/audit.ts';

/** Somebody reached into a pod, or was refused. */
export interface PodReach {
  readonly request: ApiRequest;
  /** As authorization names it: `create` for POST. */
  readonly verb: string;
  readonly receivedMs: number;
  /** HTTP status of the answer; 101 = the connection was upgraded. */
  readonly code: number;
  /** Of a refusal. */
  readonly reason?: string;
}

/** Keeps in the audit log that somebody reached into a pod. */
export function recordReach({ audit, ids, clock }: ServerContext, { request, verb, receivedMs, code, reason }: PodReach): void {
  const { user, kind, subresource, namespace, name, origin } = request;
  audit.record({
    id: ids.uid(),
    receivedMs,
    endedMs: clock.nowMs(),
    user,
    verb,
    resource: kind.resource,
    subresource,
    namespace,
    name,
    origin,
    notes: newNotes(),
    code,
    ...(reason === undefined ? {} : { reason }),
  });
}
