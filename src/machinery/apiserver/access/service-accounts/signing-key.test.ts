import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureSigningKey } from './signing-key.ts';

describe('API-3: the key of tokens', () => {
  let dir: string;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), 'key-'));
    file = path.join(dir, 'key');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('is made once, for nobody else to read', () => {
    const made = ensureSigningKey(file);
    const text = readFileSync(file, 'utf8');
    expect(ensureSigningKey(file).keyId).toBe(made.keyId);
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  const pemOf = (key: ReturnType<typeof generateKeyPairSync>['privateKey']): string =>
    key.export({ type: 'pkcs8', format: 'pem' }).toString();
  it.each([
    { name: 'something else', text: () => 'no key' },
    { name: 'nothing', text: () => '' },
    { name: 'a key of another curve', text: () => pemOf(generateKeyPairSync('ec', { namedCurve: 'secp384r1' }).privateKey) },
    { name: 'a key of another sort', text: () => pemOf(generateKeyPairSync('ed25519').privateKey) },
  ])('is refused where the file holds $name, and the file stays', ({ text }) => {
    const held = text();
    writeFileSync(file, held);
    expect(() => ensureSigningKey(file)).toThrow(/does not hold the private key/);
    expect(readFileSync(file, 'utf8')).toBe(held);
  });
});
