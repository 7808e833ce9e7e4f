import { constants, openSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Socket } from 'node:net';
import type { Container } from '#api/generated/kubernetes.ts';
import type { AttachOptions, RemoteProcess } from '#api/pod-streams.ts';
import { type ByteSink, sinkOf } from '#kit/byte-sink.ts';
import type { Clock } from '#kit/clock.ts';
import type { Exec } from '#kit/exec.ts';
import type { Logger } from '#kit/log.ts';
import type { ContainerRuntime } from '../containers/container-runtime.ts';
import { RUN_FILES } from '../containers/run-state.ts';
import { closeStdin } from '../containers/stdin-holder.ts';
import type { RunPaths } from '../node-paths.ts';
import { readTextIfAny } from '#linux/small-files.ts';
import { followOutput } from './follow-output.ts';
import { TerminalSizer } from './terminal-size.ts';

/** What attaching to a container needs. */
export interface ContainerAttachOptions {
  readonly runtime: ContainerRuntime;
  readonly busybox: string;
  readonly exec: Exec;
  readonly log: Logger;
  readonly clock: Clock;
}

/**
 * Joins a running container's own input and output. The output is what it writes from now on; stdout and stderr are one there,
 * because containers write both straight to one file that outlives the platform.
 */
export async function attachToContainer(
  node: ContainerAttachOptions,
  { run, container }: { readonly run: RunPaths; readonly container: Container },
  options: AttachOptions,
): Promise<RemoteProcess> {
  const isOver = async (): Promise<boolean> => (await node.runtime.observeRun(run))?.state.phase !== 'running';
  // why before the input is opened: what the container answers to the first line belongs to this attachment
  const { size: from } = await stat(join(run.dir, RUN_FILES.log));
  const output = followOutput({ run, from, clock: node.clock, signal: options.signal, isOver });
  const stdin = options.stdin && container.stdin === true ? openStdin(run, { container, signal: options.signal }) : undefined;
  const sizer = new TerminalSizer({ ...node, device: terminalOf(run) });
  let finish: (exitCode: number) => void = () => {};
  const exitCode = new Promise<number>((resolve) => {
    finish = resolve;
  });
  return {
    ...(stdin === undefined ? {} : { stdin }),
    stdout: untilEnd(output, () => finish(0)),
    resize: (size) => {
      if (container.tty === true) sizer.resize(size);
    },
    exitCode,
  };
}

async function* untilEnd(source: AsyncIterable<Uint8Array>, onEnd: () => void): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } finally {
    onEnd();
  }
}

async function terminalOf(run: RunPaths): Promise<string> {
  return (await readTextIfAny(join(run.dir, RUN_FILES.terminal))) ?? '';
}

/** The container's input. A container with `stdinOnce` sees its end when the first attachment ends; others wait for the next one. */
function openStdin(run: RunPaths, { container, signal }: { readonly container: Container; readonly signal: AbortSignal }): ByteSink {
  // why not blocking: a container that ended a moment ago has no reader, and opening would wait for one
  const fd = openSync(join(run.dir, RUN_FILES.stdin), constants.O_WRONLY | constants.O_NONBLOCK);
  const socket = new Socket({ fd, readable: false, writable: true });
  const sink = sinkOf(socket);
  let hasEnded = false;
  const end = (): void => {
    if (hasEnded) return;
    hasEnded = true;
    signal.removeEventListener('abort', end);
    socket.once('close', () => {
      if (container.stdinOnce === true) void closeStdin(run);
    });
    if (signal.aborted) socket.destroy();
    else socket.end();
  };
  signal.addEventListener('abort', end, { once: true });
  return { write: (chunk) => sink.write(chunk), end };
}
