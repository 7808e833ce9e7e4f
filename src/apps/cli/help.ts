import { formatFlags } from '#kit/config.ts';
import type { AnyCommand, CommandGroup, Example, Runnable, Verb } from './verb.ts';

/** The text of `stowage --help`. */
export function generalHelp(verbs: readonly Verb[]): string {
  const shown = verbs.filter(({ isInternal }) => isInternal !== true);
  return [
    'usage: stowage VERB [FLAGS]',
    '',
    ...table(shown.map(({ name, summary }) => [name, summary])),
    '',
    'stowage help VERB tells more. Flags may stand anywhere; each may also be given as the variable that its help names.',
  ].join('\n');
}

/** The text of `stowage help VERB`. */
export function helpOf(name: string, runnable: Runnable): string {
  return runnable.type === 'group' ? groupHelp(name, runnable) : commandHelp(name, runnable);
}

function groupHelp(name: string, { about, commands }: CommandGroup): string {
  const rows = [...commands].map(([action, { summary }]): Example => [`stowage ${name} ${action}`, summary]);
  return [`usage: stowage ${name} ACTION [FLAGS]`, '', about, '', ...table(rows), '', `stowage help ${name} ACTION tells more.`].join('\n');
}

function commandHelp(name: string, { usage, about, examples, flags }: AnyCommand): string {
  const hasFlags = Object.keys(flags).length > 0;
  return [
    `usage: stowage ${name}${usage === undefined ? '' : ` ${usage}`}${hasFlags ? ' [FLAGS]' : ''}`,
    '',
    about,
    ...(examples.length === 0 ? [] : ['', 'Examples:', ...table(examples)]),
    ...(hasFlags ? ['', 'Flags:', formatFlags(flags)] : []),
  ].join('\n');
}

function table(rows: readonly Example[]): readonly string[] {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
