import { spawn } from 'node:child_process';
import { PlatformError } from './errors.ts';

/** What ended: both streams as text, and how. */
export interface ExecResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** How a command runs. */
export interface ExecOptions {
  /** The command is killed (SIGKILL) after this long; default 60 s. */
  readonly timeoutMs?: number;
  readonly stdin?: string;
  readonly signal?: AbortSignal;
  /** Exit codes that are answers, not failures; default only 0. */
  readonly okCodes?: readonly number[];
  readonly cwd?: string;
}

/** Runs programs of the machine; handed in by constructor so that tests can stand in for the machine. */
export interface Exec {
  /** Runs `argv` without a shell. @throws CommandFailed, CommandMissing, CommandTimedOut */
  run(argv: readonly string[], options?: ExecOptions): Promise<ExecResult>;
}

/** A command ended with an exit code that its caller did not expect. */
export class CommandFailed extends PlatformError {
  readonly argv: readonly string[];
  readonly exitCode: number;
  readonly stderr: string;

  constructor(argv: readonly string[], result: ExecResult) {
    const said = (result.stderr.trim() || result.stdout.trim()).slice(0, STDERR_KEPT);
    super({
      code: 'Internal',
      reason: 'CommandFailed',
      message: `${argv.join(' ')}: exit code ${result.exitCode}${said === '' ? '' : `: ${said}`}`,
      details: { argv, exitCode: result.exitCode, stderr: said },
    });
    this.argv = argv;
    this.exitCode = result.exitCode;
    this.stderr = said;
  }
}

/** The program is not on this machine. */
export class CommandMissing extends PlatformError {
  constructor(program: string, cause: unknown) {
    super({
      code: 'Unavailable',
      reason: 'CommandMissing',
      message: `the program ${program} is not on this machine`,
      details: { program },
      cause,
      retry: 'never',
    });
  }
}

/** The command did not end in time and was killed. */
export class CommandTimedOut extends PlatformError {
  constructor(argv: readonly string[], timeoutMs: number) {
    super({
      code: 'DeadlineExceeded',
      reason: 'CommandTimedOut',
      message: `${argv.join(' ')}: killed after ${timeoutMs} ms`,
      details: { argv, timeoutMs },
    });
  }
}

/** True where `thrown` is a {@link CommandFailed}. */
export function isCommandFailed(thrown: unknown): thrown is CommandFailed {
  return thrown instanceof CommandFailed;
}

const DEFAULT_TIMEOUT_MS = 60_000;
/** Characters of a failed command's words that an error keeps. */
const STDERR_KEPT = 2_000;
/** Bytes of each stream that are kept; a program that prints more is read to its end and the rest is dropped. */
const OUTPUT_KEPT = 4 * 1024 * 1024;

/** Runs programs with `child_process.spawn`. */
export class SystemExec implements Exec {
  run(argv: readonly string[], options: ExecOptions = {}): Promise<ExecResult> {
    const [program, ...args] = argv;
    if (program === undefined) throw new TypeError('argv is empty');
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, {
        stdio: ['pipe', 'pipe', 'pipe'],
        cwd: options.cwd,
        signal: options.signal,
        killSignal: 'SIGKILL',
        // why: messages are classified by their text where the exit code does not tell, so they must not depend on the user's language
        env: { ...process.env, LC_ALL: 'C' },
      });
      let timedOut = false;
      const timer = setTimeout(() => {
        timedOut = true;
        child.kill('SIGKILL');
      }, timeoutMs);
      const stdout = collect(child.stdout);
      const stderr = collect(child.stderr);
      child.on('error', (error: NodeJS.ErrnoException) => {
        clearTimeout(timer);
        reject(error.code === 'ENOENT' ? new CommandMissing(program, error) : PlatformError.from(error));
      });
      child.on('close', (code) => {
        clearTimeout(timer);
        const result = { stdout: stdout(), stderr: stderr(), exitCode: code ?? KILLED };
        if (timedOut) reject(new CommandTimedOut(argv, timeoutMs));
        else if ((options.okCodes ?? [0]).includes(result.exitCode)) resolve(result);
        else reject(new CommandFailed(argv, result));
      });
      // why: a program that does not read its input closes the pipe; that is no failure of ours
      child.stdin.on('error', () => {});
      child.stdin.end(options.stdin ?? '');
    });
  }
}

/** What a shell reports for a process that SIGKILL ended. */
const KILLED = 137;

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    if (size < OUTPUT_KEPT) chunks.push(chunk);
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
