import type { Logger } from '#kit/log.ts';
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

/** One JSON line per write, handed to `writeLine`. Lines that it can't take (a full disk) are lost, and `log` tells since when and how many. */
export function jsonLineAudit(writeLine: (line: string) => void, log: Logger): AuditSink {
  let lost = 0;
  return {
    record: (record) => {
      try {
        writeLine(`${JSON.stringify(record)}\n`);
      } catch (err) {
        // why not thrown: the write that the line tells of is durable, and its client must hear so
        if (lost === 0) log.error('the audit log can not be written, lines are lost', { err });
        lost += 1;
        return;
      }
      if (lost > 0) log.warn('the audit log is written again after lines were lost', { count: lost });
      lost = 0;
    },
  };
}

/** The parts of an {@link AuditRecord} that say who. */
export function auditUser(user: UserInfo): Pick<AuditRecord, 'user' | 'groups' | 'impersonator'> {
  const { name, groups, impersonator } = user;
  return { user: name, groups, ...(impersonator === undefined ? {} : { impersonator }) };
}
