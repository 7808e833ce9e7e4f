import type { Pod } from '#api/generated/kubernetes.ts';
import { backOff, failed, type NodeEvents, started } from './pod-events.ts';
import type { ObservedContainers } from './plan.ts';
import type { PodMemory } from './pod-memory.ts';
import { decideRestart, restartPolicyOf } from './restart.ts';

/** Records what happened to runs since the last look: started, failed to start, waits to be restarted; each once. */
export function announceRuns(
  events: NodeEvents,
  seen: { readonly pod: Pod; readonly observed: ObservedContainers; readonly memory: PodMemory },
): void {
  const { pod, observed, memory } = seen;
  for (const container of [...(pod.spec.initContainers ?? []), ...pod.spec.containers]) {
    const { name } = container;
    const run = observed.get(name)?.latest;
    if (run === undefined || run.state.phase === 'starting') continue;
    const id = `${name}/${run.record.attempt}`;
    if (run.state.phase === 'exited' && run.state.reason === 'StartError') {
      if (memory.wasSpawned(id) && memory.isNews(`failed/${id}`))
        events.record(failed(pod, run.state.message ?? 'the container could not be started'));
    } else if (memory.wasSpawned(id) && memory.isNews(`started/${id}`)) events.record(started(pod, name));
    if (pod.metadata.deletionTimestamp !== undefined) continue;
    const decision = decideRestart(restartPolicyOf(pod, container), run);
    if (decision.kind === 'restart' && decision.delayMs > 0 && memory.isNews(`back-off/${id}`)) events.record(backOff(pod, name));
  }
}
