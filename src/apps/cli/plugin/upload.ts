import { pluginPackages } from '#api/generated/definitions.ts';
import { hasCode } from '#kit/errors.ts';
import { defineCommand } from '../define-command.ts';
import { connectApi } from '../object-config.ts';
import { changeFlags } from './change-flags.ts';
import { packagesAbsent } from './packages-absent.ts';

/** `stowage plugin upload`. */
export const upload = defineCommand({
  usage: 'FILE',
  about: `Uploads a package of a plugin, so that a machine without a network gets a newer plugin. It is taken only when it is whole, signed with a key that is trusted, made for
this version of Stowage and newer than what there is; else nothing of it is kept. It installs nothing by itself, but a plugin that is installed follows in its channel
unless its upgrades wait for a yes (Manual).`,
  examples: [
    ['stowage plugin upload tape-1.1.0.tar.gz --dry-run', 'say whether it would be taken'],
    ['stowage plugin upload tape-1.1.0.tar.gz', 'upload it'],
  ],
  flags: changeFlags,
  words: { min: 1, max: 1, takes: 'takes the file of one package' },
  run: async ({ print }, { config, words: [file = ''] }) => {
    const { openPackage } = await import('#controllers/stowage/plugins/packages/open-package.ts');
    const { packageNameOf } = await import('#controllers/stowage/plugins/packages/package-plugin.ts');
    const { readBounded } = await import('./read-source.ts');
    const bytes = readBounded(file);
    // why here too: what is not whole is not sent
    const { manifest, signer, digest } = await openPackage(bytes);
    const name = packageNameOf(manifest);
    const { client } = await connectApi({ ...config, namespace: undefined });
    try {
      const draft = { metadata: { name }, spec: { archive: bytes.toString('base64') } };
      await client.create(pluginPackages, draft, { isDryRun: config.dryRun });
      const told = `package ${name} (channel ${manifest.channel}), signed with ${signer.fingerprint}`;
      print(config.dryRun ? `would be: ${told} is uploaded` : `${told} is uploaded`);
    } catch (thrown) {
      if (!hasCode(thrown, 'AlreadyExists')) throw packagesAbsent(thrown);
      const there = await client.get(pluginPackages, { namespace: '', name });
      if ((await openPackage(Buffer.from(there.spec.archive, 'base64'))).digest !== digest) throw thrown;
      print(`package ${name} is there already`);
    } finally {
      client.close();
    }
  },
});
