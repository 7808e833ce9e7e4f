import type { Deployment } from '#api/generated/kubernetes.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';

/** A ReplicaSet was told to have another number of pods. */
export function setScaled(about: Deployment, scaled: { readonly name: string; readonly from: number; readonly to: number }): EventDraft {
  const direction = scaled.to > scaled.from ? 'up' : 'down';
  const message = `Scaled ${direction} replica set ${scaled.name} from ${scaled.from} to ${scaled.to}`;
  return { about, type: 'Normal', reason: 'ScalingReplicaSet', message };
}

/** The ReplicaSet of a new template could not be made. */
export function setNotCreated(about: Deployment, why: string): EventDraft {
  return { about, type: 'Warning', reason: 'ReplicaSetCreateError', message: `Failed to create new replica set: ${why}` };
}

/** The selector is empty: every pod of the namespace would be the deployment's. */
export function selectsAll(about: Deployment): EventDraft {
  return {
    about,
    type: 'Warning',
    reason: 'SelectingAll',
    message: 'This deployment is selecting all pods. A non-empty selector is required.',
  };
}
