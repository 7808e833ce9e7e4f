import { didYouMean } from '#kit/closest.ts';
import { CommandRefused } from './run-command.ts';
import type { WordRule } from './verb.ts';

/** What kubectl calls the types that verbs take. */
const ALIASES = {
  pvc: ['pvc', 'persistentvolumeclaim', 'persistentvolumeclaims'],
  pod: ['pod', 'pods', 'po'],
  pv: ['pv', 'persistentvolume', 'persistentvolumes'],
  sc: ['sc', 'storageclass', 'storageclasses'],
  node: ['node', 'nodes', 'no'],
  ns: ['ns', 'namespace', 'namespaces'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** A type that verbs take. */
export type SubjectType = keyof typeof ALIASES;

/** The first of a verb's types are the ones that most people mean; a refusal names the others after them. */
const COMMON = 2;

/** The words of a verb that takes `TYPE/NAME` or `TYPE NAME`. */
export function subjectWords(...types: readonly SubjectType[]): WordRule {
  const takes = `takes ${types
    .slice(0, COMMON)
    .map((type) => `${type}/NAME`)
    .join(' or ')}`;
  return { min: 1, max: 2, takes, choices: types.map((type) => `${type}/`) };
}

/** The object that the words name. @throws CommandRefused */
export function readSubject<T extends SubjectType>(
  verb: string,
  words: readonly string[],
  types: readonly T[],
): { readonly type: T; readonly name: string } {
  const [word = '', name = '', ...rest] = words.length === 1 ? (words[0] ?? '').split('/') : words;
  const type = types.find((candidate) => aliasesOf(candidate).includes(word.toLowerCase()));
  if (type !== undefined && name !== '' && rest.length === 0 && !name.includes('/')) return { type, name };
  const { takes } = subjectWords(...types);
  const hint = type === undefined ? didYouMean(word, types.flatMap(aliasesOf)) : '';
  throw new CommandRefused(`stowage ${verb} ${takes}, not ${JSON.stringify(words.join(' '))}${othersOf(types)}${hint}`);
}

function othersOf(types: readonly SubjectType[]): string {
  const others = types.slice(COMMON);
  return others.length === 0 ? '' : ` (others that it takes: ${others.join(', ')})`;
}

function aliasesOf(type: SubjectType): readonly string[] {
  return ALIASES[type];
}
