import type { KubeObject } from '#api/meta/object.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';

/** A pod was made. */
export function podCreated(about: KubeObject, name: string): EventDraft {
  return { about, type: 'Normal', reason: 'SuccessfulCreate', message: `Created pod: ${name}` };
}

/** A pod was deleted. */
export function podDeleted(about: KubeObject, name: string): EventDraft {
  return { about, type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted pod: ${name}` };
}

/** A pod could not be made. */
export function podNotCreated(about: KubeObject, why: string): EventDraft {
  return { about, type: 'Warning', reason: 'FailedCreate', message: `Error creating: ${why}` };
}

/** A pod could not be deleted. */
export function podNotDeleted(about: KubeObject, why: string): EventDraft {
  return { about, type: 'Warning', reason: 'FailedDelete', message: `Error deleting: ${why}` };
}
