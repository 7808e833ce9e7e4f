import type { RemoteProcess } from '#api/pod-streams.ts';
import { type ByteSink, pour } from '#kit/byte-sink.ts';
import { type CommandChannels, outcomeOf } from './command-channels.ts';

/** Connects a process with its client until the process has ended. */
export async function runCommand(process: RemoteProcess, channels: CommandChannels): Promise<void> {
  channels.onResize((size) => process.resize(size));
  const input = feed(channels.stdin, process.stdin);
  const outputs = [drain(process.stdout, channels.stdout), drain(process.stderr, channels.stderr)];
  const exitCode = await process.exitCode;
  await Promise.all(outputs);
  await channels.finish(outcomeOf(exitCode));
  await input;
}

async function feed(source: AsyncIterable<Uint8Array>, sink: ByteSink | undefined): Promise<void> {
  if (sink === undefined) return;
  try {
    await pour(source, sink);
  } catch {
    // why: the process reads no more, which is its right; it decides itself when it ends
  } finally {
    sink.end();
  }
}

async function drain(source: AsyncIterable<Uint8Array> | undefined, sink: ByteSink): Promise<void> {
  try {
    if (source !== undefined) await pour(source, sink);
  } catch {
    // why: the client has gone, or the process was ended because of that; both are told elsewhere
  } finally {
    sink.end();
  }
}
