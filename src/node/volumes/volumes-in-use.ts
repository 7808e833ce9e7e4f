import type { Node } from '#api/generated/kubernetes.ts';
import { nodes } from '#api/resources.ts';
import { uniqueVolumeName } from '#api/storage/attachment.ts';
import { deepEqual } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import type { AttachedVolumes, CsiTrace } from './csi-volumes.ts';

/** What keeping the list needs. */
export interface VolumesInUseOptions {
  readonly client: Client;
  readonly nodeName: string;
}

/**
 * The attached volumes that are mounted on this node, in `status.volumesInUse`: whoever detaches waits until a volume is not there any more
 * (kubelet's node status, GenericVolumeDetach). Written before the first mount and after the last.
 */
export class VolumesInUse implements AttachedVolumes {
  readonly #options: VolumesInUseOptions;
  readonly #names = new Set<string>();
  #reported: readonly string[] | undefined;
  /** Reports run one after the other, so that the last one says the last. */
  #turn: Promise<void> = Promise.resolve();

  constructor(options: VolumesInUseOptions) {
    this.#options = options;
  }

  /** What an earlier process left. */
  restore(volumes: readonly CsiTrace[]): void {
    for (const volume of volumes) this.#names.add(uniqueVolumeName(volume));
  }

  async add(volume: CsiTrace): Promise<void> {
    this.#names.add(uniqueVolumeName(volume));
    await this.report();
  }

  async remove(volume: CsiTrace): Promise<void> {
    if (!this.#names.delete(uniqueVolumeName(volume))) return;
    // why ignored: the node reports again from time to time
    await this.report().catch(() => {});
  }

  /** Says what changed since the last report that arrived. @throws ApiError */
  report(): Promise<void> {
    this.#turn = this.#turn.catch(() => {}).then(() => this.#write());
    return this.#turn;
  }

  async #write(): Promise<void> {
    const { client, nodeName } = this.#options;
    const key = { namespace: '', name: nodeName };
    const volumesInUse = [...this.#names].sort((a, b) => (a < b ? -1 : 1));
    this.#reported ??= (await client.get<Node>(nodes, key)).status?.volumesInUse ?? [];
    if (deepEqual(volumesInUse, this.#reported)) return;
    await client.patch(nodes, { key, patch: { type: 'merge', body: { status: { volumesInUse } } } }, { subresource: 'status' });
    this.#reported = volumesInUse;
  }
}
