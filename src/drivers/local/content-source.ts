import { RequestRefused } from '#protocols/csi/request-fields.ts';
import type { VolumeContentSource } from '#protocols/csi/generated/messages.ts';
import { type CopyJob, planCopy } from './copy-plan.ts';
import { VolumeDamaged } from './errors.ts';
import type { Host } from '#linux/host.ts';
import { viewImage } from './image-view.ts';
import type { SnapshotStore } from './snapshot-store.ts';
import type { VolumeCopier } from './volume-copier.ts';
import type { ContentReference, VolumeRecord, VolumeType } from './volume-record.ts';
import { isErrno, type VolumeStore } from './volume-store.ts';
import { observeUse } from './volume-use.ts';

/** Something from which a volume or a snapshot can be made. */
export interface ContentSource {
  readonly reference: ContentReference;
  readonly type: VolumeType;
  readonly sizeBytes: bigint;
  /** The filesystem that is on it; absent for raw data, for an image that was never used, and for a directory. */
  readonly fsType?: string | undefined;
  /** Its image, or its directory. */
  readonly path: string;
  /** The volume, where the source is one: it may be in use. */
  readonly volume?: VolumeRecord | undefined;
}

/** Where content comes from. */
export interface ContentSourcesOptions {
  readonly store: VolumeStore;
  readonly snapshots: SnapshotStore;
  readonly host: Host;
  readonly copier: VolumeCopier;
}

/** Finds what volumes and snapshots are made from, and plans how it is copied. Changes nothing. */
export class ContentSources {
  readonly #options: ContentSourcesOptions;

  constructor(options: ContentSourcesOptions) {
    this.#options = options;
  }

  /** @throws SnapshotNotFound, VolumeNotFound, VolumeDamaged */
  async find(reference: ContentReference): Promise<ContentSource> {
    const { store, snapshots } = this.#options;
    if (reference.kind === 'volume') {
      const volume = store.require(reference.id);
      const path = volume.type === 'file' ? store.imageOf(volume.id) : store.dataOf(volume.id);
      return { reference, type: volume.type, sizeBytes: volume.sizeBytes, path, volume, ...(await filesystemOf(path, volume)) };
    }
    const snapshot = snapshots.require(reference.id);
    const { record } = snapshot;
    const path = snapshots.contentOf(snapshot);
    return { reference, type: record.type, sizeBytes: record.sizeBytes, path, ...(await filesystemOf(path, record)) };
  }

  /** How the source is to be copied to a path, after a look at who uses it. @throws VolumeInUse */
  async planCopyTo(source: ContentSource, to: string): Promise<CopyJob> {
    const { copier } = this.#options;
    const use = source.volume === undefined ? undefined : await observeUse(source.volume, this.#options);
    const plan = planCopy({ volumeId: source.reference.id, type: source.type, use }, copier.sharing);
    return { from: source.path, to, type: source.type, plan };
  }
}

/** What a CreateVolumeRequest names as its source. @throws RequestRefused */
export function parseContentSource(source: VolumeContentSource | undefined): ContentReference | undefined {
  if (source === undefined) return undefined;
  const reference: ContentReference =
    source.snapshot === undefined
      ? { kind: 'volume', id: source.volume?.volumeId ?? '' }
      : { kind: 'snapshot', id: source.snapshot.snapshotId ?? '' };
  if (reference.id === '') throw new RequestRefused('volume_content_source', 'name a snapshot_id or a volume_id');
  return reference;
}

/** The same in the words of CSI, for a volume that was made from something. */
export function describeContentSource(reference: ContentReference): VolumeContentSource {
  return reference.kind === 'snapshot' ? { snapshot: { snapshotId: reference.id } } : { volume: { volumeId: reference.id } };
}

async function filesystemOf(
  path: string,
  { id, type, fsType }: Pick<VolumeRecord, 'id' | 'type' | 'fsType'>,
): Promise<Pick<ContentSource, 'fsType'>> {
  if (type === 'directory') return {};
  const view = await viewImage(path).catch((thrown: unknown) => {
    throw isErrno(thrown, 'ENOENT') ? new VolumeDamaged(id, `its image ${path} is gone`) : thrown;
  });
  const found = view.superblock?.fsType ?? fsType;
  return found === undefined ? {} : { fsType: found };
}
