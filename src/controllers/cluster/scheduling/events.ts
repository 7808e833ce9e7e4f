import type { Pod } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';

/** The reasons and messages are upstream's (kubernetes pkg/scheduler/schedule_one.go). */

/** The pod has its node. */
export function scheduled(pod: Pod, nodeName: string): EventDraft {
  return { about: pod, type: 'Normal', reason: 'Scheduled', message: `Successfully assigned ${formatKey(keyOf(pod))} to ${nodeName}` };
}

/** It has to leave, so that a pod of higher priority can run (pkg/scheduler/framework/preemption/executor.go). */
export function preempted(victim: Pod, preemptor: Pod, nodeName: string): EventDraft {
  return { about: victim, type: 'Normal', reason: 'Preempted', message: `Preempted by pod ${preemptor.metadata.uid} on node ${nodeName}` };
}

/** No node will do as things are. */
export function failedScheduling(pod: Pod, message: string): EventDraft {
  return { about: pod, type: 'Warning', reason: 'FailedScheduling', message };
}
