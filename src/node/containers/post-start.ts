import type { Container } from '#api/generated/kubernetes.ts';
import type { ObservedRun } from './run-state.ts';

/** True while a running container's postStart hook has not succeeded: it does not count as started. Pure. */
export function isInStart(container: Container, run: ObservedRun): boolean {
  return container.lifecycle?.postStart !== undefined && run.state.phase === 'running' && run.postStart !== 'done';
}
