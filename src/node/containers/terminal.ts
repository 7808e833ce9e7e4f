import { PlatformError } from '#kit/errors.ts';
import { findProgram } from '../machine/machine.ts';

/** A command that is to have a terminal. */
export interface TerminalCommand {
  /** script(1), which makes the pseudo-terminal: Node itself can't. */
  readonly script: string;
  readonly busybox: string;
  readonly argv: readonly string[];
  /** Where the shell writes the name of the terminal's device: a redirection such as `&3` or `state/tty`. */
  readonly nameTo: string;
}

/** The program that makes terminals. @throws PlatformError where this machine does not have it */
export async function requireScript(): Promise<string> {
  const script = await findProgram('script');
  if (script !== undefined) return script;
  throw new PlatformError({
    code: 'Unavailable',
    reason: 'TerminalsMissing',
    message: 'no terminals can be made here: the program script is not on this machine. Install with: apt-get install bsdutils',
    retry: 'never',
  });
}

/**
 * The command inside a pseudo-terminal: what is written to it is typed, what it prints comes out, and its exit code is the command's.
 * The end of its standard input is typed as end of file. Pure.
 */
export function inTerminal({ script, busybox, argv, nameTo }: TerminalCommand): string[] {
  const line = `${quote(busybox)} tty >${nameTo}; exec ${argv.map(quote).join(' ')}${nameTo === '&3' ? ' 3>&-' : ''}`;
  return [script, '-q', '-e', '-c', line, '/dev/null'];
}

/** What sets the size of a terminal; the kernel tells the programs on it. Pure. */
export function resizeCommand(busybox: string, device: string, size: { readonly columns: number; readonly rows: number }): string[] {
  return [busybox, 'stty', '-F', device, 'rows', String(size.rows), 'cols', String(size.columns)];
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
