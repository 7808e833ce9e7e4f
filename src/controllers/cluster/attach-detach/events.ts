import type { PersistentVolume, Pod } from '#api/generated/kubernetes.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';

/** The reasons and messages are upstream's (kubernetes pkg/controller/volume/attachdetach). */

/** The node may mount it. */
export function attached(about: Pod, volume: PersistentVolume): EventDraft {
  const message = `AttachVolume.Attach succeeded for volume ${JSON.stringify(volume.metadata.name)}`;
  return { about, type: 'Normal', reason: 'SuccessfulAttachVolume', message };
}

/** The driver could not attach it. */
export function attachFailed(about: Pod, volume: PersistentVolume, problem: string): EventDraft {
  const message = `AttachVolume.Attach failed for volume ${JSON.stringify(volume.metadata.name)} : ${problem}`;
  return { about, type: 'Warning', reason: 'FailedAttachVolume', message };
}

/** Another node has it. */
export function occupied(about: Pod, volume: PersistentVolume, nodeName: string): EventDraft {
  const message =
    `Multi-Attach error for volume ${JSON.stringify(volume.metadata.name)} Volume is already exclusively attached to one node and can't be attached to another: ` +
    `node ${nodeName} has it until the pods there are gone; if that node is off for good, taint it node.kubernetes.io/out-of-service=nodeshutdown:NoExecute`;
  return { about, type: 'Warning', reason: 'FailedAttachVolume', message };
}
