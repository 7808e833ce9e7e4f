import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import type { Clock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Logger } from '#kit/log.ts';
import type { AuditRecord, AuditSink } from '../../contract/audit.ts';
import { formatAuditEvent } from './audit-event.ts';
import type { AuditPolicy } from './audit-policy.ts';

/** What {@link AuditFile} is made of. */
export interface AuditFileOptions {
  /** For example `…/audit.log`; full ones stand beside it as `audit-TIME.log`. */
  readonly file: string;
  /** A file that is larger is put aside. */
  readonly maxSizeBytes: number;
  /** Files that were put aside and are kept. */
  readonly maxBackups: number;
  readonly policy: AuditPolicy;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Lines that may wait for the disk; more are lost and counted, because no request may wait for its audit line. */
const MAX_WAITING = 20_000;
const MODE = 0o600;

/** Appends audit events to a file, in batches, without anybody waiting for the disk. */
export class AuditFile implements AuditSink {
  readonly recordsReads: boolean;
  readonly keepsBodies: boolean;
  readonly #options: AuditFileOptions;
  #waiting: string[] = [];
  #writing: Promise<void> | undefined;
  #handle: FileHandle | undefined;
  #sizeBytes = 0;
  #lost = 0;

  constructor(options: AuditFileOptions) {
    this.#options = options;
    this.recordsReads = options.policy.recordsReads;
    this.keepsBodies = options.policy.keepsBodies;
  }

  record(record: AuditRecord): void {
    const level = this.#options.policy.levelOf(record);
    if (level === 'None') return;
    if (this.#waiting.length >= MAX_WAITING) {
      this.#lost += 1;
      return;
    }
    this.#waiting.push(formatAuditEvent(record, level));
    this.#writing ??= this.#drain();
  }

  /** Writes what waits, and closes the file. */
  async close(): Promise<void> {
    while (this.#writing !== undefined) await this.#writing;
    await this.#handle?.close();
    this.#handle = undefined;
  }

  async #drain(): Promise<void> {
    // why: what comes in the same turn goes into one write
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      await this.#append(batch);
    }
    this.#writing = undefined;
  }

  async #append(batch: readonly string[]): Promise<void> {
    const { log, maxSizeBytes } = this.#options;
    try {
      const text = Buffer.from(batch.join(''));
      if (this.#sizeBytes > 0 && this.#sizeBytes + text.length > maxSizeBytes) await this.#putAside();
      const handle = await this.#open();
      await handle.appendFile(text);
      this.#sizeBytes += text.length;
      if (this.#lost > 0) log.warn('the audit log is written again after lines were lost', { count: this.#lost });
      this.#lost = 0;
    } catch (thrown) {
      // why not thrown: the write that a line tells of is durable, and its client must hear so
      if (this.#lost === 0) log.error('the audit log can not be written, lines are lost', { err: PlatformError.from(thrown) });
      this.#lost += batch.length;
    }
  }

  async #open(): Promise<FileHandle> {
    if (this.#handle !== undefined) return this.#handle;
    await mkdir(path.dirname(this.#options.file), { recursive: true, mode: 0o700 });
    this.#handle = await open(this.#options.file, 'a', MODE);
    this.#sizeBytes = (await this.#handle.stat()).size;
    return this.#handle;
  }

  /** `audit.log` becomes `audit-2026-01-01T00-00-00.000.log`; the oldest go. */
  async #putAside(): Promise<void> {
    const { file, clock, maxBackups } = this.#options;
    await this.#handle?.close();
    this.#handle = undefined;
    this.#sizeBytes = 0;
    const { dir, name, ext } = path.parse(file);
    const time = new Date(clock.nowMs()).toISOString().replaceAll(':', '-').slice(0, -1);
    await rename(file, path.join(dir, `${name}-${time}${ext}`));
    const aside = (await readdir(dir)).filter((other) => other.startsWith(`${name}-`) && other.endsWith(ext)).toSorted();
    for (const old of aside.slice(0, Math.max(0, aside.length - maxBackups))) await rm(path.join(dir, old), { force: true });
  }
}
