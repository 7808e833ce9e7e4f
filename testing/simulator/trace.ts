import { createHash } from 'node:crypto';

/** The last lines that a failure shows. */
const KEPT = 400;

/** What happened in a run, in order: two runs of the same seed have the same. */
export class Trace {
  readonly #hash = createHash('sha256');
  readonly #last: string[] = [];
  count = 0;

  add(line: string): void {
    this.count += 1;
    this.#hash.update(`${line}\n`);
    this.#last.push(line);
    if (this.#last.length > 2 * KEPT) this.#last.splice(0, KEPT);
  }

  /** Of everything so far. */
  digest(): string {
    return this.#hash.copy().digest('hex');
  }

  last(lines = KEPT): readonly string[] {
    return this.#last.slice(-lines);
  }
}
