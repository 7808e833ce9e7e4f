import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { MODIFY_SECRET_NAME, MODIFY_SECRET_NAMESPACE } from '#api/storage/names.ts';
import type { ControllerModifyVolumeRequest, ControllerServiceCapabilityRPCType } from '#protocols/csi/generated/messages.ts';
import { WorkRefused } from '../driver-work/failure.ts';
import type { DriverOrder, Request, Sending, Work } from '../driver-work/steps.ts';
import type { ModificationPlan } from './plan.ts';

/** The driver has no attributes that can be changed. */
class ModificationUnsupported extends WorkRefused {
  constructor(driverName: string) {
    super({
      code: 'InvalidArgument',
      reason: 'VolumeModifyFailed',
      message: `the CSI driver ${JSON.stringify(driverName)} can't change the attributes of its volumes (its controller has no MODIFY_VOLUME): set spec.volumeAttributesClassName back to what it was`,
    });
  }
}

/** Which claim's volume, and the class whose attributes it is to have. */
export interface ModificationOrder extends DriverOrder, Omit<Extract<ModificationPlan, { kind: 'modify' }>, 'kind'> {
  readonly claim: PersistentVolumeClaim;
}

/** Changing the attributes of a volume at its driver. */
export interface ModificationWork extends Work {
  readonly order: ModificationOrder;
  readonly capabilities: ReadonlySet<ControllerServiceCapabilityRPCType>;
  readonly message: ControllerModifyVolumeRequest;
  readonly answer: undefined;
}

/** What is asked of the driver. Pure. */
export function requestModification(
  { volume, driverName, attributesClass }: ModificationOrder,
  capabilities: ModificationWork['capabilities'],
): Request<ModificationWork> {
  if (!capabilities.has('MODIFY_VOLUME')) return { kind: 'refused', error: new ModificationUnsupported(driverName) };
  const message = { volumeId: volume.spec.csi?.volumeHandle ?? '', mutableParameters: attributesClass.parameters ?? {} };
  const { annotations = {} } = volume.metadata;
  const key = { namespace: annotations[MODIFY_SECRET_NAMESPACE] ?? '', name: annotations[MODIFY_SECRET_NAME] ?? '' };
  return { kind: 'send', message, secret: key.name === '' || key.namespace === '' ? undefined : { key } };
}

/** ControllerModifyVolume, idempotent by its parameters. @throws PlatformError what the driver answers */
export async function modifyVolume(
  _order: ModificationOrder,
  { driver, message, secrets, call }: Sending<ModificationWork>,
): Promise<undefined> {
  await driver.controller.controllerModifyVolume({ ...message, ...(secrets === undefined ? {} : { secrets }) }, call);
}
