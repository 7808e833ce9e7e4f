// Made by `npm run generate` from src/protocols/snapshot-metadata/facts/snapshot-metadata.json (KEP-3314). Do not edit.
import type { CallContext } from '../../csi/call.ts';

export type BlockMetadataType = 'UNKNOWN' | 'FIXED_LENGTH' | 'VARIABLE_LENGTH';

export interface BlockMetadata {
  readonly byteOffset?: bigint | undefined;
  readonly sizeBytes?: bigint | undefined;
}

export interface GetMetadataAllocatedRequest {
  readonly securityToken?: string | undefined;
  readonly namespace?: string | undefined;
  readonly snapshotName?: string | undefined;
  readonly startingOffset?: bigint | undefined;
  readonly maxResults?: number | undefined;
}

export interface GetMetadataAllocatedResponse {
  readonly blockMetadataType?: BlockMetadataType | undefined;
  readonly volumeCapacityBytes?: bigint | undefined;
  readonly blockMetadata?: readonly BlockMetadata[] | undefined;
}

export interface GetMetadataDeltaRequest {
  readonly securityToken?: string | undefined;
  readonly namespace?: string | undefined;
  readonly baseSnapshotId?: string | undefined;
  readonly targetSnapshotName?: string | undefined;
  readonly startingOffset?: bigint | undefined;
  readonly maxResults?: number | undefined;
}

export interface GetMetadataDeltaResponse {
  readonly blockMetadataType?: BlockMetadataType | undefined;
  readonly volumeCapacityBytes?: bigint | undefined;
  readonly blockMetadata?: readonly BlockMetadata[] | undefined;
}

export interface SnapshotMetadataService {
  getMetadataAllocated(request: GetMetadataAllocatedRequest, call: CallContext): AsyncIterable<GetMetadataAllocatedResponse>;
  getMetadataDelta(request: GetMetadataDeltaRequest, call: CallContext): AsyncIterable<GetMetadataDeltaResponse>;
}
