import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { PlatformError } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';
import type { Logger } from '#kit/log.ts';

/** A session as it lies on disk: nothing in it signs anybody in. */
export interface SessionRecord {
  /** Hash of the session's id. */
  readonly key: string;
  /** The credential, sealed with the id. */
  readonly sealed: string;
  /** Ends at the earlier of the two, in milliseconds since the epoch. */
  readonly endsAtMs: number;
  readonly idleAtMs: number;
}

/** Where sessions live on over a restart. */
export interface SessionFile {
  read(): readonly SessionRecord[];
  write(records: readonly SessionRecord[]): void;
}

/** The file at `path`, mode 0600, replaced as a whole. One that can't be read or written costs sign-ins, never the console. */
export function sessionFile(path: string, log: Logger): SessionFile {
  return {
    read: () => {
      try {
        const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
        return Array.isArray(value) ? value.filter(isSessionRecord) : [];
      } catch (thrown) {
        if (!isRecord(thrown) || thrown['code'] !== 'ENOENT')
          log.warn('sessions of the console could not be read: everybody signs in again', { err: PlatformError.from(thrown) });
        return [];
      }
    },
    write: (records) => {
      try {
        writeFileSync(`${path}.tmp`, JSON.stringify(records), { mode: 0o600 });
        renameSync(`${path}.tmp`, path);
      } catch (thrown) {
        log.warn('sessions of the console could not be written: they end with this process', { err: PlatformError.from(thrown) });
      }
    },
  };
}

function isSessionRecord(value: unknown): value is SessionRecord {
  if (!isRecord(value)) return false;
  const { key, sealed, endsAtMs, idleAtMs } = value;
  return typeof key === 'string' && typeof sealed === 'string' && typeof endsAtMs === 'number' && typeof idleAtMs === 'number';
}
