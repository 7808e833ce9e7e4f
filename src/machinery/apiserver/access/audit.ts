import type { UserInfo } from './user.ts';

/** One write, as the audit log keeps it. Bodies are left out: they may hold secrets. */
export interface AuditRecord {
  /** RFC 3339. */
  readonly time: string;
  readonly user: string;
  readonly groups: readonly string[];
  /** Who acted as this user. */
  readonly impersonator?: string;
  readonly verb: string;
  /** `plural[.group][/subresource]`. */
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly isDryRun: boolean;
  /** HTTP status of the answer. */
  readonly code: number;
}

/** Where the audit log goes. Must not throw. */
export interface AuditSink {
  record(record: AuditRecord): void;
}

/** Keeps no audit log. */
export const noAudit: AuditSink = { record() {} };

/** One JSON line per write, handed to `writeLine`. */
export function jsonLineAudit(writeLine: (line: string) => void): AuditSink {
  return { record: (record) => writeLine(`${JSON.stringify(record)}\n`) };
}

/** The parts of an {@link AuditRecord} that say who. */
export function auditUser(user: UserInfo): Pick<AuditRecord, 'user' | 'groups' | 'impersonator'> {
  const { name, groups, impersonator } = user;
  return { user: name, groups, ...(impersonator === undefined ? {} : { impersonator }) };
}
