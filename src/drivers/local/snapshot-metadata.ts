import { RequestRefused, requireText } from '#protocols/csi/request-fields.ts';
import type * as csi from '#protocols/csi/generated/messages.ts';
import { SizeRefused } from './errors.ts';
import { allocatedRanges, type ByteRange, changedRanges, type Extent } from '#linux/extents.ts';
import type { Readiness } from './readiness.ts';
import type { SnapshotStore, StoredSnapshot } from './snapshot-store.ts';
import type { Tools } from '#linux/tools.ts';

/** What the snapshot metadata service is made of. */
export interface LocalSnapshotMetadataOptions {
  readonly store: SnapshotStore;
  readonly tools: Tools;
  readonly readiness: Readiness;
}

/** What both requests have. */
interface Window {
  readonly startingOffset?: bigint | undefined;
  readonly maxResults?: number | undefined;
}

/** Blocks of one message where the caller sets no limit: some 100 KiB. */
const MESSAGE_BLOCKS = 4_096;

/**
 * The snapshot metadata service of `local.stowage.dev` (CSI 1.13 "Snapshot Metadata Service RPC"), from the maps of blocks that the pool's filesystem
 * keeps. Only images have blocks. Where snapshots share none (a pool that copies), all that is allocated counts as changed.
 */
export class LocalSnapshotMetadata implements csi.SnapshotMetadataService {
  readonly #options: LocalSnapshotMetadataOptions;

  constructor(options: LocalSnapshotMetadataOptions) {
    this.#options = options;
  }

  /** "GetMetadataAllocated": reads only. @throws SnapshotNotFound, RequestRefused, SizeRefused (OUT_OF_RANGE), BlockMapUnreadable */
  async *getMetadataAllocated(request: csi.GetMetadataAllocatedRequest): AsyncGenerator<csi.GetMetadataAllocatedResponse> {
    this.#options.readiness.require();
    const snapshot = this.#find('snapshot_id', request.snapshotId);
    const { sizeBytes } = snapshot.record;
    checkWindow(request, sizeBytes);
    yield* messages(allocatedRanges(await this.#extents(snapshot)), request, sizeBytes);
  }

  /** "GetMetadataDelta": what changed from one snapshot of a volume to another, in either order; reads only. @throws as {@link getMetadataAllocated} */
  async *getMetadataDelta(request: csi.GetMetadataDeltaRequest): AsyncGenerator<csi.GetMetadataDeltaResponse> {
    this.#options.readiness.require();
    const base = this.#find('base_snapshot_id', request.baseSnapshotId);
    const target = this.#find('target_snapshot_id', request.targetSnapshotId);
    if (base.record.sourceVolumeId !== target.record.sourceVolumeId)
      throw new RequestRefused('base_snapshot_id', `is of volume ${base.record.sourceVolumeId}, not of ${target.record.sourceVolumeId}`);
    const { sizeBytes } = target.record;
    checkWindow(request, sizeBytes);
    yield* messages(changedRanges(await this.#extents(base), await this.#extents(target)), request, sizeBytes);
  }

  #find(field: string, id: string | undefined): StoredSnapshot {
    const found = this.#options.store.require(requireText(field, id));
    if (found.record.type === 'directory')
      throw new RequestRefused(field, `snapshot ${found.record.id} is of a volume of type directory, which has no blocks: copy its files`);
    return found;
  }

  #extents(snapshot: StoredSnapshot): Promise<readonly Extent[]> {
    return this.#options.tools.extents(this.#options.store.contentOf(snapshot));
  }
}

function checkWindow({ startingOffset = 0n, maxResults = 0 }: Window, sizeBytes: bigint): void {
  if (maxResults < 0) throw new RequestRefused('max_results', `${maxResults} is negative`);
  if (startingOffset < 0n || startingOffset >= sizeBytes)
    throw new SizeRefused(`starting_offset ${startingOffset} is outside of the volume, which has ${sizeBytes} bytes`);
}

function* messages(
  ranges: readonly ByteRange[],
  { startingOffset = 0n, maxResults = 0 }: Window,
  sizeBytes: bigint,
): Generator<csi.GetMetadataAllocatedResponse> {
  const [from, to] = [Number(startingOffset), Number(sizeBytes)];
  // why the second: the base of a delta may be the later one, of a volume that has grown since
  const left = ranges.flatMap(({ start, end }) =>
    end <= from || start >= to ? [] : [{ start: Math.max(start, from), end: Math.min(end, to) }],
  );
  const perMessage = maxResults === 0 ? MESSAGE_BLOCKS : Math.min(maxResults, MESSAGE_BLOCKS);
  // why: the size is told also where no block is
  for (let index = 0; index === 0 || index < left.length; index += perMessage) {
    yield {
      blockMetadataType: 'VARIABLE_LENGTH',
      volumeCapacityBytes: sizeBytes,
      blockMetadata: left
        .slice(index, index + perMessage)
        .map(({ start, end }) => ({ byteOffset: BigInt(start), sizeBytes: BigInt(end - start) })),
    };
  }
}
