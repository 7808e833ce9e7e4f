import type { Clock } from '#kit/clock.ts';
import type { PodVolumes } from '../volumes/pod-volumes.ts';
import { type WatchTools, watchRun } from './observe-pod.ts';
import type { PodAction } from './plan.ts';
import { created, failed, type NodeEvents, pulled, pulling, standsIn } from '../status/pod-events.ts';
import type { KnownPod } from './pod-snapshot.ts';
import type { ContainerStarter } from './start-container.ts';

/** What starting containers that are due needs. */
export interface StartTools extends WatchTools {
  readonly starter: Pick<ContainerStarter, 'start'>;
  readonly volumes: Pick<PodVolumes, 'configOf'>;
  readonly clock: Clock;
  readonly events: NodeEvents;
  readonly signal: AbortSignal;
}

/** A start that a plan names. */
export type StartAction = Extract<PodAction, { kind: 'start' }>;

/** Starts a container on volumes that are ready, unless it is held back; why it could not be started is remembered, with when to try again. */
export async function startPlanned(tools: StartTools, on: KnownPod, action: StartAction): Promise<void> {
  const { starter, volumes, clock, events, signal } = tools;
  const { uid, pod, memory, paths } = on;
  const { name, image } = action.container;
  const problem = memory.containerProblems.get(name);
  if (memory.volumes === undefined || memory.isHeld(action.container, clock.nowMs())) return;
  try {
    const outcome = await starter.start({
      ...action,
      pod,
      paths,
      volumes: memory.volumes,
      config: volumes.configOf(pod),
      beforeSpawn: (run) => watchRun(tools, { uid, run }),
      onImage: () => tools.wake(uid),
    });
    if (outcome.kind === 'waits') {
      if (memory.isNews(`pulling/${name}/${action.attempt}/${problem?.attempt ?? 0}`)) events.record(pulling(pod, image ?? ''));
      return;
    }
    memory.containerProblems.delete(name);
    memory.noteSpawn(`${name}/${action.attempt}`);
    events.record(pulled(pod, image ?? '', outcome.tookMs));
    if (outcome.image.standsInBecause !== undefined) events.record(standsIn(pod, name, outcome.image.standsInBecause));
    events.record(created(pod, name));
  } catch (error) {
    signal.throwIfAborted();
    events.record(failed(pod, memory.failContainer(action.container, error, clock.nowMs()).message));
  }
}
