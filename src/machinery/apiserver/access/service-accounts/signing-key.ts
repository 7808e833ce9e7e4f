import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { PlatformError } from '#kit/errors.ts';
import { writePrivateFile } from '../../pki/identity-file.ts';

/** The key that signs the tokens of service accounts: ECDSA on P-256 (`ES256` of RFC 7518). */
export interface SigningKey {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** `kid` in the head of tokens: the SHA-256 of the public key (apiserver serviceaccount/jwt.go). */
  readonly keyId: string;
}

/** The file of the signing key holds something else. */
export class SigningKeyDamaged extends PlatformError {
  constructor(file: string, cause: unknown) {
    super({
      code: 'DataLoss',
      reason: 'SigningKeyDamaged',
      message: `${file} does not hold the private key that signs tokens of service accounts: put it back from a copy, or remove it to get a new one (tokens that were given out end then)`,
      details: { file },
      cause,
      retry: 'never',
    });
  }
}

const CURVE = 'prime256v1';

/** Reads the signing key; made at the first start into `file` (mode 0600, PEM, PKCS#8). @throws SigningKeyDamaged */
export function ensureSigningKey(file: string): SigningKey {
  if (!existsSync(file)) {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: CURVE });
    writePrivateFile(file, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  }
  return readKey(file);
}

function readKey(file: string): SigningKey {
  try {
    return signingKeyOf(createPrivateKey(readFileSync(file)));
  } catch (thrown) {
    throw new SigningKeyDamaged(file, thrown);
  }
}

/** The signing key of a private key. @throws TypeError where the key is of another sort */
export function signingKeyOf(privateKey: KeyObject): SigningKey {
  if (privateKey.asymmetricKeyDetails?.namedCurve !== CURVE) throw new TypeError('the key is not one of ECDSA on P-256');
  const publicKey = createPublicKey(privateKey);
  const keyId = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
  return { privateKey, publicKey, keyId };
}
