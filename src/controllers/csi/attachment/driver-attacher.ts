import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { hasCode } from '#kit/errors.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import type { CallContext } from '#protocols/csi/call.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import { csiCapabilityOf } from '#protocols/csi/volume-capability.ts';
import { askController, DriverCapabilities } from '../driver-work/driver-capabilities.ts';
import { readSecret } from '../driver-work/read-secret.ts';

/** A volume and the node, as the driver names it. */
export interface AttachOrder {
  readonly volume: PersistentVolume;
  readonly nodeId: string;
}

interface Capabilities {
  readonly canPublish: boolean;
  readonly canPublishReadOnly: boolean;
  readonly hasSingleNodeMultiWriter: boolean;
}

/** ControllerPublishVolume and ControllerUnpublishVolume, for drivers that have them; the others have nothing to do. */
export class DriverAttacher {
  readonly #capabilities = new DriverCapabilities(askCapabilities);
  readonly #timeoutMs: number;

  constructor(options: { readonly timeoutMs: number }) {
    this.#timeoutMs = options.timeoutMs;
  }

  /** Idempotent; answers what the node needs to mount it. @throws PlatformError what the driver answers, or a secret that is missing */
  async attach(ctx: Ctx, driver: CsiClient, { volume, nodeId }: AttachOrder): Promise<Readonly<Record<string, string>>> {
    const call = this.#call(ctx);
    const capabilities = await this.#capabilities.of(driver, call);
    if (!capabilities.canPublish) return {};
    const answer = await driver.controller.controllerPublishVolume(
      {
        volumeId: volume.spec.csi?.volumeHandle ?? '',
        nodeId,
        volumeCapability: csiCapabilityOf(volume.spec, capabilities),
        readonly: capabilities.canPublishReadOnly && volume.spec.csi?.readOnly === true,
        secrets: await secretsOf(ctx, volume),
        volumeContext: volume.spec.csi?.volumeAttributes ?? {},
      },
      call,
    );
    return answer.publishContext ?? {};
  }

  /** Idempotent. @throws PlatformError what the driver answers, but for a volume or node that it does not know */
  async detach(ctx: Ctx, driver: CsiClient, { volume, nodeId }: AttachOrder): Promise<void> {
    const call = this.#call(ctx);
    if (!(await this.#capabilities.of(driver, call)).canPublish) return;
    const request = { volumeId: volume.spec.csi?.volumeHandle ?? '', nodeId, secrets: await secretsOf(ctx, volume) };
    try {
      await driver.controller.controllerUnpublishVolume(request, call);
    } catch (thrown) {
      if (!hasCode(thrown, 'NotFound')) throw thrown;
    }
  }

  #call(ctx: Ctx): CallContext {
    return { timeoutMs: this.#timeoutMs, signal: ctx.signal };
  }
}

async function askCapabilities(driver: CsiClient, call: CallContext): Promise<Capabilities> {
  const controller = await askController(driver, call);
  return {
    canPublish: controller.has('PUBLISH_UNPUBLISH_VOLUME'),
    canPublishReadOnly: controller.has('PUBLISH_READONLY'),
    hasSingleNodeMultiWriter: controller.has('SINGLE_NODE_MULTI_WRITER'),
  };
}

async function secretsOf(ctx: Ctx, { spec }: PersistentVolume): Promise<Readonly<Record<string, string>>> {
  const ref = spec.csi?.controllerPublishSecretRef;
  return ref === undefined ? {} : readSecret(ctx.client, { namespace: ref.namespace ?? '', name: ref.name ?? '' });
}
