import type { Ids } from '#kit/ids.ts';
import type { Roll } from '#testing/fuzz/random-json.ts';

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Ids that are the same for the same seed, and never twice. */
export class SeededIds implements Ids {
  readonly #roll: Roll;
  #count = 0;

  constructor(roll: Roll) {
    this.#roll = roll;
  }

  uid(): string {
    this.#count += 1;
    return `00000000-0000-4000-8000-${this.#count.toString(16).padStart(12, '0')}`;
  }

  suffix(length: number): string {
    return Array.from({ length }, () => ALPHABET[this.#roll(ALPHABET.length)]).join('');
  }

  fraction(): number {
    return this.#roll(1_000_000) / 1_000_000;
  }
}
