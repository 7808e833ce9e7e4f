import { readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, parse } from 'node:path';

/** When a log is put aside. */
export interface LogRotation {
  /** A file that would become larger is put aside before. */
  readonly maxSizeBytes: number;
  /** Files that were put aside and are kept; the oldest go. */
  readonly maxBackups: number;
}

/** What writes lines to the file, and can begin it anew after it got another name. */
interface LogDestination {
  write(line: string): unknown;
  reopen(file: string): void;
}

/** Lines to a file that does not grow without end: `stowage.log` becomes `stowage-2026-01-01T00-00-00.000.log`. */
export class RotatingLog {
  readonly #file: string;
  readonly #rotation: LogRotation;
  readonly #destination: LogDestination;
  #sizeBytes: number;

  constructor(file: string, { rotation, destination }: { readonly rotation: LogRotation; readonly destination: LogDestination }) {
    this.#file = file;
    this.#rotation = rotation;
    this.#destination = destination;
    this.#sizeBytes = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Writes one line. */
  write(line: string): void {
    const bytes = Buffer.byteLength(line);
    if (this.#sizeBytes > 0 && this.#sizeBytes + bytes > this.#rotation.maxSizeBytes) this.#putAside();
    this.#sizeBytes += bytes;
    this.#destination.write(line);
  }

  #putAside(): void {
    const { dir, name, ext } = parse(this.#file);
    this.#sizeBytes = 0;
    try {
      const time = new Date().toISOString().replaceAll(':', '-').slice(0, -1);
      renameSync(this.#file, join(dir, `${name}-${time}${ext}`));
      this.#destination.reopen(this.#file);
      const aside = readdirSync(dir)
        .filter((other) => other.startsWith(`${name}-`) && other.endsWith(ext))
        .toSorted();
      for (const old of aside.slice(0, Math.max(0, aside.length - this.#rotation.maxBackups))) rmSync(join(dir, old), { force: true });
    } catch {
      // why: a log that can't be put aside goes on as it is; saying so would need the log
    }
  }
}
