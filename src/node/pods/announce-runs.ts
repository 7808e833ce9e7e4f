import type { Container, Pod } from '#api/generated/kubernetes.ts';
import { allContainers } from '../containers/pod-containers.ts';
import type { ObservedRun } from '../containers/run-state.ts';
import { backOff, failed, type NodeEvent, type NodeEvents, started } from '../status/pod-events.ts';
import type { ObservedContainers } from '../status/observed-pod.ts';
import type { PodMemory } from './pod-memory.ts';
import { decideRestart, restartPolicyOf } from '../status/restart.ts';

/** Records what happened to runs since the last look: started, failed to start, waits to be restarted; each once. */
export function announceRuns(
  events: NodeEvents,
  seen: { readonly pod: Pod; readonly observed: ObservedContainers; readonly memory: PodMemory },
): void {
  const { pod, observed, memory } = seen;
  const isDeleted = pod.metadata.deletionTimestamp !== undefined;
  for (const container of allContainers(pod)) {
    const { name } = container;
    const run = observed.get(name)?.latest;
    if (run === undefined || run.state.phase === 'starting') continue;
    const id = `${name}/${run.record.attempt}`;
    if (memory.wasSpawned(id) && memory.isNews(`begun/${id}`)) events.record(beginning(pod, name, run));
    if (!isDeleted && isBackingOff(pod, container, run) && memory.isNews(`back-off/${id}`)) events.record(backOff(pod, name));
  }
}

function beginning(pod: Pod, name: string, { state }: ObservedRun): NodeEvent {
  if (state.phase !== 'exited' || state.reason !== 'StartError') return started(pod, name);
  return failed(pod, state.message ?? 'the container could not be started');
}

function isBackingOff(pod: Pod, container: Container, run: ObservedRun): boolean {
  const decision = decideRestart(restartPolicyOf(pod, container, run), run);
  return decision.kind === 'restart' && decision.delayMs > 0;
}
