import type { PodStreamSource } from '#api/pod-streams.ts';
import type { Clock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { HookCall } from './hooks.ts';

/** How commands are run in pods. */
export type PodCommands = Pick<PodStreamSource, 'exec'>;

/** What is told of the output of a command that failed, from its end, in bytes. */
const MAX_TOLD = 400;

/** Runs the command, and ends it where it takes too long. Answers why it failed, in words; undefined where it did not. */
export async function runHook(
  pods: PodCommands,
  call: HookCall,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<string | undefined> {
  const ending = new AbortController();
  const late = Promise.withResolvers<'late'>();
  const timer = clock.after(call.timeoutMs, () => {
    ending.abort();
    late.resolve('late');
  });
  try {
    const ended = await Promise.race([ask(pods, call, AbortSignal.any([ending.signal, signal])), late.promise]);
    return ended === 'late' ? `it took longer than ${call.timeoutMs / 1_000} s` : ended.failure;
  } catch (thrown) {
    return PlatformError.from(thrown).message;
  } finally {
    timer.cancel();
    ending.abort();
  }
}

async function ask(pods: PodCommands, { pod, container, command }: HookCall, signal: AbortSignal): Promise<{ readonly failure?: string }> {
  const process = await pods.exec(pod, { container, command, stdin: false, stdout: true, stderr: true, tty: false, signal });
  let said = Buffer.alloc(0);
  const hear = async (output: AsyncIterable<Uint8Array> | undefined): Promise<void> => {
    try {
      for await (const chunk of output ?? []) said = Buffer.concat([said, chunk]).subarray(-MAX_TOLD);
    } catch {
      // why: what was heard before is told; that the command was cut off says its exit code
    }
  };
  const heard = Promise.all([hear(process.stdout), hear(process.stderr)]);
  const exitCode = await process.exitCode;
  await heard;
  if (exitCode === 0) return {};
  const text = said.toString('utf8').trim();
  return { failure: `it ended with ${exitCode}${text === '' ? '' : `: ${text}`}` };
}
