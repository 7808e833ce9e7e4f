import type { PersistentVolume, VolumeAttributesClass } from '#api/generated/kubernetes.ts';
import { MODIFY_SECRET_NAME, MODIFY_SECRET_NAMESPACE } from '#api/storage/names.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import { askController, DriverCapabilities } from '../driver-work/driver-capabilities.ts';
import { readSecret } from '../driver-work/read-secret.ts';

/** The driver has no attributes that can be changed. */
export class ModificationUnsupported extends PlatformError {
  constructor(driverName: string) {
    super({
      code: 'InvalidArgument',
      reason: 'VolumeModifyFailed',
      message: `the CSI driver ${JSON.stringify(driverName)} can't change the attributes of its volumes (its controller has no MODIFY_VOLUME): set spec.volumeAttributesClassName back to what it was`,
    });
  }
}

/** Which volume, and the class whose attributes it is to have. */
export interface ModificationOrder {
  readonly volume: PersistentVolume;
  readonly driverName: string;
  readonly attributesClass: VolumeAttributesClass;
}

/** Changes attributes of volumes at drivers. */
export class VolumeModifier {
  readonly #capabilities = new DriverCapabilities(askController);
  readonly #timeoutMs: number;

  constructor(options: { readonly timeoutMs: number }) {
    this.#timeoutMs = options.timeoutMs;
  }

  /**
   * ControllerModifyVolume, idempotent by its parameters.
   * @throws ModificationUnsupported; PlatformError what the driver answers, or a secret that is missing
   */
  async modify(ctx: Ctx, driver: CsiClient, { volume, driverName, attributesClass }: ModificationOrder): Promise<void> {
    const call = { timeoutMs: this.#timeoutMs, signal: ctx.signal };
    if (!(await this.#capabilities.of(driver, call)).has('MODIFY_VOLUME')) throw new ModificationUnsupported(driverName);
    const volumeId = volume.spec.csi?.volumeHandle ?? '';
    const secrets = await readSecrets(ctx, volume);
    await driver.controller.controllerModifyVolume(
      { volumeId, mutableParameters: attributesClass.parameters ?? {}, ...(secrets === undefined ? {} : { secrets }) },
      call,
    );
  }
}

async function readSecrets(ctx: Ctx, { metadata }: PersistentVolume): Promise<Readonly<Record<string, string>> | undefined> {
  const [name = '', namespace = ''] = [metadata.annotations?.[MODIFY_SECRET_NAME], metadata.annotations?.[MODIFY_SECRET_NAMESPACE]];
  return name === '' || namespace === '' ? undefined : readSecret(ctx.client, { namespace, name });
}
