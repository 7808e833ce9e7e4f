import type { Pod } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';

/** The reasons and messages are upstream's (kubernetes pkg/scheduler/schedule_one.go). */

/** The pod has its node. */
export function scheduled(pod: Pod, nodeName: string): EventDraft {
  return { about: pod, type: 'Normal', reason: 'Scheduled', message: `Successfully assigned ${formatKey(keyOf(pod))} to ${nodeName}` };
}

/** No node will do as things are. */
export function failedScheduling(pod: Pod, message: string): EventDraft {
  return { about: pod, type: 'Warning', reason: 'FailedScheduling', message };
}
