import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { ExecOptions, RemoteProcess } from '#api/pod-streams.ts';
import { sinkOf } from '#kit/byte-sink.ts';
import type { Exec } from '#kit/exec.ts';
import type { Logger } from '#kit/log.ts';
import { isInCgroup, signalProcess } from '../machine/processes.ts';
import type { RunPaths } from '../node-paths.ts';
import { readTextIfAny, removeTree } from '#linux/small-files.ts';
import { execDirOf } from '../containers/exec-dir.ts';
import { inTerminal, requireScript } from '../containers/terminal.ts';
import { TerminalSizer } from './terminal-size.ts';

/** What running a command in a container needs. */
export interface ContainerExecOptions {
  readonly runc: string;
  readonly busybox: string;
  readonly runcRoot: string;
  readonly exec: Exec;
  readonly log: Logger;
  /** Tells the commands of one run apart. */
  readonly id: string;
}

/** Exit code of a shell where a command can't be started at all, and where it does not exist. */
const NOT_STARTED = 126;
const NOT_FOUND = 127;
/** Exit code of a process that SIGKILL ended. */
const KILLED = 137;
/** What is kept of a command's first words, to tell why it did not start. */
const WORDS_KEPT = 4_096;
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Runs a command inside a running container, with the container's own user, environment and limits. @throws PlatformError where it needs a terminal and there are none */
export async function execInContainer(node: ContainerExecOptions, run: RunPaths, options: ExecOptions): Promise<RemoteProcess> {
  const dir = join(execDirOf(node.runcRoot, run), node.id);
  const script = options.tty ? await requireScript() : '';
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const pidFile = join(dir, 'pid');
  const argv = runcExec(node, { run, options, pidFile });
  const [program = '', ...args] = options.tty ? inTerminal({ script, busybox: node.busybox, argv, nameTo: '&3' }) : argv;
  const child = spawn(program, args, {
    cwd: dir,
    stdio: stdioOf(options),
    env: { PATH },
  });
  const kill = (): void => void killCommand(child, { pidFile, cgroup: run.cgroup });
  if (options.signal.aborted) kill();
  options.signal.addEventListener('abort', kill, { once: true });
  // why: Node throws away what a process that has ended had said, unless somebody listens by then
  for (const output of [child.stdout, child.stderr]) output?.on('readable', () => {});
  const words = new FirstWords();
  const exitCode = endOf(child).then(async (code) => {
    options.signal.removeEventListener('abort', kill);
    const hasStarted = (await readTextIfAny(pidFile)) !== undefined;
    await removeTree(dir);
    return hasStarted ? code : words.exitCode;
  });
  return { ...streamsOf(child, options, words), resize: sizerOf(node, child), exitCode };
}

function stdioOf({ stdin, stdout, stderr, tty }: ExecOptions): ('pipe' | 'ignore')[] {
  // why: a terminal without input stays silent; the end of its input would be typed as end of file
  return [stdin || tty, stdout, stderr && !tty, tty].map((isWanted) => (isWanted ? 'pipe' : 'ignore'));
}

function streamsOf(
  { stdin, stdout, stderr }: ChildProcess,
  options: ExecOptions,
  words: FirstWords,
): Pick<RemoteProcess, 'stdin' | 'stdout' | 'stderr'> {
  return {
    ...(stdin === null || !options.stdin ? {} : { stdin: sinkOf(stdin) }),
    ...(stdout === null ? {} : { stdout: options.tty ? words.of(stdout) : stdout }),
    ...(stderr === null ? {} : { stderr: words.of(stderr) }),
  };
}

function runcExec(
  { runc, runcRoot }: ContainerExecOptions,
  { run, options, pidFile }: { readonly run: RunPaths; readonly options: ExecOptions; readonly pidFile: string },
): string[] {
  const terminal = options.tty ? ['--tty', '--env', 'TERM=xterm'] : ['--tty=false'];
  return [runc, '--root', runcRoot, '--log', '/dev/null', 'exec', '--pid-file', pidFile, ...terminal, run.runtimeId, ...options.command];
}

function sizerOf(node: ContainerExecOptions, child: ChildProcess): RemoteProcess['resize'] {
  const named = child.stdio[3];
  if (!(named instanceof Readable)) return () => {};
  const sizer = new TerminalSizer({ ...node, device: firstLine(named) });
  return (size) => sizer.resize(size);
}

/** The first line of the stream, or what came of it. */
function firstLine(stream: Readable): Promise<string> {
  return new Promise((resolve) => {
    let line = '';
    stream.on('error', () => resolve(line));
    stream.on('data', (chunk: Buffer) => {
      line += chunk.toString('utf8');
      if (line.includes('\n')) resolve(line);
    });
    stream.once('end', () => resolve(line));
  });
}

function endOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    child.once('error', () => resolve(NOT_STARTED));
    // why close and not exit: by then the outputs have been read to their end
    child.once('close', (code) => resolve(code ?? KILLED));
  });
}

/** What a command said first; where it never started, the runtime said why. */
class FirstWords {
  #said = '';

  async *of(source: Readable): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      const bytes: Uint8Array = chunk;
      if (this.#said.length < WORDS_KEPT) this.#said += Buffer.from(bytes).toString('utf8');
      yield bytes;
    }
  }

  get exitCode(): number {
    return /not found|no such file/i.test(this.#said) ? NOT_FOUND : NOT_STARTED;
  }
}

/** Ends the command itself; the runtime's process in front of it follows, or is ended too where there is none yet. */
async function killCommand(child: ChildProcess, { pidFile, cgroup }: { readonly pidFile: string; readonly cgroup: string }): Promise<void> {
  const pid = Number((await readTextIfAny(pidFile)) ?? '');
  if (Number.isInteger(pid) && pid > 0 && (await isInCgroup(pid, cgroup))) signalProcess(pid, 'SIGKILL');
  else child.kill('SIGKILL');
  child.stdin?.destroy();
  child.stdout?.destroy();
  child.stderr?.destroy();
}
