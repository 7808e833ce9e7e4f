import { createPrivateKey, generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type SigningKey, signingKeyOf } from './signing-key.ts';
import { signToken, verifyToken } from './web-token.ts';

const newKey = (): SigningKey => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return signingKeyOf(createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })));
};
const key = newKey();
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const token = signToken(key, { sub: 'ann' });
const [head = '', body = '', signature = ''] = token.split('.');

describe('API-3: signed tokens', () => {
  it('come back as they were signed', () => {
    expect(verifyToken(key, token)).toEqual({ sub: 'ann' });
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toEqual({ alg: 'ES256', kid: key.keyId });
  });

  const der = sign('sha256', Buffer.from(`${head}.${body}`), key.privateKey).toString('base64url');
  it.each([
    { name: 'another key', tried: signToken(newKey(), { sub: 'ann' }) },
    { name: 'other claims', tried: `${head}.${encode({ sub: 'root' })}.${signature}` },
    { name: 'no signature', tried: `${head}.${body}.` },
    { name: 'no algorithm', tried: `${encode({ alg: 'none', kid: key.keyId })}.${body}.` },
    { name: 'a symmetric algorithm', tried: `${encode({ alg: 'HS256', kid: key.keyId })}.${body}.${signature}` },
    { name: 'an unknown key id', tried: `${encode({ alg: 'ES256', kid: 'x' })}.${body}.${signature}` },
    { name: 'a signature in DER', tried: `${head}.${body}.${der}` },
    { name: 'a fourth part', tried: `${token}.x` },
    { name: 'no JSON', tried: 'a.b.c' },
    { name: 'an endless one', tried: `${head}.${'a'.repeat(9_000)}.${signature}` },
    { name: 'nothing', tried: '' },
  ])('of $name are not ours', ({ tried }) => {
    expect(verifyToken(key, tried)).toBeUndefined();
  });
});
