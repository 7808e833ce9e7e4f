import { candidates } from './candidates.ts';
import { defineCommand } from './define-command.ts';
import type { AnyCommand, Verb } from './verb.ts';

/** `stowage complete`: what the scripts of `stowage completion` ask. */
export function completeAmong(verbs: readonly Verb[]): AnyCommand {
  return defineCommand({
    about: 'Prints the words that may stand in place of the last one, a line each.',
    examples: [],
    flags: {},
    words: { min: 0, max: Number.POSITIVE_INFINITY, takes: 'takes the words of a command line' },
    run: async ({ env, print }, { words }) => {
      for (const word of await candidates(verbs, words, env)) print(word);
    },
  });
}
