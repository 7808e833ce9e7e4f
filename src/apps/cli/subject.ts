import { didYouMean } from '#kit/closest.ts';
import { CommandRefused } from './run-command.ts';
import type { WordRule } from './verb.ts';

/** What kubectl calls the types that verbs take. */
const ALIASES: Readonly<Record<'pvc' | 'pod', readonly string[]>> = {
  pvc: ['pvc', 'persistentvolumeclaim', 'persistentvolumeclaims'],
  pod: ['pod', 'pods', 'po'],
};

/** A type that verbs take. */
export type SubjectType = keyof typeof ALIASES;

/** The words of a verb that takes `TYPE/NAME` or `TYPE NAME`. */
export function subjectWords(...types: readonly SubjectType[]): WordRule {
  return { min: 1, max: 2, takes: `takes ${types.map((type) => `${type}/NAME`).join(' or ')}`, choices: types.map((type) => `${type}/`) };
}

/** The object that the words name. @throws CommandRefused */
export function readSubject<T extends SubjectType>(
  verb: string,
  words: readonly string[],
  types: readonly T[],
): { readonly type: T; readonly name: string } {
  const [word = '', name = '', ...rest] = words.length === 1 ? (words[0] ?? '').split('/') : words;
  const type = types.find((candidate) => ALIASES[candidate].includes(word.toLowerCase()));
  if (type !== undefined && name !== '' && rest.length === 0 && !name.includes('/')) return { type, name };
  const { takes } = subjectWords(...types);
  const hint =
    type === undefined
      ? didYouMean(
          word,
          types.flatMap((candidate) => ALIASES[candidate]),
        )
      : '';
  throw new CommandRefused(`stowage ${verb} ${takes}, not ${JSON.stringify(words.join(' '))}${hint}`);
}
