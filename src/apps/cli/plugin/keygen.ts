import { existsSync } from 'node:fs';
import { PlatformError } from '#kit/errors.ts';
import { defineCommand } from '../define-command.ts';
import { writeWhole } from './write-whole.ts';

/** `stowage plugin keygen`. */
export const keygen = defineCommand({
  usage: 'FILE',
  about:
    'Makes a key that signs packages of plugins: the private half in FILE, which nobody else may read, the public half in FILE.pub. It needs no platform.',
  examples: [['stowage plugin keygen maker.key', 'make maker.key and maker.key.pub']],
  flags: {},
  words: { min: 1, max: 1, takes: 'takes the file of the new key' },
  run: async ({ print }, { words: [file = ''] }) => {
    const { makeKeyPair, readPublicKey } = await import('#controllers/stowage/plugins/packages/signature.ts');
    const taken = [file, `${file}.pub`].find((name) => existsSync(name));
    // why: a private key that is written over is lost with all the trust in it
    if (taken !== undefined)
      throw new PlatformError({ code: 'AlreadyExists', reason: 'AlreadyExists', message: `${taken} is there already: name another file` });
    const { privateKey, publicKey } = makeKeyPair();
    await writeWhole(file, privateKey, 0o600);
    await writeWhole(`${file}.pub`, publicKey, 0o644);
    print(`${file} signs packages: keep it; ${file}.pub is for those who are to trust it`);
    print(`fingerprint: ${readPublicKey(publicKey).fingerprint}`);
  },
});
