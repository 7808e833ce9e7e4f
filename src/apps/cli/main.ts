import { didYouMean } from '#kit/closest.ts';
import { ERROR_CODES } from '#kit/error-codes.ts';
import { PlatformError } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';
import { generalHelp, helpOf } from './help.ts';
import { CommandRefused, runCommand } from './run-command.ts';
import { stopSignal } from './stop-signal.ts';
import type { AnyCommand, Runnable } from './verb.ts';
import { allVerbs, findVerb } from './verbs.ts';

const HELP_WORDS: ReadonlySet<string> = new Set(['--help', '-h', 'help']);
const VERSION_WORDS: ReadonlySet<string> = new Set(['--version', '-v']);

/** Runs one verb and sets the exit code: 0, or the row of the error's code in the one table. */
async function main(words: readonly string[]): Promise<void> {
  const [first = '--help', ...rest] = words;
  if (HELP_WORDS.has(first)) return help(rest.filter((word) => !HELP_WORDS.has(word)));
  const name = VERSION_WORDS.has(first) ? 'version' : first;
  const [runnable, path, argv] = inGroup(await load(name), name, rest);
  // why: what stands behind -- is for nobody but the verb
  const asksForHelp = argv.slice(0, [...argv, '--'].indexOf('--')).some((word) => word === '--help' || word === '-h');
  if (asksForHelp || runnable.type === 'group') return console.log(helpOf(path, runnable));
  await runCommand(runnable, path, { argv, env: process.env, print: (line) => console.log(line), signal: stopSignal() });
}

async function help([verb, ...rest]: readonly string[]): Promise<void> {
  if (verb === undefined) return console.log(generalHelp(await allVerbs()));
  const [runnable, path] = inGroup(await load(verb), verb, rest);
  console.log(helpOf(path, runnable));
}

async function load(name: string): Promise<Runnable> {
  const verb = await findVerb(name);
  if (verb !== undefined) return verb.load();
  const shown = (await allVerbs()).filter(({ isInternal }) => isInternal !== true).map((each) => each.name);
  const hint = didYouMean(name, shown);
  throw new CommandRefused(`${JSON.stringify(name)} is no verb of stowage${hint === '' ? `: they are ${shown.join(', ')}` : hint}`);
}

type Found = readonly [Runnable, path: string, argv: readonly string[]];

/** The command of a group that the words name, flags in front of its name or not; the group itself where they name none. @throws CommandRefused */
function inGroup(runnable: Runnable, name: string, argv: readonly string[]): Found {
  if (runnable.type === 'command') return [runnable, name, argv];
  const at = argv.findIndex((word) => !word.startsWith('-'));
  const action = argv[at];
  if (action === undefined) return [runnable, name, argv];
  const command: AnyCommand | undefined = runnable.commands.get(action)?.command;
  const known = [...runnable.commands.keys()];
  if (command !== undefined) return [command, `${name} ${action}`, argv.toSpliced(at, 1)];
  throw new CommandRefused(`stowage ${name} knows ${known.join(', ')}, not ${JSON.stringify(action)}${didYouMean(action, known)}`);
}

/** Any long time. */
const ALIVE_MS = 2 ** 30;
// why: timers of the platform's clock never keep the process alive, so a start or a stop that only waits would end in the middle of it
const alive = setInterval(() => {}, ALIVE_MS);
try {
  await main(process.argv.slice(2));
} catch (thrown) {
  const error = PlatformError.from(thrown);
  const isFull = isRecord(error.cause) && error.cause['code'] === 'ENOSPC';
  console.error(isFull ? `stowage: the disk is full, free some space there: ${error.message}` : `stowage: ${error.message}`);
  if (error.code === 'Unknown' && !isFull && error.cause instanceof Error) console.error(error.cause.stack);
  process.exitCode = ERROR_CODES[error.code].exit;
} finally {
  clearInterval(alive);
}
