import type { ConfigSchema } from '#kit/config.ts';
import { trusted } from '#kit/json.ts';
import type { AnyCommand, Command } from './verb.ts';

/** A command, checked against its own flags and from then on known only as some command. */
export function defineCommand<S extends ConfigSchema>(command: Omit<Command<S>, 'type'>): AnyCommand {
  // why trusted: `run` is only ever given what was read by these very flags
  return trusted<AnyCommand>({ type: 'command', ...command });
}
