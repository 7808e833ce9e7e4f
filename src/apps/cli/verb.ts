import type { Resource } from '#api/meta/resource.ts';
import type { ConfigOf, ConfigSchema } from '#kit/config.ts';
import type { Client } from '#machinery/client/client.ts';

/** What a verb may use of the process. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Prints a line for the user. */
  readonly print: (line: string) => void;
  /** Aborts at the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
}

/** A line to paste, and what it does. */
export type Example = readonly [command: string, does: string];

/** What a command line may say beside flags. */
export interface WordRule {
  /** How many there must be, and may be. */
  readonly min: number;
  readonly max: number;
  /** What they are, for a refusal: `takes pvc/NAME or pod/NAME`. */
  readonly takes: string;
  /** What completion offers for the first. */
  readonly choices?: readonly string[];
  /** The same, where they are many and are looked up when a shell asks. */
  readonly findChoices?: () => Promise<readonly string[]>;
  /** What it offers of what the API has, asked as the user; `index` 0 is the first word, `namespace` the one that the flags name. */
  readonly findNames?: (client: Pick<Client, 'get' | 'list'>, index: number, namespace: string) => Promise<readonly string[]>;
  /** Of what objects it offers the names behind the choice `WORD/`. */
  readonly resourceOf?: (word: string) => Promise<Resource | undefined>;
}

/** No words at all. */
export const NO_WORDS: WordRule = { min: 0, max: 0, takes: 'takes flags only' };

/** What was given, checked against the rules. */
export interface Given<S extends ConfigSchema> {
  readonly config: ConfigOf<S>;
  readonly words: readonly string[];
}

/** Something that the command line can do. */
export interface Command<S extends ConfigSchema = ConfigSchema> {
  readonly type: 'command';
  /** What follows the command's name: `TYPE/NAME`; flags are added by the help. */
  readonly usage?: string;
  /** What it does, in a few lines. */
  readonly about: string;
  readonly examples: readonly Example[];
  readonly flags: S;
  readonly words: WordRule;
  /** Runs to its end; what it throws decides the exit code (kit/error-codes.ts). */
  readonly run: (context: CliContext, given: Given<S>) => Promise<void>;
}

/** Commands under one name: `stowage driver add`, `stowage driver list`. */
export interface CommandGroup {
  readonly type: 'group';
  readonly about: string;
  /** By name, in the order of the help: a line about each, and the command. */
  readonly commands: ReadonlyMap<string, { readonly summary: string; readonly command: AnyCommand }>;
}

/** A command whose flags only it knows. */
export type AnyCommand = Omit<Command, 'run'> & { readonly run: (context: CliContext, given: Given<ConfigSchema>) => Promise<void> };

/** What a verb's file exports. */
export type Runnable = AnyCommand | CommandGroup;

/** One word of the command line after `stowage`. Nothing of it is loaded before it is asked for. */
export interface Verb {
  readonly name: string;
  /** One line for `stowage --help`. */
  readonly summary: string;
  /** Not shown: the platform's own programs use it. */
  readonly isInternal?: boolean;
  readonly load: () => Promise<Runnable>;
}
