import type { Resource } from '#api/meta/resource.ts';
import { didYouMean } from '#kit/closest.ts';
import { CommandRefused } from './run-command.ts';
import type { WordRule } from './verb.ts';

/** A type of objects that verbs take, by all names that kubectl has for it. */
export interface SubjectType {
  /** As completion offers it: `pvc`. */
  readonly type: string;
  readonly aliases: readonly string[];
  readonly load: () => Promise<{ readonly resource: Resource }>;
}

/** The first of a verb's types are the ones that most people mean; a refusal names the others after them. */
const COMMON = 2;

/** The words of a verb that takes `TYPE/NAME` or `TYPE NAME`. */
export function subjectWords(types: readonly SubjectType[]): WordRule {
  const takes = `takes ${types
    .slice(0, COMMON)
    .map(({ type }) => `${type}/NAME`)
    .join(' or ')}`;
  return {
    min: 1,
    max: 2,
    takes,
    choices: types.map(({ type }) => `${type}/`),
    resourceOf: async (word) => (await types.find(({ type }) => type === word)?.load())?.resource,
  };
}

/** The object that the words name. @throws CommandRefused */
export function readSubject<T extends SubjectType>(
  verb: string,
  words: readonly string[],
  types: readonly T[],
): { readonly type: T; readonly name: string } {
  const [word = '', name = '', ...rest] = words.length === 1 ? (words[0] ?? '').split('/') : words;
  const type = types.find((candidate) => namesOf(candidate).includes(word.toLowerCase()));
  if (type !== undefined && name !== '' && rest.length === 0 && !name.includes('/')) return { type, name };
  const { takes } = subjectWords(types);
  const hint = type === undefined ? didYouMean(word, types.flatMap(namesOf)) : '';
  throw new CommandRefused(`stowage ${verb} ${takes}, not ${JSON.stringify(words.join(' '))}${othersOf(types)}${hint}`);
}

function othersOf(types: readonly SubjectType[]): string {
  const others = types.slice(COMMON).map(({ type }) => type);
  return others.length === 0 ? '' : ` (others that it takes: ${others.join(', ')})`;
}

function namesOf({ type, aliases }: SubjectType): readonly string[] {
  return [type, ...aliases];
}
