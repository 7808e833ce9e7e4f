import { createHash } from 'node:crypto';

/** MD5 of UTF-8 text, in hexadecimal: for names that others have built with it, never for secrecy. */
export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
