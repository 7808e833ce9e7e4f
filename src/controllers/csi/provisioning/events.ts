import type { PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import { formatKey, keyOf } from '#api/meta/object.ts';
import { pluginOfDriver, pluginOfProvisioner, replacementAdvice } from '#api/storage/in-tree/plugins.ts';
import { IN_FLIGHT_FINALIZER, provisionedNameOf } from '#api/storage/names.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import { listed } from '#kit/listed.ts';

/** The reasons and the first words of the messages are upstream's (sig-storage-lib-external-provisioner controller.go, volume_store.go). */

/** CreateVolume is about to be called. */
export function provisioning(claim: PersistentVolumeClaim): EventDraft {
  return {
    about: claim,
    type: 'Normal',
    reason: 'Provisioning',
    message: `External provisioner is provisioning volume for claim ${JSON.stringify(formatKey(keyOf(claim)))}`,
  };
}

/** Somebody else makes the volume, and fills it. */
export function awaitsPopulator(claim: PersistentVolumeClaim): EventDraft {
  return { about: claim, type: 'Normal', reason: 'Provisioning', message: 'Assuming an external populator will provision the volume' };
}

/** The PersistentVolume exists. */
export function provisioningSucceeded(claim: PersistentVolumeClaim): EventDraft {
  return {
    about: claim,
    type: 'Normal',
    reason: 'ProvisioningSucceeded',
    message: `Successfully provisioned volume ${provisionedNameOf(claim.metadata.uid)}`,
  };
}

/** This try came to nothing; another follows. */
export function provisioningFailed(claim: PersistentVolumeClaim, storageClass: StorageClass, problem: string): EventDraft {
  const { name } = storageClass.metadata;
  return failed(claim, `failed to provision volume with StorageClass ${JSON.stringify(name)}: ${problem}`);
}

/** This try came to nothing, and another helps only after somebody has changed something. */
export function provisioningInfeasible(claim: PersistentVolumeClaim, problem: string): EventDraft {
  return failed(claim, `Volume provisioning failed with infeasible error. Retries will be delayed. ${problem}`);
}

/** There is nobody to ask for the volume. */
export function driverMissing(claim: PersistentVolumeClaim, driverName: string, connected: readonly string[]): EventDraft {
  const retired = pluginOfProvisioner(driverName);
  if (retired !== undefined)
    return failed(
      claim,
      `the provisioner ${JSON.stringify(driverName)} is no CSI driver, and not running: ${replacementAdvice(retired, 'class')}`,
    );
  const remedy = `start it and add its socket (stowage driver add --socket PATH), or use a class of a connected one: ${listed(connected)}`;
  const plugin = pluginOfDriver(driverName);
  const role = plugin === undefined ? '' : ` that serves ${plugin.provisioner ?? plugin.title}`;
  return failed(claim, `the CSI driver ${JSON.stringify(driverName)}${role} is not connected: ${remedy}`);
}

/** The claim is to go, and a volume that may have been made for it can't be looked for. */
export function cleanupBlocked(claim: PersistentVolumeClaim, obstacle: string): EventDraft {
  const name = provisionedNameOf(claim.metadata.uid);
  const message = `volume ${name} may exist at the backend and can't be deleted: ${obstacle}; once you have seen that it does not exist, take the finalizer ${IN_FLIGHT_FINALIZER} off the claim`;
  return { about: claim, type: 'Warning', reason: 'ProvisioningCleanupFailed', message };
}

/** A volume that nobody wants any more could not be deleted. */
export function cleanupFailed(claim: PersistentVolumeClaim, problem: string): EventDraft {
  const message = `Error cleaning provisioned volume for claim ${formatKey(keyOf(claim))}: ${problem}. It is tried again.`;
  return { about: claim, type: 'Warning', reason: 'ProvisioningCleanupFailed', message };
}

function failed(about: PersistentVolumeClaim, message: string): EventDraft {
  return { about, type: 'Warning', reason: 'ProvisioningFailed', message };
}
