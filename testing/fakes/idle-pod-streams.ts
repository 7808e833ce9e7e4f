import type { PodStreamSource, RemoteProcess } from '#api/pod-streams.ts';
import { PlatformError } from '#kit/errors.ts';

/** Processes that say one line and end well, and pods that no port can be reached in. */
export const idlePodStreams: PodStreamSource = {
  exec: () => Promise.resolve(endedProcess()),
  attach: () => Promise.resolve(endedProcess()),
  connect: () =>
    Promise.reject(
      new PlatformError({ code: 'InvalidArgument', reason: 'PodNotRunning', message: 'the pod does not run: start it first' }),
    ),
};

function endedProcess(): RemoteProcess {
  return {
    stdin: { write: () => Promise.resolve(), end: () => {} },
    stdout: oneLine(),
    resize: () => {},
    exitCode: Promise.resolve(0),
  };
}

async function* oneLine(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('one line\n');
}
