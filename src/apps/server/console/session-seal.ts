import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { isRecord } from '#kit/json.ts';
import { Secret } from '#kit/secret.ts';
import type { UserInfo } from '#machinery/apiserver/contract/user.ts';

/** Who signed in, and with what: a token is asked about again, a link has done its work. */
export type Credential = { readonly token: Secret } | { readonly linkUser: UserInfo };

/** AES-256-GCM with its usual nonce and tag (NIST SP 800-38D), in bytes. */
const CIPHER = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The name under which a session is kept: nobody finds its id from it. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}

/** The CSRF token of the session `id`: the same after a restart, and no help in finding the id. */
export function csrfTokenOf(id: string): string {
  return createHmac('sha256', id).update('csrf').digest('base64url');
}

/** `credential` such that only who has the session's id reads it: what lies on disk signs nobody in. */
export function seal(id: string, credential: Credential): string {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(CIPHER, keyOf(id), nonce);
  const text = JSON.stringify('token' in credential ? { token: credential.token.reveal() } : credential);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url');
}

/** What {@link seal} sealed; undefined for what is damaged or was sealed with another id. */
export function unseal(id: string, sealed: string): Credential | undefined {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes.length <= NONCE_BYTES + TAG_BYTES) return undefined;
  const decipher = createDecipheriv(CIPHER, keyOf(id), bytes.subarray(0, NONCE_BYTES));
  decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
    return credentialOf(JSON.parse(text));
  } catch {
    // why: a file that somebody damaged says the same as no session
    return undefined;
  }
}

function keyOf(id: string): Buffer {
  return Buffer.from(hkdfSync('sha256', id, '', 'stowage session', KEY_BYTES));
}

function credentialOf(value: unknown): Credential | undefined {
  if (!isRecord(value)) return undefined;
  const { token, linkUser } = value;
  if (typeof token === 'string') return { token: new Secret(token) };
  if (!isRecord(linkUser)) return undefined;
  const { name, groups } = linkUser;
  if (typeof name !== 'string' || !Array.isArray(groups) || !groups.every((group) => typeof group === 'string')) return undefined;
  return { linkUser: { name, groups } };
}
