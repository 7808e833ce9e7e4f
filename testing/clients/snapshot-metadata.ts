import { Client, credentials, type ServiceError } from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import { trusted } from '#kit/json.ts';

/** The interface as backup programs have it (KEP-3314); read by protobufjs's own parser, so that nothing of the product is in it. */
const PROTO = `syntax = "proto3";
package snapshotmetadata;
enum BlockMetadataType { UNKNOWN = 0; FIXED_LENGTH = 1; VARIABLE_LENGTH = 2; }
message BlockMetadata { int64 byte_offset = 1; int64 size_bytes = 2; }
message GetMetadataAllocatedRequest { string security_token = 1; string namespace = 2; string snapshot_name = 3; int64 starting_offset = 4; int32 max_results = 5; }
message GetMetadataDeltaRequest { string security_token = 1; string namespace = 2; string base_snapshot_id = 3; string target_snapshot_name = 4; int64 starting_offset = 5; int32 max_results = 6; }
message Answer { BlockMetadataType block_metadata_type = 1; int64 volume_capacity_bytes = 2; repeated BlockMetadata block_metadata = 3; }`;

const root = protobuf.parse(PROTO).root;
const ANSWER = root.lookupType('snapshotmetadata.Answer');

/** What a SnapshotMetadataService says. */
export interface MetadataPlace {
  readonly address: string;
  readonly audience: string;
  readonly caCert: string;
}

/** A question, in the fields of the interface. */
export interface MetadataQuestion {
  readonly securityToken?: string;
  readonly namespace?: string;
  readonly snapshotName?: string;
  readonly baseSnapshotId?: string;
  readonly targetSnapshotName?: string;
  readonly startingOffset?: number;
  readonly maxResults?: number;
}

/** One message of an answer. */
export interface MetadataAnswer {
  readonly volumeCapacityBytes: number;
  readonly blocks: readonly { readonly offset: number; readonly size: number }[];
}

/** A backup program's side of the SnapshotMetadata service, over TLS. */
export class SnapshotMetadataClient {
  readonly #client: Client;

  constructor({ address, caCert }: MetadataPlace) {
    this.#client = new Client(address, credentials.createSsl(Buffer.from(caCert, 'base64')));
  }

  /** The messages, as they come. @throws ServiceError */
  async *ask(question: MetadataQuestion): AsyncGenerator<MetadataAnswer> {
    const rpc = question.targetSnapshotName === undefined ? 'GetMetadataAllocated' : 'GetMetadataDelta';
    const request = root.lookupType(`snapshotmetadata.${rpc}Request`);
    const stream = this.#client.makeServerStreamRequest(
      `/snapshotmetadata.SnapshotMetadata/${rpc}`,
      (fields: MetadataQuestion) => Buffer.from(request.encode(request.create({ ...fields })).finish()),
      (bytes: Buffer) => decode(bytes),
      question,
    );
    try {
      for await (const message of stream) yield trusted<MetadataAnswer>(message);
    } finally {
      stream.cancel();
    }
  }

  /** All pieces as `offset+size`. @throws ServiceError */
  async pieces(question: MetadataQuestion): Promise<readonly string[]> {
    const pieces: string[] = [];
    for await (const { blocks } of this.ask(question)) pieces.push(...blocks.map(({ offset, size }) => `${offset}+${size}`));
    return pieces;
  }

  /** The status with which the question is refused. @throws Error where it is answered */
  async refusal(question: MetadataQuestion): Promise<Pick<ServiceError, 'code' | 'details'>> {
    try {
      await this.pieces(question);
    } catch (thrown) {
      const { code, details } = trusted<ServiceError>(thrown);
      return { code, details };
    }
    throw new Error('it was answered');
  }

  close(): void {
    this.#client.close();
  }
}

function decode(bytes: Buffer): MetadataAnswer {
  const { volumeCapacityBytes, blockMetadata = [] } = trusted<{
    readonly volumeCapacityBytes?: number;
    readonly blockMetadata?: readonly { readonly byteOffset?: number; readonly sizeBytes?: number }[];
  }>(ANSWER.toObject(ANSWER.decode(bytes), { longs: Number }));
  return {
    volumeCapacityBytes: volumeCapacityBytes ?? 0,
    blocks: blockMetadata.map(({ byteOffset = 0, sizeBytes = 0 }) => ({ offset: byteOffset, size: sizeBytes })),
  };
}
