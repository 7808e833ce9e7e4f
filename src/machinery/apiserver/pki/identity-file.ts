import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';

/** A key and its certificate, both PEM. */
export interface Identity {
  readonly keyPem: string;
  readonly certificatePem: string;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/;
const KEY = /-----BEGIN PRIVATE KEY-----[^-]+-----END PRIVATE KEY-----/;

/** Reads a file with a key and its certificate; undefined where there is none, `damaged` where it holds something else. */
export function readIdentity(path: string): Identity | 'damaged' | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const certificate = CERTIFICATE.exec(text);
  const key = KEY.exec(text);
  return certificate === null || key === null ? 'damaged' : { keyPem: `${key[0]}\n`, certificatePem: `${certificate[0]}\n` };
}

/** Key and certificate go into one file, so that a crash can't leave one without the other. */
export function writeIdentity(path: string, identity: Identity): void {
  writePrivateFile(path, `${identity.certificatePem.trim()}\n${identity.keyPem.trim()}\n`);
}

/** Writes a file of mode 0600, whole or not at all. */
export function writePrivateFile(path: string, text: string): void {
  const making = `${path}.new`;
  const file = openSync(making, 'w', 0o600);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(making, path);
}
