import type { Pod } from '#api/generated/kubernetes.ts';
import { PlatformError } from '#kit/errors.ts';
import type { ContainerRuntime } from '../containers/container-runtime.ts';
import type { NodePaths, RunPaths } from '../node-paths.ts';

/** The run of a container that goes on now. @throws PlatformError where it does not run */
export async function findRunning(
  node: { readonly paths: NodePaths; readonly runtime: ContainerRuntime },
  pod: Pod,
  container: string,
): Promise<RunPaths> {
  const paths = node.paths.pod(pod.metadata.uid);
  const attempt = (await node.runtime.attempts(paths, container)).at(-1);
  const run = attempt === undefined ? undefined : paths.run(container, attempt);
  const observed = run === undefined ? undefined : await node.runtime.observeRun(run);
  if (run !== undefined && observed?.state.phase === 'running') return run;
  throw new ContainerNotRunning(pod, container, observed?.state.phase);
}

class ContainerNotRunning extends PlatformError {
  constructor(pod: Pod, container: string, phase: 'starting' | 'exited' | 'running' | undefined) {
    const why = phase === 'exited' ? 'it has ended' : 'it has not started yet';
    super({
      code: 'InvalidArgument',
      reason: 'ContainerNotRunning',
      message: `container ${JSON.stringify(container)} in pod ${JSON.stringify(pod.metadata.name)} is not running: ${why}; see kubectl describe pod ${pod.metadata.name}`,
    });
  }
}
