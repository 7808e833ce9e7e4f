import type { DaemonSet } from '#api/generated/kubernetes.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';

/** The set asks for a second daemon on a node while it changes. */
export function surgeUnsupported(about: DaemonSet): EventDraft {
  const message =
    'spec.updateStrategy.rollingUpdate.maxSurge is not supported by the embedded API yet, so the set waits: leave it out and set maxUnavailable';
  return { about, type: 'Warning', reason: 'DaemonSetUnsupported', message };
}
