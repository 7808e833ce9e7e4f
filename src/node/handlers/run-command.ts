import { type ContainerExecOptions, execInContainer } from '../streams/exec-container.ts';
import type { RunPaths } from '../node-paths.ts';
import { ANSWER_BYTES, type HandlerOutcome } from './handler-outcome.ts';

/** Runs a command in a running container: exit code 0 is success, and what it said is the message. It is killed when the signal aborts. */
export async function runCommand(
  node: ContainerExecOptions,
  { run, command }: { readonly run: RunPaths; readonly command: readonly string[] },
  signal: AbortSignal,
): Promise<HandlerOutcome> {
  const running = await execInContainer(node, run, {
    container: '',
    command,
    stdin: false,
    stdout: true,
    stderr: true,
    tty: false,
    signal,
  });
  const [stdout, stderr, exitCode] = await Promise.all([textOf(running.stdout), textOf(running.stderr), running.exitCode]);
  if (signal.aborted) return { isOk: false, message: `command timed out: ${JSON.stringify(command.join(' '))}` };
  return { isOk: exitCode === 0, message: `${stdout}${stderr}`.slice(0, ANSWER_BYTES) };
}

/** The beginning of what comes; the rest is read and dropped. */
async function textOf(source: AsyncIterable<Uint8Array> | undefined): Promise<string> {
  if (source === undefined) return '';
  let text = '';
  try {
    for await (const chunk of source) if (text.length < ANSWER_BYTES) text += Buffer.from(chunk).toString('utf8');
  } catch {
    // why: a killed command's output is cut, which its timeout tells already
  }
  return text;
}
