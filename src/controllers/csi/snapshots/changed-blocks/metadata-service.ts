import type { CallContext } from '#protocols/csi/call.ts';
import { RequestRefused, requireText } from '#protocols/csi/request-fields.ts';
import type * as wire from '#protocols/snapshot-metadata/generated/messages.ts';
import { BLOCKS_AUDIENCE, type Caller, type WhoIs } from './caller.ts';
import type { BlocksQuestion, ChangedBlocks } from './changed-blocks.ts';
import { TokenRefused, TokenReviewFailed } from './errors.ts';

/** What both requests have. */
interface Asked {
  readonly securityToken?: string | undefined;
  readonly namespace?: string | undefined;
  readonly startingOffset?: bigint | undefined;
  readonly maxResults?: number | undefined;
}

/** Kubernetes' SnapshotMetadata service (KEP-3314), with upstream's order of checks: fields, token, right, snapshot, secret, driver. */
export class SnapshotMetadata implements wire.SnapshotMetadataService {
  readonly #blocks: ChangedBlocks;
  readonly #whoIs: WhoIs;

  constructor(options: { readonly blocks: ChangedBlocks; readonly whoIs: WhoIs }) {
    this.#blocks = options.blocks;
    this.#whoIs = options.whoIs;
  }

  /** @throws RequestRefused, TokenRefused, TokenReviewFailed, and what {@link ChangedBlocks} throws */
  async *getMetadataAllocated(
    request: wire.GetMetadataAllocatedRequest,
    call: CallContext,
  ): AsyncGenerator<wire.GetMetadataAllocatedResponse> {
    const { token, namespace, window } = parse(request);
    const target = { namespace, name: requireText('snapshot_name', request.snapshotName) };
    yield* this.#blocks.answer({ caller: await this.#caller(token), target, ...window }, call);
  }

  /** @throws as {@link getMetadataAllocated} */
  async *getMetadataDelta(request: wire.GetMetadataDeltaRequest, call: CallContext): AsyncGenerator<wire.GetMetadataDeltaResponse> {
    const { token, namespace, window } = parse(request);
    const base = { handle: requireText('base_snapshot_id', request.baseSnapshotId) };
    const target = { namespace, name: requireText('target_snapshot_name', request.targetSnapshotName) };
    yield* this.#blocks.answer({ caller: await this.#caller(token), target, base, ...window }, call);
  }

  async #caller(token: string): Promise<Caller> {
    const caller = await this.#whoIs(token).catch((cause: unknown) => {
      throw new TokenReviewFailed(cause);
    });
    if (caller === undefined) throw new TokenRefused(BLOCKS_AUDIENCE);
    return caller;
  }
}

function parse({ securityToken, namespace, startingOffset = 0n, maxResults = 0 }: Asked): {
  readonly token: string;
  readonly namespace: string;
  readonly window: Pick<BlocksQuestion, 'startingOffset' | 'maxResults'>;
} {
  const fields = { token: requireText('security_token', securityToken), namespace: requireText('namespace', namespace) };
  if (startingOffset < 0n) throw new RequestRefused('starting_offset', `${startingOffset} is negative`);
  if (maxResults < 0) throw new RequestRefused('max_results', `${maxResults} is negative`);
  return { ...fields, window: { startingOffset, maxResults } };
}
