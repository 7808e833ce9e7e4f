import manifest from '../../../package.json' with { type: 'json' };
import { defineCommand } from './define-command.ts';
import { formatJson, outputConfig } from './output-config.ts';
import { NO_WORDS } from './verb.ts';

/** Version of this Stowage, from package.json. */
export const STOWAGE_VERSION: string = manifest.version;

/** `stowage version`. */
export const version = defineCommand({
  about: 'Prints the version of Stowage and of the Node runtime.',
  examples: [['stowage version -o json', 'for programs']],
  flags: outputConfig,
  words: NO_WORDS,
  run: async ({ print }, { config }) => {
    const versions = { stowage: STOWAGE_VERSION, node: process.version };
    print(config.output === 'json' ? formatJson(versions) : `stowage ${versions.stowage} (node ${versions.node})`);
  },
});
