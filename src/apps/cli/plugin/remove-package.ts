import { pluginPackages } from '#api/generated/definitions.ts';
import { defineCommand } from '../define-command.ts';
import { connectApi } from '../object-config.ts';
import { changeFlags } from './change-flags.ts';
import { packageNames } from './plugin-names.ts';

/** `stowage plugin remove-package`. */
export const removePackage = defineCommand({
  usage: 'PACKAGE',
  about: 'Removes a package that was uploaded. One whose version is installed is refused.',
  examples: [['stowage plugin remove-package tape-1.0.0', 'remove it']],
  flags: changeFlags,
  words: { min: 1, max: 1, takes: 'takes the name of a package, as `stowage plugin packages` shows it', findNames: packageNames },
  run: async ({ print }, { config, words: [name = ''] }) => {
    const { client } = await connectApi({ ...config, namespace: undefined });
    try {
      await client.delete(pluginPackages, { namespace: '', name }, { isDryRun: config.dryRun });
      print(config.dryRun ? `would be: package ${name} is removed` : `package ${name} is removed`);
    } finally {
      client.close();
    }
  },
});
