import { randomBytes, randomUUID } from 'node:crypto';

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

/** Ids from the system's random source. */
export class SystemIds implements Ids {
  uid(): string {
    return randomUUID();
  }

  suffix(length: number): string {
    return Array.from(randomBytes(length), (byte) => ALPHABET[byte % ALPHABET.length]).join('');
  }

  fraction(): number {
    return randomBytes(4).readUInt32BE() / 2 ** 32;
  }
}
