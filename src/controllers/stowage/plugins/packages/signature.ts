import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto';
import { PackageRefused } from './package-refused.ts';

/** A public key that may have signed a package. */
export interface SignerKey {
  /** SHA-256 of the key's own form (SPKI, DER), as ssh prints it. */
  readonly fingerprint: string;
  /** The key as text, in one form. */
  readonly pem: string;
  readonly key: KeyObject;
}

const GENERATED = 'openssl genpkey -algorithm ed25519, or stowage plugin keygen, makes one';

/** Reads a public key; of a private one its public half is never taken silently. @throws PackageRefused where it is no ed25519 public key */
export function readPublicKey(text: string): SignerKey {
  if (text.includes('PRIVATE KEY'))
    throw new PackageRefused({
      reason: 'PluginSignerInvalid',
      message: 'this is a private key: keep it where packages are made, and give its public half (FILE.pub)',
    });
  const key = keyOf(() => createPublicKey(text), 'public');
  const der = key.export({ type: 'spki', format: 'der' });
  return {
    fingerprint: `SHA256:${createHash('sha256').update(der).digest('base64').replace(/=+$/, '')}`,
    pem: key.export({ type: 'spki', format: 'pem' }).toString(),
    key,
  };
}

/** A key that signs, and its public half. */
export interface SigningKey {
  readonly key: KeyObject;
  readonly publicKey: SignerKey;
}

/** Reads a private key. @throws PackageRefused where it is no ed25519 private key */
export function readPrivateKey(text: string): SigningKey {
  const key = keyOf(() => createPrivateKey(text), 'private');
  return { key, publicKey: readPublicKey(createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()) };
}

/** A new pair of keys, as texts. */
export function makeKeyPair(): { readonly privateKey: string; readonly publicKey: string } {
  return generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
}

/** The signature of exactly these bytes, in base64. */
export function signBytes(bytes: Uint8Array, { key }: SigningKey): string {
  // why null: ed25519 takes its own digest (RFC 8032)
  return sign(null, bytes, key).toString('base64');
}

/** True where the key has signed exactly these bytes. */
export function isSignedBy(bytes: Uint8Array, signature: string, { key }: SignerKey): boolean {
  return verify(null, bytes, key, Buffer.from(signature.trim(), 'base64'));
}

function keyOf(read: () => KeyObject, half: 'public' | 'private'): KeyObject {
  let key: KeyObject | undefined;
  try {
    key = read();
  } catch {
    // why: the reader's words are those of OpenSSL, and name no remedy
  }
  if (key?.asymmetricKeyType === 'ed25519') return key;
  const what = key === undefined ? 'is no key in PEM form' : `is a key for ${key.asymmetricKeyType}`;
  throw new PackageRefused({
    reason: 'PluginSignerInvalid',
    message: `the ${half} key ${what}: packages are signed with ed25519; ${GENERATED}`,
  });
}
