import type { CallContext } from '#protocols/csi/call.ts';
import type { CsiClient } from '#protocols/csi/client.ts';

/** True for a driver that tells which blocks of its snapshots hold data, or have changed. @throws PlatformError what the driver answers */
export async function tracksBlocks(driver: CsiClient, call: CallContext): Promise<boolean> {
  const { capabilities = [] } = await driver.identity.getPluginCapabilities({}, call);
  return capabilities.some(({ service }) => service?.type === 'SNAPSHOT_METADATA_SERVICE');
}
