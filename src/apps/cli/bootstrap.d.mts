/** How the command line runs on the pinned runtime. */
export interface StowageCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Variables beside those of the caller. */
  readonly env: Readonly<Record<string, string>>;
}

/** The program and arguments that run `stowage ARGS`. */
export function stowageCommand(args: readonly string[]): StowageCommand;

/** Runs `stowage ARGS` in place of this process: hands every signal on, and ends with it. */
export function handOver(args: readonly string[]): void;
