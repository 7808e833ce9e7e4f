/** What a verb may use of the process. */
export interface CliContext {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Prints a line for the user. */
  readonly print: (line: string) => void;
  /** Aborts at the first SIGINT, SIGTERM or SIGHUP. */
  readonly signal: AbortSignal;
}

/** One word of the command line after `stowage`. */
export interface Verb {
  readonly name: string;
  /** One line for `stowage --help`. */
  readonly summary: string;
  /** The whole text of `stowage VERB --help`. */
  readonly help: string;
  /** Runs to its end; what it throws decides the exit code (kit/error-codes.ts). */
  readonly run: (context: CliContext) => Promise<void>;
}
