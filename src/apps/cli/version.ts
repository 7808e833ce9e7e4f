import manifest from '../../../package.json' with { type: 'json' };
import type { Verb } from './verb.ts';

/** Version of this Stowage, from package.json. */
export const STOWAGE_VERSION: string = manifest.version;

/** `stowage version`. */
export const version: Verb = {
  name: 'version',
  summary: 'print the version',
  help: 'usage: stowage version\n\nPrints the version of Stowage and of the Node runtime.',
  run: async ({ print }) => print(`stowage ${STOWAGE_VERSION} (node ${process.version})`),
};
