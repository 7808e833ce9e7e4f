import { parseCapabilities, RequestRefused, requireText } from '#protocols/csi/request-fields.ts';
import type { CallContext } from '#protocols/csi/call.ts';
import type * as csi from '#protocols/csi/generated/messages.ts';
import { UnimplementedController } from '#protocols/csi/unimplemented.ts';
import type { VolumeLocks } from '#protocols/csi/volume-locks.ts';
import { parseParameters } from './parameters.ts';
import type { NfsSettings } from './settings.ts';
import type { ShareFiles } from './share-files.ts';
import { formatVolumeId, type NfsVolume, parseVolumeId } from './volume-id.ts';

/** What the controller service is made of. */
export interface NfsControllerOptions {
  readonly files: Pick<ShareFiles, 'make' | 'remove'>;
  readonly settings: () => NfsSettings;
  /** One piece of work at a time in each share, which is mounted for it. */
  readonly locks: VolumeLocks;
}

const CAPABILITIES: readonly csi.ControllerServiceCapabilityRPCType[] = ['CREATE_DELETE_VOLUME', 'SINGLE_NODE_MULTI_WRITER'];

/** The controller service of `nfs.csi.k8s.io` (CSI 1.13 "Controller Service RPC"): a directory on the server for each volume. */
export class NfsController extends UnimplementedController {
  readonly #options: NfsControllerOptions;

  constructor(options: NfsControllerOptions) {
    super();
    this.#options = options;
  }

  override async controllerGetCapabilities(): Promise<csi.ControllerGetCapabilitiesResponse> {
    return { capabilities: CAPABILITIES.map((type) => ({ rpc: { type } })) };
  }

  /** "CreateVolume": idempotent, as the directory follows from the name and the parameters. NFS knows no sizes: any is granted, and none is kept to. @throws RequestRefused, NfsMountFailed */
  override async createVolume(request: csi.CreateVolumeRequest, call: CallContext): Promise<csi.CreateVolumeResponse> {
    const { files, settings } = this.#options;
    const capabilities = parseCapabilities(request.volumeCapabilities);
    refuseBlock(capabilities);
    if (request.volumeContentSource !== undefined)
      throw new RequestRefused('volume_content_source', 'this driver makes empty volumes only');
    if (Object.keys(request.mutableParameters ?? {}).length > 0)
      throw new RequestRefused('mutable_parameters', 'this driver has none; remove the volume attributes class');
    const { mode, ...volume } = parseParameters(requireText('name', request.name), request.parameters ?? {}, settings());
    const mountOptions = capabilities.find(({ mount }) => mount !== undefined)?.mount?.mountFlags ?? [];
    await this.#alone(volume, call, () => files.make(volume, { mode, mountOptions }));
    const { server, share, subDir } = volume;
    const volumeContext = { server, share, subdir: subDir };
    return { volume: { volumeId: formatVolumeId(volume), capacityBytes: request.capacityRange?.requiredBytes ?? 0n, volumeContext } };
  }

  /** "DeleteVolume": idempotent; an id that is none of this driver is of a volume that is gone. @throws NfsMountFailed */
  override async deleteVolume(request: csi.DeleteVolumeRequest, call: CallContext): Promise<csi.DeleteVolumeResponse> {
    const volume = parseVolumeId(requireText('volume_id', request.volumeId));
    if (volume !== undefined) await this.#alone(volume, call, () => this.#options.files.remove(volume));
    return {};
  }

  /** "ValidateVolumeCapabilities": reads only; every mode of a file system is possible. */
  override async validateVolumeCapabilities(
    request: csi.ValidateVolumeCapabilitiesRequest,
  ): Promise<csi.ValidateVolumeCapabilitiesResponse> {
    requireText('volume_id', request.volumeId);
    const volumeCapabilities = parseCapabilities(request.volumeCapabilities);
    if (volumeCapabilities.some(({ block }) => block !== undefined)) return { message: 'NFS has no block devices' };
    return { confirmed: { volumeCapabilities: [...volumeCapabilities] } };
  }

  #alone({ server, share }: NfsVolume, call: CallContext, work: () => Promise<void>): Promise<void> {
    return this.#options.locks.run(`${server}:${share}`, call, work);
  }
}

function refuseBlock(capabilities: readonly csi.VolumeCapability[]): void {
  if (capabilities.some(({ block }) => block !== undefined))
    throw new RequestRefused('volume_capabilities', 'NFS has no block devices; use volumeMode Filesystem');
}
