import type { ObjectKey } from '#api/meta/object.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import type { CallContext } from '#protocols/csi/call.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { GetMetadataAllocatedResponse as Blocks } from '#protocols/csi/generated/messages.ts';
import { RequestRefused } from '#protocols/csi/request-fields.ts';
import { DriverCapabilities } from '../../driver-work/driver-capabilities.ts';
import type { ConnectedDrivers } from '../../driver-work/drivers.ts';
import { readSecret, type Secrets } from '../../driver-work/read-secret.ts';
import { sortSnapshotParameters } from '../parameters.ts';
import { CallLimit } from './call-limit.ts';
import type { Caller } from './caller.ts';
import { BaseSnapshotUnknown, BlocksOutOfOrder, BlocksUnavailable, SnapshotForbidden } from './errors.ts';
import { readyByHandle, type ReadySnapshot, requireReady, type SnapshotsView } from './ready-snapshot.ts';
import { SameVolume } from './same-volume.ts';
import { tracksBlocks } from './tracks-blocks.ts';

/** What it is found out with. */
export interface ChangedBlocksOptions {
  readonly view: SnapshotsView;
  readonly drivers: ConnectedDrivers;
  readonly client: Client;
}

/** Whose blocks are asked for. */
export interface BlocksQuestion {
  readonly caller: Caller;
  /** The snapshot whose blocks are told. */
  readonly target: ObjectKey;
  /** Only what has changed since this one: by its name in the same namespace, or as its driver calls it. Absent = all that holds data. */
  readonly base?: { readonly name: string } | { readonly handle: string };
  /** Nothing is told that ends before. */
  readonly startingOffset: bigint;
  /** Most pieces of one message; 0 = as the driver likes. */
  readonly maxResults: number;
}

/**
 * Which blocks of a snapshot hold data, or have changed since another one: asked of its driver, for who may read both. Upstream takes any handle as the base;
 * here it has to be that of a snapshot of the same namespace and volume, so that no handle tells of another tenant's blocks.
 */
export class ChangedBlocks {
  readonly #options: ChangedBlocksOptions;
  readonly #sameVolume = new SameVolume();
  readonly #limit = new CallLimit();
  readonly #tracking = new DriverCapabilities(tracksBlocks);

  constructor(options: ChangedBlocksOptions) {
    this.#options = options;
  }

  /** Messages in order of offset. @throws SnapshotForbidden, SnapshotNotReady, BlocksUnavailable, BaseSnapshotUnknown, RequestRefused, BlocksOutOfOrder, PlatformError what the driver answers */
  async *answer(question: BlocksQuestion, call: CallContext): AsyncGenerator<Blocks> {
    const { caller, target: key, startingOffset, maxResults } = question;
    if (!caller.mayRead(key)) throw new SnapshotForbidden(caller.name, key);
    const leave = this.#limit.enter(caller.name);
    try {
      const target = requireReady(this.#options.view, key);
      const driver = await this.#driverOf(target, call);
      const secrets = await this.#secretsOf(target);
      const base = question.base === undefined ? undefined : this.#baseOf(question.base, { target, caller });
      if (base !== undefined) await this.#sameVolume.require(base, target, { driver, secrets, call });
      const window = { startingOffset, maxResults, ...(secrets === undefined ? {} : { secrets }) };
      const blocks =
        base === undefined
          ? driver.snapshotMetadata.getMetadataAllocated({ snapshotId: target.handle, ...window }, call)
          : driver.snapshotMetadata.getMetadataDelta({ baseSnapshotId: base.handle, targetSnapshotId: target.handle, ...window }, call);
      yield* inOrder(blocks, target.content.spec.driver);
    } finally {
      leave();
    }
  }

  async #driverOf({ content, key }: ReadySnapshot, call: CallContext): Promise<CsiClient> {
    const { driver: name } = content.spec;
    const driver = this.#options.drivers.find(name);
    if (driver === undefined) throw new BlocksUnavailable(`the driver ${name} is not connected: start it, then ask again`);
    if (!(await this.#tracking.of(driver, call)))
      throw new RequestRefused(
        'snapshot_name',
        `${key.name} is of the driver ${name}, which does not tell of blocks: copy the whole snapshot`,
      );
    return driver;
  }

  /** Those of the class that the snapshot was taken with, else of the default one of its driver. */
  async #secretsOf({ content, key }: ReadySnapshot): Promise<Secrets | undefined> {
    const { classes } = this.#options.view;
    const { driver, volumeSnapshotClassName: name } = content.spec;
    const snapshotClass = name === undefined ? classes.byIndex('defaultOf', driver)[0] : classes.get({ namespace: '', name });
    const sorted = sortSnapshotParameters(snapshotClass, { kind: 'volumesnapshot', content: content.metadata.name, ...key });
    if (!sorted.ok) throw new BlocksUnavailable(sorted.error);
    const { take } = sorted.value.secrets;
    if (take === undefined) return undefined;
    const secretKey = { namespace: take.namespace ?? '', name: take.name ?? '' };
    return readSecret(this.#options.client, secretKey).catch((cause: unknown) => {
      throw new BlocksUnavailable(`the secret that the snapshot's class names can't be read: ${PlatformError.from(cause).message}`, cause);
    });
  }

  #baseOf(
    base: NonNullable<BlocksQuestion['base']>,
    { target, caller }: { readonly target: ReadySnapshot; readonly caller: Caller },
  ): ReadySnapshot {
    const { view } = this.#options;
    const { namespace } = target.key;
    if ('name' in base) {
      const key = { namespace, name: base.name };
      if (!caller.mayRead(key)) throw new SnapshotForbidden(caller.name, key);
      const found = requireReady(view, key);
      if (found.content.spec.driver === target.content.spec.driver) return found;
      throw new RequestRefused(
        'base_snapshot_id',
        `${base.name} is of the driver ${found.content.spec.driver}: name a snapshot of the same claim`,
      );
    }
    const known = readyByHandle(view, { driver: target.content.spec.driver, handle: base.handle, namespace });
    const readable = known.find(({ key }) => caller.mayRead(key));
    if (readable === undefined) throw new BaseSnapshotUnknown(namespace, base.handle);
    return readable;
  }
}

/** Offsets strictly go up and pieces do not overlap, or a caller that goes on from the last one would miss some. */
async function* inOrder(messages: AsyncIterable<Blocks>, driverName: string): AsyncGenerator<Blocks> {
  let end = 0n;
  for await (const message of messages) {
    for (const { byteOffset = 0n, sizeBytes = 0n } of message.blockMetadata ?? []) {
      if (byteOffset < end || sizeBytes <= 0n) throw new BlocksOutOfOrder(driverName, byteOffset);
      end = byteOffset + sizeBytes;
    }
    yield message;
  }
}
