import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { DELETION_SECRET_NAME, DELETION_SECRET_NAMESPACE } from '#api/storage/names.ts';
import type { DeleteVolumeRequest } from '#protocols/csi/generated/messages.ts';
import type { DriverOrder, Request, Sending, Work } from '../driver-work/steps.ts';

/** Which volume is to be deleted at its backend, and then here. */
export interface DeletionOrder extends DriverOrder {
  readonly volume: PersistentVolume;
  /** As the driver knows it. */
  readonly volumeId: string;
}

/** Deleting a volume at its driver. */
export interface DeletionWork extends Work {
  readonly order: DeletionOrder;
  readonly capabilities: undefined;
  readonly message: DeleteVolumeRequest;
  readonly answer: undefined;
}

/** What is asked of the driver. The secret that the volume's annotations name goes with it; a missing one does not stop the deletion (external-provisioner). Pure. */
export function requestDeletion({ volume, volumeId }: DeletionOrder): Request<DeletionWork> {
  const { annotations = {} } = volume.metadata;
  const key = { namespace: annotations[DELETION_SECRET_NAMESPACE] ?? '', name: annotations[DELETION_SECRET_NAME] ?? '' };
  const secret = key.name === '' || key.namespace === '' ? undefined : { key, isOptional: true };
  return { kind: 'send', message: { volumeId }, secret };
}

/** DeleteVolume, idempotent: what is gone is fine. @throws PlatformError what the driver answers */
export async function deleteVolume(_order: DeletionOrder, { driver, message, secrets, call }: Sending<DeletionWork>): Promise<undefined> {
  await driver.controller.deleteVolume({ ...message, ...(secrets === undefined ? {} : { secrets }) }, call);
}
