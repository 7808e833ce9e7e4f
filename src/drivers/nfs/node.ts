import { mkdir, rmdir } from 'node:fs/promises';
import { type Exec, isCommandFailed } from '#kit/exec.ts';
import { PlatformError } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';
import type { Mounter } from '#linux/mounter.ts';
import { mountNfs } from '#linux/nfs-mount.ts';
import { parseCapability, RequestRefused, requirePath, requireText } from '#protocols/csi/request-fields.ts';
import type * as csi from '#protocols/csi/generated/messages.ts';
import { UnimplementedNode } from '#protocols/csi/unimplemented.ts';
import type { NfsSettings } from './settings.ts';
import { parseVolumeId } from './volume-id.ts';

/** What the node service is made of. */
export interface NfsNodeOptions {
  readonly nodeName: string;
  readonly exec: Exec;
  readonly mounter: Mounter;
  readonly settings: () => NfsSettings;
}

const CAPABILITIES: readonly csi.NodeServiceCapabilityRPCType[] = ['GET_VOLUME_STATS', 'SINGLE_NODE_MULTI_WRITER'];
/** A server that answers at all answers within this time. */
const ANSWER_TIMEOUT_MS = 10_000;

/** The path shows no volume. */
class VolumeNotMounted extends PlatformError {
  constructor(volumeId: string, path: string) {
    super({
      code: 'NotFound',
      reason: 'VolumePathNotFound',
      message: `volume ${volumeId} is not mounted at ${path}`,
      details: { volumeId },
    });
  }
}

/** The node service of `nfs.csi.k8s.io` (CSI 1.13 "Node Service RPC"): each pod has a mount of its own. */
export class NfsNode extends UnimplementedNode {
  readonly #options: NfsNodeOptions;

  constructor(options: NfsNodeOptions) {
    super();
    this.#options = options;
  }

  override async nodeGetCapabilities(): Promise<csi.NodeGetCapabilitiesResponse> {
    return { capabilities: CAPABILITIES.map((type) => ({ rpc: { type } })) };
  }

  override async nodeGetInfo(): Promise<csi.NodeGetInfoResponse> {
    return { nodeId: this.#options.nodeName };
  }

  /** "NodePublishVolume": idempotent; what is mounted at the target is left as it is. @throws RequestRefused, NfsMountFailed */
  override async nodePublishVolume(request: csi.NodePublishVolumeRequest): Promise<csi.NodePublishVolumeResponse> {
    const { exec, mounter, settings } = this.#options;
    const volumeId = requireText('volume_id', request.volumeId);
    const target = requirePath('target_path', request.targetPath);
    const { mount } = parseCapability(request.volumeCapability);
    if (mount === undefined) throw new RequestRefused('volume_capability', 'NFS has no block devices; use volumeMode Filesystem');
    const place = placeOf(volumeId, request.volumeContext ?? {});
    await mkdir(target, { recursive: true, mode: 0o750 });
    if (await mounter.isMountPoint(target)) return {};
    const { mountOptions, mountTimeoutSec } = settings();
    const share = { ...place, isReadOnly: request.readonly === true, mountOptions: [...mountOptions, ...(mount.mountFlags ?? [])] };
    await mountNfs(exec, share, { target, timeoutMs: mountTimeoutSec * 1_000 });
    return {};
  }

  /** "NodeUnpublishVolume": idempotent; a server that is away is let go of without it. The target is removed. */
  override async nodeUnpublishVolume(request: csi.NodeUnpublishVolumeRequest): Promise<csi.NodeUnpublishVolumeResponse> {
    requireText('volume_id', request.volumeId);
    const target = requirePath('target_path', request.targetPath);
    await this.#options.mounter.unmountBelow(target);
    await rmdir(target).catch((thrown: unknown) => {
      if (!(isRecord(thrown) && thrown['code'] === 'ENOENT')) throw thrown;
    });
    return {};
  }

  /** "NodeGetVolumeStats": reads only; the figures are those of the whole export. @throws VolumeNotMounted */
  override async nodeGetVolumeStats(request: csi.NodeGetVolumeStatsRequest): Promise<csi.NodeGetVolumeStatsResponse> {
    const { exec, mounter } = this.#options;
    const volumeId = requireText('volume_id', request.volumeId);
    const path = requirePath('volume_path', request.volumePath);
    if (!(await mounter.isMountPoint(path))) throw new VolumeNotMounted(volumeId, path);
    try {
      // why a program of its own: a server that is away holds up whoever asks
      const argv = ['stat', '--file-system', '--format=%S %b %f %a %c %d', '--', path];
      return statsIn((await exec.run(argv, { timeoutMs: ANSWER_TIMEOUT_MS })).stdout);
    } catch (thrown) {
      if (isCommandFailed(thrown)) throw thrown;
      throw new PlatformError({
        code: 'Unavailable',
        reason: 'NfsServerSilent',
        message: `the server of ${volumeId} does not answer`,
        cause: thrown,
      });
    }
  }
}

/** From the volume's context, as csi-driver-nfs writes it, also by hand; else from its id. @throws RequestRefused */
function placeOf(volumeId: string, context: Readonly<Record<string, string>>): { readonly server: string; readonly path: string } {
  const given = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), value]));
  const known = parseVolumeId(volumeId);
  const server = given.get('server') ?? known?.server;
  const share = given.get('share') ?? known?.share;
  if (server === undefined || share === undefined)
    throw new RequestRefused('volume_context', 'server and share are required: spec.csi.volumeAttributes of the PersistentVolume has them');
  const subDir = given.get('subdir') ?? (given.has('share') ? '' : (known?.subDir ?? ''));
  return { server, path: subDir === '' ? share : `${share.replace(/\/+$/, '')}/${subDir}` };
}

/** Reads what stat(1) says: block size, blocks, free, available, inodes, free inodes. */
function statsIn(text: string): csi.NodeGetVolumeStatsResponse {
  const [size = 0n, blocks = 0n, free = 0n, available = 0n, files = 0n, freeFiles = 0n] = text.trim().split(' ').map(BigInt);
  return {
    usage: [
      { unit: 'BYTES', total: blocks * size, available: available * size, used: (blocks - free) * size },
      { unit: 'INODES', total: files, available: freeFiles, used: files - freeFiles },
    ],
  };
}
