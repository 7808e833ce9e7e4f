import type { Resource } from '#api/meta/resource.ts';
import type { UserInfo } from './user.ts';

/** Where a request came from; absent for this process. */
export interface RequestOrigin {
  /** Path and query. */
  readonly uri: string;
  readonly userAgent: string;
  readonly address: string;
}

/** What is noted while a request is worked on. */
export interface AuditNotes {
  /** By key; admission and authorization add to it. */
  readonly annotations: Map<string, string>;
  /** The body as it was sent, where the log wants it. */
  requestObject?: unknown;
}

/** Empty notes. */
export function newNotes(): AuditNotes {
  return { annotations: new Map() };
}

/** One request, after its answer was decided. */
export interface AuditRecord {
  readonly id: string;
  readonly receivedMs: number;
  readonly endedMs: number;
  readonly user: UserInfo;
  readonly verb: string;
  readonly resource: Pick<Resource, 'group' | 'version' | 'plural'>;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** HTTP status of the answer. */
  readonly code: number;
  /** Of a refusal. */
  readonly reason?: string;
  readonly message?: string;
  readonly origin?: RequestOrigin | undefined;
  readonly notes: AuditNotes;
  readonly responseObject?: unknown;
}

/** Where the audit log goes. Must not throw, and must not wait. */
export interface AuditSink {
  /** False = it is told of writes only. */
  readonly recordsReads?: boolean;
  /** True = it may want bodies. */
  readonly keepsBodies?: boolean;
  record(record: AuditRecord): void;
}

/** Keeps no audit log. */
export const noAudit: AuditSink = { record() {} };
