import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { isSignedBy, makeKeyPair, readPrivateKey, readPublicKey, signBytes } from './signature.ts';

const pair = makeKeyPair();
const rsa = generateKeyPairSync('rsa', {
  modulusLength: 2_048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
});

describe('PLUG-4: keys', () => {
  it('sign exactly these bytes', () => {
    const key = readPrivateKey(pair.privateKey);
    const signature = signBytes(Buffer.from('abc'), key);
    expect(isSignedBy(Buffer.from('abc'), signature, key.publicKey)).toBe(true);
    expect(isSignedBy(Buffer.from('abd'), signature, key.publicKey)).toBe(false);
    expect(isSignedBy(Buffer.from('abc'), signature, readPublicKey(makeKeyPair().publicKey))).toBe(false);
    expect(isSignedBy(Buffer.from('abc'), '', key.publicKey)).toBe(false);
  });

  it('have one fingerprint, however their text is written', () => {
    const { fingerprint, pem } = readPublicKey(pair.publicKey);
    expect(fingerprint).toMatch(/^SHA256:[\w+/]{43}$/);
    expect(readPublicKey(pair.publicKey.replaceAll('\n', '\r\n')).fingerprint).toBe(fingerprint);
    expect(readPrivateKey(pair.privateKey).publicKey.pem).toBe(pem);
  });

  it.each([
    { name: 'no key', read: () => readPublicKey('x'), says: 'the public key is no key in PEM form' },
    {
      name: 'a key of another kind',
      read: () => readPublicKey(rsa.publicKey),
      says: 'the public key is a key for rsa: packages are signed with ed25519',
    },
    { name: 'the private half to trust', read: () => readPublicKey(pair.privateKey), says: 'this is a private key' },
    { name: 'the public half to sign', read: () => readPrivateKey(pair.publicKey), says: 'the private key is no key in PEM form' },
    { name: 'a private key of another kind', read: () => readPrivateKey(rsa.privateKey), says: 'the private key is a key for rsa' },
  ])('are not $name', ({ read, says }) => {
    expect(read).toThrow(says);
  });
});
