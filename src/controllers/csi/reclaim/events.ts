import type { PersistentVolume, Pod } from '#api/generated/kubernetes.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';

/** The reasons are upstream's (kubernetes pkg/controller/volume/events/event.go and persistentvolume/pv_controller.go). */

/** The backend's volume could not be deleted. */
export function deleteFailed(volume: PersistentVolume, problem: string): EventDraft {
  return { about: volume, type: 'Warning', reason: 'VolumeFailedDelete', message: problem };
}

/** A pod empties the volume for the next claim. */
export function recyclerStarted(volume: PersistentVolume, { metadata }: Pod): EventDraft {
  const message = `Recycler pod: ${metadata.namespace ?? ''}/${metadata.name} was created to empty the volume`;
  return { about: volume, type: 'Normal', reason: 'RecyclerPod', message };
}

/** The volume is empty, and free for the next claim. */
export function recycled(volume: PersistentVolume): EventDraft {
  return { about: volume, type: 'Normal', reason: 'VolumeRecycled', message: 'Volume recycled' };
}

/** The volume could not be scrubbed for the next claim. */
export function recycleFailed(volume: PersistentVolume, problem: string): EventDraft {
  return { about: volume, type: 'Warning', reason: 'VolumeFailedRecycle', message: problem };
}

/** The reclaim policy is none that exists. */
export function unknownPolicy(volume: PersistentVolume, problem: string): EventDraft {
  return { about: volume, type: 'Warning', reason: 'VolumeUnknownReclaimPolicy', message: problem };
}
