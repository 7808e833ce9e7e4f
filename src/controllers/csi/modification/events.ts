import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import { listed } from '#kit/listed.ts';

/** The reasons and the first words of the messages are upstream's (external-resizer pkg/modifycontroller, pkg/util/events.go). */

/** ControllerModifyVolume is about to be called. */
export function modifying(claim: PersistentVolumeClaim, volume: PersistentVolume, className: string): EventDraft {
  const message = `external resizer is modifying volume ${volume.metadata.name} with vac ${className}`;
  return { about: claim, type: 'Normal', reason: 'VolumeModify', message };
}

/** The volume has the attributes of the class. */
export function modified(claim: PersistentVolumeClaim, volume: PersistentVolume, className: string): EventDraft {
  const message = `external resizer modified volume ${volume.metadata.name} with vac ${className} successfully`;
  return { about: claim, type: 'Normal', reason: 'VolumeModifySuccessful', message };
}

/** The claim is back at the class that its volume has. */
export function modifyCanceled(claim: PersistentVolumeClaim, className: string): EventDraft {
  const message = `Modification to VolumeAttributesClass ${JSON.stringify(className)} was given up: the volume keeps what it has`;
  return { about: claim, type: 'Normal', reason: 'VolumeModifyCanceled', message };
}

/** This try came to nothing. */
export function modifyFailed(claim: PersistentVolumeClaim, problem: string): EventDraft {
  return { about: claim, type: 'Warning', reason: 'VolumeModifyFailed', message: problem };
}

/** The class that the claim names does not exist. */
export function classMissing(claim: PersistentVolumeClaim, className: string): EventDraft {
  const remedy = 'create it, or set spec.volumeAttributesClassName back';
  return modifyFailed(claim, `VAC ${JSON.stringify(className)} does not exist: ${remedy}`);
}

/** There is nobody to ask. */
export function driverMissing(claim: PersistentVolumeClaim, driverName: string, connected: readonly string[]): EventDraft {
  const remedy = `start that driver (connected: ${listed(connected)})`;
  return modifyFailed(claim, `the CSI driver ${JSON.stringify(driverName)} is not connected: ${remedy}`);
}
