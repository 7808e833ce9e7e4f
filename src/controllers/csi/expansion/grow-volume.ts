import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { bytesOf, formatBytes } from '#kit/quantity.ts';
import type { CallContext } from '#protocols/csi/call.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { ControllerExpandVolumeRequest } from '#protocols/csi/generated/messages.ts';
import { csiCapabilityOf } from '#protocols/csi/volume-capability.ts';
import { askController, orNothing } from '../driver-work/driver-capabilities.ts';
import { WorkRefused } from '../driver-work/failure.ts';
import type { DriverOrder, Request, Sending, Work } from '../driver-work/steps.ts';
import type { ExpansionPlan } from './plan.ts';

/** The driver has no way to grow a volume. */
class GrowthUnsupported extends WorkRefused {
  constructor(driverName: string) {
    super({
      code: 'InvalidArgument',
      reason: 'VolumeResizeFailed',
      message: `the CSI driver ${JSON.stringify(driverName)} can't grow volumes (neither its controller nor its node service has EXPAND_VOLUME): make a larger claim and copy`,
    });
  }
}

/** Which claim's volume, and how large it is to be. */
export interface GrowthOrder extends DriverOrder, Omit<Extract<ExpansionPlan, { kind: 'grow' }>, 'kind'> {
  readonly claim: PersistentVolumeClaim;
}

/** What the driver made of it. */
export interface GrownVolume {
  /** As a quantity; at least what was asked for. */
  readonly size: string;
  readonly needsNode: boolean;
}

interface GrowthCapabilities {
  readonly onController: boolean;
  readonly onNode: boolean;
  readonly hasSingleNodeMultiWriter: boolean;
}

/** Growing a volume at its driver. */
export interface GrowthWork extends Work {
  readonly order: GrowthOrder;
  readonly capabilities: GrowthCapabilities;
  readonly message: ControllerExpandVolumeRequest;
  readonly answer: GrownVolume;
}

/** Asks the driver whether and where it grows volumes. */
export async function askGrowth(driver: CsiClient, call: CallContext): Promise<GrowthCapabilities> {
  const controller = await askController(driver, call);
  // why: a socket may serve only one of the two services
  const node = await orNothing(driver.node.nodeGetCapabilities({}, call));
  return {
    onController: controller.has('EXPAND_VOLUME'),
    onNode: node.capabilities?.some(({ rpc }) => rpc?.type === 'EXPAND_VOLUME') === true,
    hasSingleNodeMultiWriter: controller.has('SINGLE_NODE_MULTI_WRITER'),
  };
}

/** What is asked of the driver; a driver that only its node service grows is not asked here. Pure. */
export function requestGrowth({ volume, size, driverName }: GrowthOrder, capabilities: GrowthCapabilities): Request<GrowthWork> {
  if (!capabilities.onController)
    return capabilities.onNode
      ? { kind: 'answered', answer: { size, needsNode: true } }
      : { kind: 'refused', error: new GrowthUnsupported(driverName) };
  const { volumeHandle = '', controllerExpandSecretRef: ref } = volume.spec.csi ?? {};
  return {
    kind: 'send',
    message: {
      volumeId: volumeHandle,
      capacityRange: { requiredBytes: bytesOf(size) },
      volumeCapability: csiCapabilityOf(volume.spec, capabilities),
    },
    secret: ref && { key: { namespace: ref.namespace ?? '', name: ref.name ?? '' } },
  };
}

/** ControllerExpandVolume, idempotent by size. @throws PlatformError what the driver answers */
export async function growVolume(
  { size }: GrowthOrder,
  { driver, message, secrets = {}, call }: Sending<GrowthWork>,
): Promise<GrownVolume> {
  const answer = await driver.controller.controllerExpandVolume({ ...message, secrets }, call);
  const madeBytes = answer.capacityBytes ?? 0n;
  return { size: madeBytes === 0n ? size : formatBytes(madeBytes), needsNode: answer.nodeExpansionRequired === true };
}
