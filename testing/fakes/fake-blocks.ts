import type {
  BlockMetadata,
  GetMetadataAllocatedRequest,
  GetMetadataAllocatedResponse,
  GetMetadataDeltaRequest,
  SnapshotMetadataService,
} from '#protocols/csi/generated/messages.ts';

/** Blocks of snapshots as a test says them: `snap` or `base>snap` stand for their pieces, one message each. */
export class FakeBlocks implements SnapshotMetadataService {
  readonly pieces = new Map<string, readonly (readonly [offset: number, size: number])[]>();
  /** Requests as they came. */
  readonly asked: (GetMetadataAllocatedRequest | GetMetadataDeltaRequest)[] = [];
  /** Messages that somebody took. */
  taken = 0;
  /** Of all volumes, in bytes. */
  sizeBytes = 1_000_000n;

  getMetadataAllocated(request: GetMetadataAllocatedRequest): AsyncIterable<GetMetadataAllocatedResponse> {
    this.asked.push(request);
    return this.#messages(request.snapshotId ?? '', request.startingOffset ?? 0n);
  }

  getMetadataDelta(request: GetMetadataDeltaRequest): AsyncIterable<GetMetadataAllocatedResponse> {
    this.asked.push(request);
    return this.#messages(`${request.baseSnapshotId}>${request.targetSnapshotId}`, request.startingOffset ?? 0n);
  }

  async *#messages(key: string, from: bigint): AsyncGenerator<GetMetadataAllocatedResponse> {
    for (const [offset, size] of this.pieces.get(key) ?? []) {
      if (BigInt(offset + size) <= from) continue;
      this.taken += 1;
      const block: BlockMetadata = { byteOffset: BigInt(offset), sizeBytes: BigInt(size) };
      yield { blockMetadataType: 'VARIABLE_LENGTH', volumeCapacityBytes: this.sizeBytes, blockMetadata: [block] };
    }
  }
}
