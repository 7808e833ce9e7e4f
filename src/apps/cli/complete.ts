import { candidates } from './candidates.ts';
import { defineCommand } from './define-command.ts';
import { VERBS } from './verbs.ts';

/** `stowage complete`: what the scripts of `stowage completion` ask. */
export const complete = defineCommand({
  about: 'Prints the words that may stand in place of the last one, a line each.',
  examples: [],
  flags: {},
  words: { min: 0, max: Number.POSITIVE_INFINITY, takes: 'takes the words of a command line' },
  run: async ({ env, print }, { words }) => {
    for (const word of await candidates(VERBS, words, env)) print(word);
  },
});
