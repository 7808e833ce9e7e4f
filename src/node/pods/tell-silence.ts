import type { Pod } from '#api/generated/kubernetes.ts';
import type { Clock } from '#kit/clock.ts';
import type { PodVolumes } from '../volumes/pod-volumes.ts';
import type { NodeEvent, NodeEvents } from '../status/pod-events.ts';

/** What telling of a driver that says nothing needs. */
export interface SilenceTools {
  readonly clock: Clock;
  readonly events: NodeEvents;
  readonly volumes: Pick<PodVolumes, 'awaited'>;
}

/** A driver that has said nothing for this long is worth a word. */
const SILENCE_MS = 5_000;

/** Does `work`; where it waits for a driver for long, the pod says so long before the call is given up. */
export async function tellingSilence<T>(
  { clock, events, volumes }: SilenceTools,
  { pod, event }: { readonly pod: Pod; readonly event: (about: Pod, message: string) => NodeEvent },
  work: Promise<T>,
): Promise<T> {
  const timer = clock.after(SILENCE_MS, () => {
    for (const text of volumes.awaited(pod.metadata.uid)) events.record(event(pod, text));
  });
  try {
    return await work;
  } finally {
    timer.cancel();
  }
}
