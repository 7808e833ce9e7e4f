import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Secret } from '#kit/secret.ts';

/** Random bytes of a token: 256 bits. */
const TOKEN_BYTES = 32;

/** The administrator's bearer token; made at the first start into `file` (mode 0600). */
export function ensureAdminToken(file: string): Secret {
  if (existsSync(file)) {
    const token = readFileSync(file, 'utf8').trim();
    if (token !== '') return new Secret(token);
  }
  const token = randomBytes(TOKEN_BYTES).toString('base64url');
  writeFileSync(`${file}.new`, `${token}\n`, { mode: 0o600, flush: true });
  renameSync(`${file}.new`, file);
  return new Secret(token);
}
