import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';

/** The reasons are upstream's (kubernetes pkg/controller/volume/events/event.go and persistentvolume/pv_controller.go). */

/** The backend's volume could not be deleted. */
export function deleteFailed(volume: PersistentVolume, problem: string): EventDraft {
  return { about: volume, type: 'Warning', reason: 'VolumeFailedDelete', message: problem };
}

/** The volume could not be scrubbed for the next claim. */
export function recycleFailed(volume: PersistentVolume, problem: string): EventDraft {
  return { about: volume, type: 'Warning', reason: 'VolumeFailedRecycle', message: problem };
}

/** The reclaim policy is none that exists. */
export function unknownPolicy(volume: PersistentVolume, problem: string): EventDraft {
  return { about: volume, type: 'Warning', reason: 'VolumeUnknownReclaimPolicy', message: problem };
}
