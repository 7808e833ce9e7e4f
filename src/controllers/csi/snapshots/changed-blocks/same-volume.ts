import type { CallContext } from '#protocols/csi/call.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import { RequestRefused } from '#protocols/csi/request-fields.ts';
import { askController, DriverCapabilities } from '../../driver-work/driver-capabilities.ts';
import type { Secrets } from '../../driver-work/read-secret.ts';
import type { ReadySnapshot } from './ready-snapshot.ts';

/** How a driver is asked about snapshots. */
export interface Asking {
  readonly driver: CsiClient;
  readonly secrets: Secrets | undefined;
  readonly call: CallContext;
}

/** Looks whether two snapshots are of one volume: what their contents say, and where one says nothing, what the driver does. */
export class SameVolume {
  readonly #capabilities = new DriverCapabilities(askController);

  /** @throws RequestRefused where they are not, or nobody can say; PlatformError what the driver answers */
  async require(base: ReadySnapshot, target: ReadySnapshot, asking: Asking): Promise<void> {
    const [ofBase, ofTarget] = [await this.#volumeOf(base, asking), await this.#volumeOf(target, asking)];
    if (ofBase === undefined || ofTarget === undefined)
      throw new RequestRefused(
        'base_snapshot_id',
        `nobody can say whether ${base.key.name} is of the volume of ${target.key.name}: copy the whole snapshot`,
      );
    if (ofBase !== ofTarget)
      throw new RequestRefused(
        'base_snapshot_id',
        `${base.key.name} is not of the volume that ${target.key.name} is of: name a snapshot of the same claim`,
      );
  }

  async #volumeOf({ content, handle: snapshotId }: ReadySnapshot, { driver, secrets, call }: Asking): Promise<string | undefined> {
    if (content.spec.source.volumeHandle !== undefined) return content.spec.source.volumeHandle;
    const capabilities = await this.#capabilities.of(driver, call);
    const asked = { snapshotId, ...(secrets === undefined ? {} : { secrets }) };
    if (capabilities.has('GET_SNAPSHOT')) return (await driver.controller.getSnapshot(asked, call)).snapshot?.sourceVolumeId;
    if (!capabilities.has('LIST_SNAPSHOTS')) return undefined;
    return (await driver.controller.listSnapshots(asked, call)).entries?.[0]?.snapshot?.sourceVolumeId;
  }
}
