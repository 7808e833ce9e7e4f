import { randomFillSync, randomUUID } from 'node:crypto';

/** Randomness, handed in by constructor so that tests can fix it. */
export interface Ids {
  /** An RFC 4122 version 4 UUID in lower case. */
  uid(): string;
  /** `length` characters of the alphabet of Kubernetes' generated names. */
  suffix(length: number): string;
  /** A fraction in [0, 1), for jitter. */
  fraction(): number;
}

/** Vowels and look-alikes are left out so that no words appear (apimachinery util/rand). */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

/** Fetched from the system at a time: a call for a few bytes costs as much as one for thousands. */
const POOL_BYTES = 4096;

/** Ids from the system's random source. */
export class SystemIds implements Ids {
  readonly #pool = Buffer.alloc(POOL_BYTES);
  #used = POOL_BYTES;

  uid(): string {
    return randomUUID();
  }

  suffix(length: number): string {
    let suffix = '';
    for (const byte of this.#take(length)) suffix += ALPHABET[byte % ALPHABET.length];
    return suffix;
  }

  fraction(): number {
    return this.#take(4).readUInt32BE() / 2 ** 32;
  }

  /** Bytes that nobody had before; good until the next call. */
  #take(length: number): Buffer {
    if (length > POOL_BYTES) return randomFillSync(Buffer.alloc(length));
    if (this.#used + length > POOL_BYTES) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    this.#used += length;
    return this.#pool.subarray(this.#used - length, this.#used);
  }
}
