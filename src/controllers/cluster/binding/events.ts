import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import { pluginOfProvisioner, replacementAdvice } from '#api/storage/in-tree/plugins.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import { listed } from '#kit/listed.ts';
import type { NearMiss } from './near-misses.ts';

/** The reasons and the first words of the messages are upstream's (kubernetes pkg/controller/volume/events/event.go and persistentvolume/pv_controller.go); remedies follow. */

/** The claim names a volume that does not suit it. */
export function volumeMismatch(claim: PersistentVolumeClaim, volumeName: string, problem: string): EventDraft {
  return warning(claim, 'VolumeMismatch', `Cannot bind to requested volume ${JSON.stringify(volumeName)}: ${problem}`);
}

/** The claim names a volume that belongs to another. */
export function volumeTaken(claim: PersistentVolumeClaim, volumeName: string): EventDraft {
  return warning(claim, 'FailedBinding', `volume ${JSON.stringify(volumeName)} already bound to a different claim.`);
}

/** The claim names a volume that is not there (upstream says nothing). */
export function volumeMissing(claim: PersistentVolumeClaim, volumeName: string): EventDraft {
  const remedy = 'create it, or make the claim again without spec.volumeName';
  return normal(claim, 'FailedBinding', `volume ${JSON.stringify(volumeName)} that the claim names does not exist: ${remedy}`);
}

/** Nothing fits, and there is nobody to make a volume. */
export function nothingToBind(claim: PersistentVolumeClaim, nearMisses: readonly NearMiss[]): EventDraft {
  const said = 'no persistent volumes available for this claim and no storage class is set';
  return normal(claim, 'FailedBinding', said + missText(nearMisses));
}

/** The class wants to know the pod first, and there is none. */
export function waitForFirstConsumer(claim: PersistentVolumeClaim): EventDraft {
  return normal(claim, 'WaitForFirstConsumer', 'waiting for first consumer to be created before binding');
}

/** The class wants to know the node first; these pods wait for one. */
export function waitForPodScheduled(claim: PersistentVolumeClaim, podNames: readonly string[]): EventDraft {
  const pods = podNames.length === 1 ? `pod ${podNames[0] ?? ''}` : `pods ${podNames.join(',')}`;
  return normal(claim, 'WaitForPodScheduled', `waiting for ${pods} to be scheduled`);
}

/** A provisioner was asked to make the volume. */
export function externalProvisioning(claim: PersistentVolumeClaim, provisioner: string): EventDraft {
  const message =
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. ` +
    'If volume creation is delayed, please verify that the provisioner is running and correctly registered.';
  return normal(claim, 'ExternalProvisioning', message);
}

/** The class does not exist. */
export function classMissing(claim: PersistentVolumeClaim, className: string, existing: readonly string[]): EventDraft {
  const remedy = `create that class, or create the claim again with one of these: ${listed(existing)}`;
  return warning(claim, 'ProvisioningFailed', `storageclass.storage.k8s.io ${JSON.stringify(className)} not found: ${remedy}`);
}

/** The class's provisioner makes no volumes: they come from a person. */
export function noPlugin(claim: PersistentVolumeClaim, storageClass: StorageClass, nearMisses: readonly NearMiss[]): EventDraft {
  const { name } = storageClass.metadata;
  const plugin = pluginOfProvisioner(storageClass.provisioner);
  const remedy =
    plugin === undefined
      ? `no volume of class ${JSON.stringify(name)} fits and this class makes none: create a PersistentVolume for the claim, or use a class with a CSI driver`
      : replacementAdvice(plugin, 'class');
  return warning(
    claim,
    'ProvisioningFailed',
    `no volume plugin matched name: ${storageClass.provisioner}: ${remedy}${missText(nearMisses)}`,
  );
}

/** The bound claim no longer names its volume. */
export function lostReference(claim: PersistentVolumeClaim): EventDraft {
  return warning(claim, 'ClaimLost', 'Bound claim has lost reference to PersistentVolume. Data on the volume is lost!');
}

/** The bound claim's volume is gone. */
export function lostVolume(claim: PersistentVolumeClaim): EventDraft {
  return warning(claim, 'ClaimLost', 'Bound claim has lost its PersistentVolume. Data on the volume is lost!');
}

/** The bound claim's volume is bound to another claim. */
export function misbound(claim: PersistentVolumeClaim): EventDraft {
  return warning(claim, 'ClaimMisbound', 'Two claims are bound to the same volume, this one is bound incorrectly');
}

/** A volume reserved for a claim has another mode; one event each. */
export function modeMismatch(volume: PersistentVolume, claim: PersistentVolumeClaim): readonly EventDraft[] {
  const [claimName, volumeName] = [JSON.stringify(claim.metadata.name), JSON.stringify(volume.metadata.name)];
  return [
    warning(
      volume,
      'VolumeMismatch',
      `Cannot bind PersistentVolume to requested PersistentVolumeClaim ${claimName} due to incompatible volumeMode.`,
    ),
    warning(
      claim,
      'VolumeMismatch',
      `Cannot bind PersistentVolume ${volumeName} to requested PersistentVolumeClaim due to incompatible volumeMode.`,
    ),
  ];
}

/** Why those that come nearest will not do: upstream leaves that to the reader. */
function missText(nearMisses: readonly NearMiss[]): string {
  return nearMisses.map(({ volumeName, reason }) => `; volume ${JSON.stringify(volumeName)}: ${reason}`).join('');
}

function normal(about: EventDraft['about'], reason: string, message: string): EventDraft {
  return { about, type: 'Normal', reason, message };
}

function warning(about: EventDraft['about'], reason: string, message: string): EventDraft {
  return { about, type: 'Warning', reason, message };
}
