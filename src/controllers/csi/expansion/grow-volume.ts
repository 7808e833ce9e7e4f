import type { PersistentVolume, SecretReference } from '#api/generated/kubernetes.ts';
import { PlatformError } from '#kit/errors.ts';
import { bytesOf, formatBytes } from '#kit/quantity.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import type { CallContext } from '#protocols/csi/call.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { ControllerExpandVolumeRequest } from '#protocols/csi/generated/messages.ts';
import { csiCapabilityOf } from '#protocols/csi/volume-capability.ts';
import { askController, DriverCapabilities, orNothing } from '../driver-work/driver-capabilities.ts';
import { readSecret } from '../driver-work/read-secret.ts';

/** The driver has no way to grow a volume. */
export class GrowthUnsupported extends PlatformError {
  constructor(driverName: string) {
    super({
      code: 'InvalidArgument',
      reason: 'VolumeResizeFailed',
      message: `the CSI driver ${JSON.stringify(driverName)} can't grow volumes (neither its controller nor its node service has EXPAND_VOLUME): make a larger claim and copy`,
    });
  }
}

/** What the driver made of it. */
export interface GrownVolume {
  /** As a quantity; at least what was asked for. */
  readonly size: string;
  readonly needsNode: boolean;
}

/** Which volume, and how large it is to be, as a quantity. */
export interface GrowthOrder {
  readonly volume: PersistentVolume;
  readonly size: string;
}

interface GrowthCapabilities {
  readonly onController: boolean;
  readonly onNode: boolean;
  readonly hasSingleNodeMultiWriter: boolean;
}

/** Grows volumes at drivers. */
export class VolumeGrower {
  readonly #capabilities = new DriverCapabilities(ask);
  readonly #timeoutMs: number;

  constructor(options: { readonly timeoutMs: number }) {
    this.#timeoutMs = options.timeoutMs;
  }

  /**
   * ControllerExpandVolume, idempotent by size. A driver that only its node service grows is not asked here.
   * @throws GrowthUnsupported; PlatformError what the driver answers, or a secret that is missing
   */
  async grow(ctx: Ctx, driver: CsiClient, order: GrowthOrder): Promise<GrownVolume> {
    const call = { timeoutMs: this.#timeoutMs, signal: ctx.signal };
    const capabilities = await this.#capabilities.of(driver, call);
    if (!capabilities.onController) {
      if (!capabilities.onNode) throw new GrowthUnsupported(order.volume.spec.csi?.driver ?? '');
      return { size: order.size, needsNode: true };
    }
    const secretRef = order.volume.spec.csi?.controllerExpandSecretRef;
    const secrets = secretRef === undefined ? {} : await readReference(ctx, secretRef);
    const answer = await driver.controller.controllerExpandVolume({ ...requestOf(order, capabilities), secrets }, call);
    const madeBytes = answer.capacityBytes ?? 0n;
    return { size: madeBytes === 0n ? order.size : formatBytes(madeBytes), needsNode: answer.nodeExpansionRequired === true };
  }
}

async function ask(driver: CsiClient, call: CallContext): Promise<GrowthCapabilities> {
  const controller = await askController(driver, call);
  // why: a socket may serve only one of the two services
  const node = await orNothing(driver.node.nodeGetCapabilities({}, call));
  return {
    onController: controller.has('EXPAND_VOLUME'),
    onNode: node.capabilities?.some(({ rpc }) => rpc?.type === 'EXPAND_VOLUME') === true,
    hasSingleNodeMultiWriter: controller.has('SINGLE_NODE_MULTI_WRITER'),
  };
}

function requestOf({ volume, size }: GrowthOrder, capabilities: GrowthCapabilities): ControllerExpandVolumeRequest {
  return {
    volumeId: volume.spec.csi?.volumeHandle ?? '',
    capacityRange: { requiredBytes: bytesOf(size) },
    volumeCapability: csiCapabilityOf(volume.spec, capabilities),
  };
}

function readReference(ctx: Ctx, { name = '', namespace = '' }: SecretReference): Promise<Readonly<Record<string, string>>> {
  return readSecret(ctx.client, { namespace, name });
}
