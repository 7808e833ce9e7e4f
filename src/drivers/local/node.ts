import { parseCapability, RequestRefused, requirePath, requireText } from '#protocols/csi/request-fields.ts';
import { realpath, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type * as csi from '#protocols/csi/generated/messages.ts';
import { UnimplementedNode } from '#protocols/csi/unimplemented.ts';
import { incompatibility, parseRange, TOPOLOGY_KEY } from './create-request.ts';
import { FilesystemMismatch, RootRequired, SizeRefused, VolumeNotStaged, VolumePathNotFound } from './errors.ts';
import { growStaged } from './growth.ts';
import type { Host } from '#linux/host.ts';
import type { Machine } from './machine.ts';
import { parseMountFlags } from './mount-flags.ts';
import { mountAt } from '#linux/mount-table.ts';
import type { Publishing } from './publishing.ts';
import type { Readiness } from './readiness.ts';
import { Staging } from './staging.ts';
import type { Tools } from '#linux/tools.ts';
import { abnormal, observeCondition, whyUnwritable } from './volume-condition.ts';
import { isVolumeId, type VolumeRecord } from './volume-record.ts';
import { isErrno, type VolumeStore } from './volume-store.ts';

/** What the node service is made of. */
export interface LocalNodeOptions {
  readonly nodeName: string;
  readonly machine: Machine;
  readonly store: VolumeStore;
  readonly host: Host;
  readonly tools: Tools;
  readonly staging: Staging;
  readonly publishing: Publishing;
  readonly readiness: Readiness;
}

const CAPABILITIES: readonly csi.NodeServiceCapabilityRPCType[] = [
  'STAGE_UNSTAGE_VOLUME',
  'GET_VOLUME_STATS',
  'EXPAND_VOLUME',
  'SINGLE_NODE_MULTI_WRITER',
  'VOLUME_CONDITION',
];

/** The node service of `local.stowage.dev` (CSI 1.13 "Node Service RPC"). Calls of one volume come one at a time (LockedNode). */
export class LocalNode extends UnimplementedNode {
  readonly #options: LocalNodeOptions;

  constructor(options: LocalNodeOptions) {
    super();
    this.#options = options;
  }

  override async nodeGetCapabilities(): Promise<csi.NodeGetCapabilitiesResponse> {
    return { capabilities: CAPABILITIES.map((type) => ({ rpc: { type } })) };
  }

  override async nodeGetInfo(): Promise<csi.NodeGetInfoResponse> {
    const { nodeName } = this.#options;
    return { nodeId: nodeName, accessibleTopology: { segments: { [TOPOLOGY_KEY]: nodeName } } };
  }

  /**
   * "NodeStageVolume": idempotent; a volume that is staged at the path is left as it is. Formats only an image that was never written to.
   * @throws VolumeNotFound, FilesystemMismatch, PathOccupied, VolumeInUse, VolumeDamaged, RootRequired
   */
  override async nodeStageVolume(request: csi.NodeStageVolumeRequest): Promise<csi.NodeStageVolumeResponse> {
    const id = requireText('volume_id', request.volumeId);
    const path = requirePath('staging_target_path', request.stagingTargetPath);
    const capability = parseCapability(request.volumeCapability);
    const record = this.#find(id);
    this.#requireMounting('staging a volume');
    refuseIncompatible(record, capability);
    await this.#options.staging.stage({
      record,
      stagingPath: await canonicalPath(path),
      kind: kindOf(capability),
      fsType: capability.mount?.fsType === '' ? undefined : capability.mount?.fsType,
      options: parseMountFlags(capability.mount?.mountFlags ?? []),
      access: isReadOnlyMode(capability) ? 'ro' : 'rw',
    });
    return {};
  }

  /**
   * "NodeUnstageVolume": idempotent, also for a volume that is gone, of which only the place of a device can be left: a volume is not deleted while it is staged.
   * The device is free afterwards, or the call fails. @throws VolumeInUse, VolumeNotFound
   */
  override async nodeUnstageVolume(request: csi.NodeUnstageVolumeRequest): Promise<csi.NodeUnstageVolumeResponse> {
    const id = requireText('volume_id', request.volumeId);
    const path = await canonicalPath(requirePath('staging_target_path', request.stagingTargetPath));
    const { store, host, staging, readiness } = this.#options;
    // why: pods whose volumes' pool is missing can go all the same, where nothing holds the volume here
    if (readiness.isMissing && isVolumeId(id) && !(await this.#isHeld(id, path))) {
      await staging.sweep(path);
      return {};
    }
    readiness.require();
    if (store.isKnown(id)) await staging.unstage(id, path);
    // why: an unknown volume cannot be told from somebody else's, so nothing is unmounted or detached for it
    else if (mountAt(await host.mounts(), path) !== undefined) store.require(id);
    else if (isVolumeId(id)) await staging.sweep(path);
    return {};
  }

  /**
   * "NodePublishVolume": idempotent for the same target and access. A volume may have many targets, one with SINGLE_NODE_SINGLE_WRITER.
   * @throws VolumeNotFound, VolumeNotStaged, SingleWriterConflict, PathOccupied, RootRequired
   */
  override async nodePublishVolume(request: csi.NodePublishVolumeRequest): Promise<csi.NodePublishVolumeResponse> {
    const id = requireText('volume_id', request.volumeId);
    const target = requirePath('target_path', request.targetPath);
    const capability = parseCapability(request.volumeCapability);
    const record = this.#find(id);
    this.#requireMounting('publishing a volume');
    // why: "This is a REQUIRED field if the STAGE_UNSTAGE_VOLUME capability is set", refused as the specification names it
    if ((request.stagingTargetPath ?? '') === '') throw new VolumeNotStaged(id, 'an empty staging_target_path');
    const staging = requirePath('staging_target_path', request.stagingTargetPath);
    refuseIncompatible(record, capability);
    await this.#options.publishing.publish({
      volumeId: id,
      stagingPath: await canonicalPath(staging),
      targetPath: await canonicalPath(target),
      kind: kindOf(capability),
      access: publishAccess(request, capability),
      isExclusive: capability.accessMode?.mode === 'SINGLE_NODE_SINGLE_WRITER',
    });
    return {};
  }

  /** "NodeUnpublishVolume": idempotent, also for a volume that is gone; the target is removed. @throws PathOccupied */
  override async nodeUnpublishVolume(request: csi.NodeUnpublishVolumeRequest): Promise<csi.NodeUnpublishVolumeResponse> {
    requireText('volume_id', request.volumeId);
    await this.#options.publishing.unpublish(await canonicalPath(requirePath('target_path', request.targetPath)));
    return {};
  }

  /** "NodeGetVolumeStats": reads only. A directory volume has no limit of its own: its figures are the pool's. @throws VolumeNotFound, VolumePathNotFound */
  override async nodeGetVolumeStats(request: csi.NodeGetVolumeStatsRequest): Promise<csi.NodeGetVolumeStatsResponse> {
    const id = requireText('volume_id', request.volumeId);
    const path = await canonicalPath(requireText('volume_path', request.volumePath));
    const record = this.#find(id);
    const mount = mountAt(await this.#options.host.mounts(), path);
    if (mount === undefined) throw new VolumePathNotFound(id, path);
    // why: a raw device is a special file, not a directory
    const found = await stat(path).catch((thrown: unknown) => (isErrno(thrown, 'EIO') ? undefined : Promise.reject(thrown)));
    // why: a filesystem that met a fault below it answers nothing else any more until it is mounted again
    if (found === undefined)
      return {
        volumeCondition: abnormal(
          'its filesystem has shut down after a fault of the disk below it; stop the pods that use it, then start them again',
        ),
      };
    const volumeCondition = whyUnwritable(mount) ?? (await observeCondition(record, this.#options.store));
    if (!found.isDirectory()) return { usage: [{ unit: 'BYTES', total: record.sizeBytes }], volumeCondition };
    const { bsize, blocks, bfree, bavail, files, ffree } = await statfs(path, { bigint: true });
    return {
      volumeCondition,
      usage: [
        { unit: 'BYTES', total: blocks * bsize, available: bavail * bsize, used: (blocks - bfree) * bsize },
        { unit: 'INODES', total: files, available: ffree, used: files - ffree },
      ],
    };
  }

  /**
   * "NodeExpandVolume": idempotent; grows device and filesystem to the size that ControllerExpandVolume made.
   * @throws VolumeNotFound, VolumePathNotFound, VolumeNotStaged, SizeRefused, GrowthNeedsRemount
   */
  override async nodeExpandVolume(request: csi.NodeExpandVolumeRequest): Promise<csi.NodeExpandVolumeResponse> {
    const id = requireText('volume_id', request.volumeId);
    const path = await canonicalPath(requireText('volume_path', request.volumePath));
    const record = this.#find(id);
    this.#requireMounting('growing a volume');
    const { required } = parseRange(request.capacityRange ?? {});
    if (required !== undefined && required > record.sizeBytes)
      throw new SizeRefused(`volume ${id} has ${record.sizeBytes} bytes and ${required} are asked for; ControllerExpandVolume comes first`);
    if ((await stat(path).catch(() => undefined)) === undefined) throw new VolumePathNotFound(id, path);
    await growStaged(record, this.#options);
    return { capacityBytes: record.sizeBytes };
  }

  /** True where the volume is mounted, or a device has its image: its device may outlive every mount, and then still has what was written last. */
  async #isHeld(id: string, path: string): Promise<boolean> {
    const { host, store } = this.#options;
    const mounts = await host.mounts();
    if ([path, Staging.sourceIn(path, 'block')].some((place) => mountAt(mounts, place) !== undefined)) return true;
    // why by name: an image whose pool was moved, or taken away below it, has another path by now
    const image = store.imageOf(id);
    const ending = join('/', basename(dirname(image)), basename(image));
    return (await host.loops()).some((loop) => loop.image.endsWith(ending));
  }

  #find(volumeId: string): VolumeRecord {
    this.#options.readiness.require();
    return this.#options.store.require(volumeId);
  }

  #requireMounting(what: string): void {
    const { mounting } = this.#options.machine;
    if (!mounting.isPossible) throw new RootRequired(what, mounting.missing);
  }
}

function refuseIncompatible(record: VolumeRecord, capability: csi.VolumeCapability): void {
  const problem = incompatibility(record.type, [capability]);
  if (problem !== undefined) throw new FilesystemMismatch(record.id, problem);
}

function kindOf(capability: csi.VolumeCapability): 'filesystem' | 'block' {
  return capability.block === undefined ? 'filesystem' : 'block';
}

function isReadOnlyMode(capability: csi.VolumeCapability): boolean {
  const mode = capability.accessMode?.mode;
  return mode === 'SINGLE_NODE_READER_ONLY' || mode === 'MULTI_NODE_READER_ONLY';
}

function publishAccess(request: csi.NodePublishVolumeRequest, capability: csi.VolumeCapability): 'ro' | 'rw' {
  if (isReadOnlyMode(capability)) return 'ro';
  if (request.readonly !== true) return 'rw';
  // why: a read-only bind mount does not stop writes to a device node; only a device attached read-only does
  if (capability.block !== undefined)
    throw new RequestRefused('readonly', 'a block volume is read-only for all or for none; use a claim with the access mode ReadOnlyMany');
  return 'ro';
}

/** The path as mountinfo spells it: symbolic links of what exists are followed. */
async function canonicalPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(await canonicalPath(parent), basename(path));
  }
}
