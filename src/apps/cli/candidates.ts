import { sleep, SystemClock } from '#kit/clock.ts';
import { configOf, type ConfigSchema } from '#kit/config.ts';
import { readCommandLine } from '#kit/command-line.ts';
import type { Resource } from '#api/meta/resource.ts';
import { connectApi, objectConfig } from './object-config.ts';
import type { AnyCommand, Runnable, Verb } from './verb.ts';

/** Names are not worth more of a user's time, in milliseconds. */
const NAMES_TIMEOUT_MS = 2_000;
/** More than these fill a screen and help nobody. */
const MAX_NAMES = 200;

/** The words that may stand in place of the last of `words`. Faults are no words. */
export async function candidates(
  verbs: readonly Verb[],
  words: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  const [name = '', ...rest] = words;
  const last = words.at(-1) ?? '';
  const shown = verbs.filter(({ isInternal }) => isInternal !== true).map((verb) => verb.name);
  if (words.length <= 1) return matching([...shown, 'help'], last);
  if (name === 'help') return words.length === 2 ? matching(shown, last) : [];
  const runnable = await verbs.find((verb) => verb.name === name)?.load();
  return runnable === undefined ? [] : ofVerb(runnable, rest, env);
}

async function ofVerb(
  runnable: Runnable,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  if (runnable.type === 'command') return ofCommand(runnable, argv, env);
  const [action = '', ...rest] = argv;
  const command = runnable.commands.get(action)?.command;
  if (argv.length <= 1 || command === undefined) return matching([...runnable.commands.keys()], argv.at(-1) ?? '');
  return ofCommand(command, rest, env);
}

async function ofCommand(
  command: AnyCommand,
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<readonly string[]> {
  const last = argv.at(-1) ?? '';
  if (last.startsWith('-')) return matching([...flagWords(command.flags), '--help'], last);
  const { findChoices, resourceOf } = command.words;
  const choices = command.words.choices ?? (await findChoices?.()) ?? [];
  const [type = '', ...rest] = last.split('/');
  if (rest.length === 0 || !choices.includes(`${type}/`)) return matching(choices, last);
  const resource = await resourceOf?.(type);
  if (resource === undefined) return [];
  const names = await namesOf(resource, { flags: command.flags, argv: argv.slice(0, -1), env });
  return matching(
    names.map((name) => `${type}/${name}`),
    last,
  );
}

function flagWords(flags: ConfigSchema): readonly string[] {
  return Object.values(flags).map(({ flag, isSwitch, default: value }) =>
    isSwitch === true && value === true ? `--no-${flag}` : `--${flag}`,
  );
}

interface NameQuery {
  readonly flags: ConfigSchema;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

async function namesOf(resource: Resource, { flags, argv, env }: NameQuery): Promise<readonly string[]> {
  try {
    const line = readCommandLine(Object.values(flags), argv);
    const { client, namespace } = await connectApi(configOf(objectConfig, { env }, line));
    try {
      const listed = client.list(resource, resource.isNamespaced ? { namespace } : {});
      const late = sleep(new SystemClock(), NAMES_TIMEOUT_MS).then(() => ({ items: [] }));
      const { items } = await Promise.race([listed, late]);
      return items.slice(0, MAX_NAMES).map(({ metadata }) => metadata.name);
    } finally {
      client.close();
    }
  } catch {
    // why: somebody presses a key; a platform that is away has no names to offer
    return [];
  }
}

function matching(words: readonly string[], start: string): readonly string[] {
  return words.filter((word) => word.startsWith(start));
}
