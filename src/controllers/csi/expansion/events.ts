import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import { listed } from '#kit/listed.ts';

/** The reasons and the first words of the messages are upstream's (external-resizer pkg/controller, pkg/util/events.go). */

/** ControllerExpandVolume is about to be called. */
export function resizing(claim: PersistentVolumeClaim, volume: PersistentVolume): EventDraft {
  return { about: claim, type: 'Normal', reason: 'Resizing', message: `External resizer is resizing volume ${volume.metadata.name}` };
}

/** The volume has its new size; nothing is left for a node. */
export function resizeSucceeded(claim: PersistentVolumeClaim): EventDraft {
  return { about: claim, type: 'Normal', reason: 'VolumeResizeSuccessful', message: 'Resize volume succeeded' };
}

/** The volume has its new size at the backend; the node is next. */
export function nodeResizeRequired(claim: PersistentVolumeClaim): EventDraft {
  return { about: claim, type: 'Normal', reason: 'FileSystemResizeRequired', message: 'Require file system resize of volume on node' };
}

/** This try came to nothing. */
export function resizeFailed(claim: PersistentVolumeClaim, volume: PersistentVolume, problem: string): EventDraft {
  const remedy = 'lower spec.resources.requests.storage again to give up (it must stay above status.capacity)';
  return failed(claim, `resize volume ${JSON.stringify(volume.metadata.name)} failed: ${problem}; ${remedy}`);
}

/** The driver grows volumes only while nobody uses them. */
export function offlineOnly(claim: PersistentVolumeClaim, driverName: string): EventDraft {
  const name = formatKey(keyOf(claim));
  return failed(
    claim,
    `Unable to expand ${name} because CSI driver ${driverName} only supports offline expansion and volume is currently in-use: stop the pods that use it`,
  );
}

/** There is nobody to ask. */
export function driverMissing(claim: PersistentVolumeClaim, driverName: string, connected: readonly string[]): EventDraft {
  return failed(
    claim,
    `the CSI driver ${JSON.stringify(driverName)} is not connected: start that driver (connected: ${listed(connected)})`,
  );
}

function failed(about: PersistentVolumeClaim, message: string): EventDraft {
  return { about, type: 'Warning', reason: 'VolumeResizeFailed', message };
}
