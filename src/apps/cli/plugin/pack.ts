import path from 'node:path';
import { type ConfigSchema, parsers } from '#kit/config.ts';
import { PlatformError } from '#kit/errors.ts';
import { defineCommand } from '../define-command.ts';
import { writeWhole } from './write-whole.ts';

const flags = {
  key: {
    flag: 'key',
    env: 'STOWAGE_PLUGIN_KEY',
    default: '',
    placeholder: 'FILE',
    doc: 'the private key that signs it (ed25519, PEM)',
    parse: parsers.text,
  },
  out: {
    flag: 'out',
    env: 'STOWAGE_PLUGIN_OUT',
    default: '.',
    placeholder: 'DIR',
    doc: 'where NAME-VERSION.tar.gz is written',
    parse: parsers.text,
  },
} as const satisfies ConfigSchema;

/** `stowage plugin pack`. */
export const pack = defineCommand({
  usage: 'DIRECTORY --key FILE',
  about: `Makes a package of a plugin and signs it: NAME-VERSION.tar.gz. The directory has plugin.yaml (name, version, stowage, and what docs/en/plugins.md lists beside them),
definitions/, roles/ and objects/ with one object a file, and code/plugin.mjs where there is code. It needs no platform.`,
  examples: [['stowage plugin pack tape/ --key maker.key', 'make tape-1.0.0.tar.gz; stowage plugin keygen makes a key']],
  flags,
  words: { min: 1, max: 1, takes: 'takes the directory of one package' },
  run: async ({ print }, { config: { key, out }, words: [directory = ''] }) => {
    if (key === '')
      throw new PlatformError({
        code: 'InvalidArgument',
        reason: 'ConfigInvalid',
        message: '--key FILE is needed: a package that nobody signs is taken by nobody; stowage plugin keygen makes a key',
      });
    const { buildPackage } = await import('#controllers/stowage/plugins/packages/build-package.ts');
    const { readPrivateKey } = await import('#controllers/stowage/plugins/packages/signature.ts');
    const { readBounded, readSource } = await import('./read-source.ts');
    const signingKey = readPrivateKey(readBounded(key).toString('utf8'));
    const { manifest, archive } = await buildPackage(readSource(directory), signingKey);
    const file = path.join(out, `${manifest.name}-${manifest.version}.tar.gz`);
    await writeWhole(file, archive, 0o644);
    print(`${file}: ${Object.keys(manifest.files).length} files, ${archive.length} bytes, signed with ${signingKey.publicKey.fingerprint}`);
  },
});
