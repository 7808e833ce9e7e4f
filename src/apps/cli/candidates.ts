import { sleep, SystemClock } from '#kit/clock.ts';
import { configOf, type ConfigSchema } from '#kit/config.ts';
import { readCommandLine } from '#kit/command-line.ts';
import { type ApiOfVerb, connectApi, objectConfig } from './object-config.ts';
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
  const { findChoices, findNames, resourceOf } = command.words;
  const query = { flags: command.flags, argv: argv.slice(0, -1), env, last };
  if (findNames !== undefined) return namesOf(query, ({ client, namespace }, index) => findNames(client, index, namespace));
  const choices = command.words.choices ?? (await findChoices?.()) ?? [];
  const [type = '', ...rest] = last.split('/');
  if (rest.length === 0 || !choices.includes(`${type}/`)) return matching(choices, last);
  const resource = await resourceOf?.(type);
  if (resource === undefined) return [];
  return namesOf(query, async ({ client, namespace }) => {
    const { items } = await client.list(resource, resource.isNamespaced ? { namespace } : {});
    return items.map(({ metadata }) => `${type}/${metadata.name}`);
  });
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
  /** What the user has written of the word. */
  readonly last: string;
}

async function namesOf(
  { flags, argv, env, last }: NameQuery,
  ask: (api: ApiOfVerb, index: number) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  try {
    const line = readCommandLine(Object.values(flags), argv);
    const api = await connectApi(configOf(objectConfig, { env }, line));
    try {
      const late = sleep(new SystemClock(), NAMES_TIMEOUT_MS).then(() => []);
      return matching(await Promise.race([ask(api, line.words.length), late]), last).slice(0, MAX_NAMES);
    } finally {
      api.client.close();
    }
  } catch {
    // why: somebody presses a key; a platform that is away has no names to offer
    return [];
  }
}

function matching(words: readonly string[], start: string): readonly string[] {
  return words.filter((word) => word.startsWith(start));
}
