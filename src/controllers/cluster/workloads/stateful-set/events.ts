import type { StatefulSet } from '#api/generated/kubernetes.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';

/** What was done: a pod, or a claim for a pod. */
export interface Effect {
  readonly about: StatefulSet;
  readonly pod: string;
  /** Absent for the pod itself. */
  readonly claim?: string;
}

/** Something was made. */
export function created(effect: Effect): EventDraft {
  const { about, claim } = effect;
  const end = claim === undefined ? 'successful' : 'success';
  return {
    about,
    type: 'Normal',
    reason: 'SuccessfulCreate',
    message: `create ${what(effect)} in StatefulSet ${about.metadata.name} ${end}`,
  };
}

/** Something could not be made. */
export function notCreated(effect: Effect, why: string): EventDraft {
  const { about } = effect;
  const message = `create ${what(effect)} in StatefulSet ${about.metadata.name} failed error: ${why}`;
  return { about, type: 'Warning', reason: 'FailedCreate', message };
}

/** A claim was asked to be as its template is now. */
export function updated(effect: Effect): EventDraft {
  const { about } = effect;
  return {
    about,
    type: 'Normal',
    reason: 'SuccessfulUpdate',
    message: `update ${what(effect)} in StatefulSet ${about.metadata.name} success`,
  };
}

/** A claim can't be, or did not become, as its template is now. */
export function notUpdated(effect: Effect, why: string): EventDraft {
  const { about } = effect;
  const message = `update ${what(effect)} in StatefulSet ${about.metadata.name} failed error: ${why}`;
  return { about, type: 'Warning', reason: 'FailedUpdate', message };
}

/** A pod was deleted. */
export function deleted(effect: Effect): EventDraft {
  const { about } = effect;
  return {
    about,
    type: 'Normal',
    reason: 'SuccessfulDelete',
    message: `delete ${what(effect)} in StatefulSet ${about.metadata.name} successful`,
  };
}

function what({ pod, claim }: Effect): string {
  return claim === undefined ? `Pod ${pod}` : `Claim ${claim} Pod ${pod}`;
}
