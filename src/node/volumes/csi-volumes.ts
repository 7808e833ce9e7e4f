import { mkdir, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { KeyedLock } from '#kit/keyed-lock.ts';
import { Limiter } from '#kit/limiter.ts';
import type { StorageOperation, StorageOperations } from '#protocols/csi/storage-operations.ts';
import type { CallContext } from '#protocols/csi/call.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { VolumeCapability } from '#protocols/csi/generated/messages.ts';
import type { NodePaths } from '../node-paths.ts';
import type { Mounter } from '#linux/mounter.ts';
import { mountsBelow } from '#linux/mount-table.ts';
import { isErrno, listNames, readRecordIfAny, removeTree, writeTextAtomic } from '#linux/small-files.ts';
import { VolumeNotReady } from './volume-error.ts';

/** What a pod wants of a CSI volume; everything that the driver needs to know. */
export interface CsiVolume {
  readonly driver: string;
  readonly volumeHandle: string;
  readonly capability: VolumeCapability;
  readonly isReadOnly: boolean;
  /** It lives as long as its pod, and is not staged. */
  readonly isInline?: boolean;
  /** It was attached to this node for its pods, and must not be detached while it is mounted. */
  readonly isAttached?: boolean;
  /** @throws VolumeNotReady where it is not attached any more, or about to be detached */
  readonly verifyAttached?: () => Promise<void>;
  /** Whether the pod's fsGroup is to own its files. */
  readonly takesFsGroup: boolean;
  /** Its source was part of Kubernetes once, and the driver has taken it over. */
  readonly isMigrated?: boolean;
  /** ReadWriteOncePod: a pod that was put onto a node past the scheduler gets it only when no other pod has it. */
  readonly isForOnePod?: boolean;
  readonly volumeContext: Readonly<Record<string, string>>;
  /** What NodePublishVolume is told besides: of the pod, and tokens of its service account. */
  readonly podContext?: Readonly<Record<string, string>>;
  readonly publishContext: Readonly<Record<string, string>>;
  readonly stageSecrets: Readonly<Record<string, string>>;
  readonly publishSecrets: Readonly<Record<string, string>>;
}

/** One use of a volume by a pod: `owner` is unique and made of the pod's UID and the volume's name. */
export interface CsiUse {
  readonly owner: string;
  /** Where the driver publishes it; its parent exists. */
  readonly targetPath: string;
}

/** How large a volume is to become. */
export interface CsiGrowth {
  readonly requiredBytes: bigint;
  readonly secrets: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

/** What must be known to undo a use, kept on disk before the first call. */
export interface CsiTrace {
  readonly driver: string;
  readonly volumeHandle: string;
}

/** Who tells the API which attached volumes are mounted here. */
export interface AttachedVolumes {
  /** Resolves when the API knows. */
  add(volume: CsiTrace): Promise<void>;
  /** Never throws: it is told again. */
  remove(volume: CsiTrace): Promise<void>;
}

/** What staging and publishing need. */
export interface CsiVolumesOptions {
  readonly paths: NodePaths;
  readonly drivers: CsiDrivers;
  readonly mounter: Mounter;
  readonly inUse?: AttachedVolumes;
  /** Counts what is done with volumes; absent = nobody does. */
  readonly operations?: StorageOperations;
}

/** What is counted: an operation of a driver. */
interface Counted extends Pick<CsiVolume, 'driver' | 'isMigrated'> {
  readonly operation: StorageOperation;
}

/** Answers the driver of that name, where it is connected. */
export type CsiDrivers = (driverName: string) => CsiClient | undefined;

const RECORD = 'volume.json';
/** Kubelet's timeout for calls to a node plugin: 2 min. */
const CALL_TIMEOUT_MS = 120_000;
/** Left volumes that are looked at at a time. */
const SWEEP_CONCURRENCY = 16;

/**
 * Stages and publishes CSI volumes (CSI 1.13, "Volume Lifecycle": NodeStage once per volume and node, NodePublish once per pod).
 * Who uses a staged volume is kept as files beside it, so that after any crash the last user's end unstages it.
 */
export class CsiVolumes {
  readonly #paths: NodePaths;
  readonly #drivers: CsiDrivers;
  readonly #mounter: Mounter;
  readonly #inUse: AttachedVolumes | undefined;
  readonly #operations: StorageOperations | undefined;
  /** Calls for one volume run one after the other, as the specification asks of the orchestrator. */
  readonly #lock = new KeyedLock();
  /** By user: the call that is under way for it. */
  readonly #pending = new Map<string, string>();

  constructor(options: CsiVolumesOptions) {
    this.#paths = options.paths;
    this.#drivers = options.drivers;
    this.#mounter = options.mounter;
    this.#inUse = options.inUse;
    this.#operations = options.operations;
  }

  /** Stages where needed, and publishes. Idempotent. @throws VolumeNotReady, or what the driver answers */
  publish(volume: CsiVolume, use: CsiUse, signal: AbortSignal): Promise<void> {
    const operation = volume.capability.block === undefined ? 'volume_mount' : 'map_volume';
    return this.#counted({ ...volume, operation }, () => this.#publish(volume, use, signal));
  }

  #publish(volume: CsiVolume, use: CsiUse, signal: AbortSignal): Promise<void> {
    const dir = this.#paths.stagedVolume(volume.driver, volume.volumeHandle);
    return this.#lock.run(dir, async () => {
      const client = this.#driver(volume.driver);
      const call = { timeoutMs: CALL_TIMEOUT_MS, signal };
      if (volume.isForOnePod === true && (await this.#isUsedByAnother(dir, use)))
        throw new VolumeNotReady('volume uses the ReadWriteOncePod access mode and is already in use by another pod');
      await mkdir(join(dir, 'users'), { recursive: true, mode: 0o700 });
      const { driver, volumeHandle, isAttached = false, isMigrated = false } = volume;
      const isBlock = volume.capability.block !== undefined;
      await writeTextAtomic(join(dir, RECORD), JSON.stringify({ driver, volumeHandle, isAttached, isBlock, isMigrated }));
      await writeFile(join(dir, 'users', use.owner), '');
      // why before the first mount: whoever detaches looks there
      if (isAttached) await this.#inUse?.add(volume);
      // why again: whoever looked before it stood there may have begun to detach it since the volume was read (kubelet mounts only what it has reported before)
      await volume.verifyAttached?.();
      const base = {
        volumeId: volume.volumeHandle,
        volumeCapability: volume.capability,
        volumeContext: volume.volumeContext,
        publishContext: volume.publishContext,
      };
      const isStaged = volume.isInline !== true && (await canStage(client, signal));
      const stagingTargetPath = isStaged ? join(dir, 'mount') : undefined;
      if (stagingTargetPath !== undefined) {
        await mkdir(stagingTargetPath, { recursive: true, mode: 0o750 });
        await this.#noting(
          { ...volume, owner: use.owner, method: 'NodeStageVolume' },
          client.node.nodeStageVolume({ ...base, stagingTargetPath, secrets: volume.stageSecrets }, call),
        );
      }
      await this.#publishOnly(client, { volume, use, stagingTargetPath }, call);
    });
  }

  /** Publishes anew what is published: a driver that wants that hears of the pod and gets fresh tokens (CSIDriver `requiresRepublish`). @throws what the driver answers */
  republish(volume: CsiVolume, use: CsiUse, signal: AbortSignal): Promise<void> {
    const dir = this.#paths.stagedVolume(volume.driver, volume.volumeHandle);
    return this.#lock.run(dir, async () => {
      const client = this.#driver(volume.driver);
      const isStaged = volume.isInline !== true && (await canStage(client, signal));
      const stagingTargetPath = isStaged ? join(dir, 'mount') : undefined;
      await this.#publishOnly(client, { volume, use, stagingTargetPath }, { timeoutMs: CALL_TIMEOUT_MS, signal });
    });
  }

  async #publishOnly(
    client: CsiClient,
    {
      volume,
      use,
      stagingTargetPath,
    }: { readonly volume: CsiVolume; readonly use: CsiUse; readonly stagingTargetPath: string | undefined },
    call: CallContext,
  ): Promise<void> {
    const { owner, targetPath } = use;
    const { volumeHandle: volumeId, capability: volumeCapability, publishContext, isReadOnly: readonly, publishSecrets: secrets } = volume;
    const volumeContext = { ...volume.volumeContext, ...volume.podContext };
    const request = { volumeId, volumeCapability, volumeContext, publishContext, stagingTargetPath, targetPath, readonly, secrets };
    await this.#noting({ ...volume, owner, method: 'NodePublishVolume' }, client.node.nodePublishVolume(request, call));
  }

  /** Grows device and filesystem of a published volume; a driver that has nothing to do on nodes is not asked. Idempotent. @throws PlatformError what the driver answers */
  expand(volume: CsiVolume, use: CsiUse, growth: CsiGrowth): Promise<void> {
    const dir = this.#paths.stagedVolume(volume.driver, volume.volumeHandle);
    return this.#lock.run(dir, async () => {
      const client = this.#driver(volume.driver);
      const { requiredBytes, secrets, signal } = growth;
      const capabilities = await nodeCapabilities(client, signal);
      if (!capabilities.has('EXPAND_VOLUME')) return;
      const request = {
        volumeId: volume.volumeHandle,
        volumePath: use.targetPath,
        stagingTargetPath: capabilities.has('STAGE_UNSTAGE_VOLUME') ? join(dir, 'mount') : undefined,
        capacityRange: { requiredBytes },
        volumeCapability: volume.capability,
        secrets,
      };
      const noted = { ...volume, owner: use.owner, method: 'NodeExpandVolume' };
      const call = { timeoutMs: CALL_TIMEOUT_MS, signal };
      const expanding = { ...volume, operation: 'volume_fs_resize' } as const;
      await this.#counted(expanding, () => this.#noting(noted, client.node.nodeExpandVolume(request, call)));
    });
  }

  /** Undoes a use, and unstages after the last one. Idempotent. */
  unpublish(trace: CsiTrace, use: CsiUse, signal: AbortSignal): Promise<void> {
    const dir = this.#paths.stagedVolume(trace.driver, trace.volumeHandle);
    return this.#lock.run(dir, async () => {
      if (await this.#wasAsked(dir, use)) {
        const { isBlock, isMigrated } = await recordIn(dir);
        const operation = isBlock ? 'unmap_volume' : 'volume_unmount';
        await this.#counted({ ...trace, operation, isMigrated }, () => this.#unpublishOnly(trace, use, signal));
      }
      // why: drivers should remove the target but not all of them do
      await removeEmpty(use.targetPath);
      await removeTree(join(dir, 'users', use.owner));
      await this.#unstageUnused(dir, trace, signal);
    });
  }

  async #unpublishOnly(trace: CsiTrace, { owner, targetPath }: CsiUse, signal: AbortSignal): Promise<void> {
    const client = this.#driver(trace.driver);
    const request = { volumeId: trace.volumeHandle, targetPath };
    await this.#noting(
      { ...trace, owner, method: 'NodeUnpublishVolume' },
      ignoreMissing(client.node.nodeUnpublishVolume(request, { timeoutMs: CALL_TIMEOUT_MS, signal })),
    );
    await this.#refuseMounted(targetPath);
  }

  /** What is being waited for on behalf of users whose names begin with `prefix`, in words. */
  awaited(prefix: string): readonly string[] {
    return [...this.#pending].filter(([owner]) => owner.startsWith(prefix)).map(([, text]) => text);
  }

  /** Attached volumes that an earlier process staged and that are staged still. */
  async attached(): Promise<readonly CsiTrace[]> {
    const records = await Promise.all(
      (await listNames(this.#paths.staging)).map((name) => readRecordIfAny(join(this.#paths.staging, name, RECORD))),
    );
    return records.flatMap((record) => {
      const { driver, volumeHandle, isAttached } = record ?? {};
      return isAttached === true && typeof driver === 'string' && typeof volumeHandle === 'string' ? [{ driver, volumeHandle }] : [];
    });
  }

  /** Forgets users for whom `isAlive` says no; for the start after a crash, before anything is published. Asks no driver. */
  async forgetUsers(isAlive: (owner: string) => boolean): Promise<void> {
    for (const name of await listNames(this.#paths.staging)) {
      const users = join(this.#paths.staging, name, 'users');
      for (const owner of await listNames(users)) if (!isAlive(owner)) await removeTree(join(users, owner));
    }
  }

  /** Unstages volumes that nobody uses; answers what went wrong, volume by volume, so that one driver's fault keeps no other's volumes. */
  async unstageLeftovers(signal: AbortSignal): Promise<readonly PlatformError[]> {
    const limiter = new Limiter(SWEEP_CONCURRENCY);
    const names = await listNames(this.#paths.staging);
    const faults = names.map((name) =>
      limiter.run(async () => {
        try {
          await this.#unstageLeftover(join(this.#paths.staging, name), signal);
          return [];
        } catch (thrown) {
          return [PlatformError.from(thrown)];
        }
      }),
    );
    return (await Promise.all(faults)).flat();
  }

  #unstageLeftover(dir: string, signal: AbortSignal): Promise<void> {
    return this.#lock.run(dir, async () => {
      const record = await readRecordIfAny(join(dir, RECORD));
      const driver = record?.['driver'];
      const volumeHandle = record?.['volumeHandle'];
      if (typeof driver === 'string' && typeof volumeHandle === 'string') await this.#unstageUnused(dir, { driver, volumeHandle }, signal);
      else if ((await listNames(join(dir, 'users'))).length === 0 && mountsBelow(await this.#mounter.table(), dir).length === 0)
        await removeTree(dir);
    });
  }

  #counted<T>({ driver: driverName, operation, isMigrated }: Counted, work: () => Promise<T>): Promise<T> {
    return this.#operations === undefined ? work() : this.#operations.run({ driverName, operation, isMigrated }, work);
  }

  async #noting(call: CsiTrace & { readonly owner: string; readonly method: string }, running: Promise<unknown>): Promise<void> {
    const { owner, method, driver, volumeHandle } = call;
    this.#pending.set(
      owner,
      `the CSI driver ${driver} has not answered ${method} for volume ${JSON.stringify(volumeHandle)} yet; it is given up ${CALL_TIMEOUT_MS / 1_000} s after the call and tried again: see whether the driver hangs`,
    );
    try {
      await running;
    } finally {
      this.#pending.delete(owner);
    }
  }

  async #unstageUnused(dir: string, trace: CsiTrace, signal: AbortSignal): Promise<void> {
    if ((await listNames(join(dir, 'users'))).length > 0 || (await listNames(dir)).length === 0) return;
    const client = this.#driver(trace.driver);
    const stagingTargetPath = join(dir, 'mount');
    if ((await listNames(dir)).includes('mount') && (await canStage(client, signal))) {
      // why not of a raw device: no pod mounts anything inside of that, and what lies there is the driver's own
      const { isBlock, isMigrated } = await recordIn(dir);
      if (!isBlock) await this.#mounter.unmountInside(stagingTargetPath);
      const request = { volumeId: trace.volumeHandle, stagingTargetPath };
      await this.#counted({ ...trace, operation: 'unmount_device', isMigrated }, async () => {
        await ignoreMissing(client.node.nodeUnstageVolume(request, { timeoutMs: CALL_TIMEOUT_MS, signal }));
        await this.#refuseMounted(stagingTargetPath);
      });
      await removeEmpty(stagingTargetPath);
    }
    await this.#refuseMounted(dir);
    await removeTree(dir);
    await this.#inUse?.remove(trace);
  }

  /** False where no driver was ever asked to publish: one that never came must not keep the pod from going. */
  async #isUsedByAnother(dir: string, { owner }: CsiUse): Promise<boolean> {
    const users = (await listNames(join(dir, 'users'))).map(podOf);
    return users.length > 0 && !users.includes(podOf(owner));
  }

  async #wasAsked(dir: string, { owner, targetPath }: CsiUse): Promise<boolean> {
    if ((await listNames(join(dir, 'users'))).includes(owner)) return true;
    return mountsBelow(await this.#mounter.table(), targetPath).length > 0;
  }

  /** A driver that says done while the mount is there would make us delete the volume's data. */
  async #refuseMounted(path: string): Promise<void> {
    if (mountsBelow(await this.#mounter.table(), path).length === 0) return;
    throw new VolumeNotReady(`${path} is still mounted although the CSI driver reported it unmounted; it is tried again`);
  }

  #driver(name: string): CsiClient {
    const client = this.#drivers(name);
    if (client !== undefined) return client;
    throw new PlatformError({
      code: 'Unavailable',
      reason: 'FailedMount',
      message: `driver name ${name} not found in the list of registered CSI drivers of this node; start or install the driver, it is tried again`,
    });
  }
}

/** What was noted of the volume whose folder is `dir`: whether it is a raw device, and of a source that was part of Kubernetes once. */
async function recordIn(dir: string): Promise<{ readonly isBlock: boolean; readonly isMigrated: boolean }> {
  const record = await readRecordIfAny(join(dir, RECORD));
  return { isBlock: record?.['isBlock'] === true, isMigrated: record?.['isMigrated'] === true };
}

async function canStage(client: CsiClient, signal: AbortSignal): Promise<boolean> {
  return (await nodeCapabilities(client, signal)).has('STAGE_UNSTAGE_VOLUME');
}

/** What the driver's node service can do; asked once per connection. */
export function nodeCapabilities(client: CsiClient, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const known = capabilitiesOf.get(client);
  if (known !== undefined) return known;
  const asked = client.node.nodeGetCapabilities({}, { timeoutMs: CALL_TIMEOUT_MS, signal }).then(
    (answer) => new Set((answer.capabilities ?? []).flatMap((capability) => capability.rpc?.type ?? [])),
    (error: unknown) => {
      capabilitiesOf.delete(client);
      throw error;
    },
  );
  capabilitiesOf.set(client, asked);
  return asked;
}

const capabilitiesOf = new WeakMap<CsiClient, Promise<ReadonlySet<string>>>();

/** NotFound from an undoing call means that it is undone already. */
async function ignoreMissing(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!hasCode(error, 'NotFound')) throw error;
  }
}

/** Removes an empty directory or a file; content means that something of value may be there, so it stays and is reported. */
async function removeEmpty(path: string): Promise<void> {
  try {
    await rmdir(path);
  } catch (error) {
    if (isErrno(error, 'ENOTDIR')) await removeTree(path);
    else if (!isErrno(error, 'ENOENT')) throw error;
  }
}

/** The pod's UID of a use. */
function podOf(owner: string): string {
  return owner.slice(0, owner.indexOf('.'));
}
