import { readCommandLine } from '#kit/command-line.ts';
import { configOf } from '#kit/config.ts';
import { PlatformError } from '#kit/errors.ts';
import type { AnyCommand, CliContext } from './verb.ts';

/** A command line that says something that the verb can't do. */
export class CommandRefused extends PlatformError {
  constructor(message: string) {
    super({ code: 'InvalidArgument', reason: 'UnknownVerb', message });
  }
}

/** Runs `stowage NAME ARGV`. @throws ConfigInvalid, CommandRefused, and what the command throws */
export async function runCommand(
  command: AnyCommand,
  name: string,
  { argv, ...context }: CliContext & { readonly argv: readonly string[] },
): Promise<void> {
  const line = readCommandLine(Object.values(command.flags), argv);
  const { min, max, takes } = command.words;
  const isFew = line.words.length < min;
  if (isFew || line.words.length > max) {
    const given = isFew ? 'nothing' : JSON.stringify(line.words.join(' '));
    throw new CommandRefused(`stowage ${name} ${takes}, not ${line.words.length === 0 ? 'nothing' : given}; see stowage help ${name}`);
  }
  await command.run(context, { config: configOf(command.flags, context, line), words: line.words });
}
