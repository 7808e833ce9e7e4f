import type { CallContext } from '#protocols/csi/call.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { DriverCapabilities } from './request.ts';

/** Asks each connected driver once what it can do. A new connection is asked anew; a failed question is asked again. */
export class CapabilityCache {
  readonly #known = new WeakMap<CsiClient, Promise<DriverCapabilities>>();

  /** @throws PlatformError what the driver answers */
  async of(driver: CsiClient, call: CallContext): Promise<DriverCapabilities> {
    const known = this.#known.get(driver) ?? ask(driver, call);
    this.#known.set(driver, known);
    try {
      return await known;
    } catch (thrown) {
      this.#known.delete(driver);
      throw thrown;
    }
  }
}

async function ask(driver: CsiClient, call: CallContext): Promise<DriverCapabilities> {
  const [plugin, controller] = await Promise.all([
    driver.identity.getPluginCapabilities({}, call),
    driver.controller.controllerGetCapabilities({}, call),
  ]);
  return {
    hasTopology: plugin.capabilities?.some(({ service }) => service?.type === 'VOLUME_ACCESSIBILITY_CONSTRAINTS') === true,
    hasSingleNodeMultiWriter: controller.capabilities?.some(({ rpc }) => rpc?.type === 'SINGLE_NODE_MULTI_WRITER') === true,
    hasCloning: controller.capabilities?.some(({ rpc }) => rpc?.type === 'CLONE_VOLUME') === true,
    hasModification: controller.capabilities?.some(({ rpc }) => rpc?.type === 'MODIFY_VOLUME') === true,
  };
}
