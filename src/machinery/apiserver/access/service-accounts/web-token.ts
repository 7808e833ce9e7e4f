import { sign, verify } from 'node:crypto';
import { isRecord } from '#kit/json.ts';
import type { SigningKey } from './signing-key.ts';

const ALGORITHM = 'ES256';
/** Longest token that is looked at, in characters: ours have about 900. */
const MAX_CHARS = 8_192;
/** RFC 7518 section 3.4: the two numbers of the signature side by side, not DER. */
const ENCODING = 'ieee-p1363';

/** `claims` as a signed token (RFC 7519, RFC 7515 compact form). */
export function signToken(key: SigningKey, claims: Readonly<Record<string, unknown>>): string {
  const input = `${encode({ alg: ALGORITHM, kid: key.keyId })}.${encode(claims)}`;
  const signature = sign('sha256', Buffer.from(input), { key: key.privateKey, dsaEncoding: ENCODING });
  return `${input}.${signature.toString('base64url')}`;
}

/** The claims of a token that `key` signed; undefined for everything else, whatever its head says of its algorithm. */
export function verifyToken(key: SigningKey, token: string): Readonly<Record<string, unknown>> | undefined {
  if (token.length > MAX_CHARS) return undefined;
  const [head, body, signature, ...more] = token.split('.');
  if (head === undefined || body === undefined || signature === undefined || more.length > 0) return undefined;
  const { alg, kid } = decode(head) ?? {};
  if (alg !== ALGORITHM || kid !== key.keyId) return undefined;
  const isSigned = verify(
    'sha256',
    Buffer.from(`${head}.${body}`),
    { key: key.publicKey, dsaEncoding: ENCODING },
    Buffer.from(signature, 'base64url'),
  );
  return isSigned ? decode(body) : undefined;
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decode(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    // why: what is no JSON is no token of ours, and nobody needs to know more
    return undefined;
  }
}
