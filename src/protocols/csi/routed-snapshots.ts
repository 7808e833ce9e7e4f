import { PlatformError } from '#kit/errors.ts';
import type { CallContext } from './call.ts';
import type { DriverEndpoint, EndpointFinder } from './endpoint-finder.ts';
import type * as csi from './generated/messages.ts';

/** Volumes of a group lie on several nodes, which nothing freezes together. */
class GroupAcrossNodes extends PlatformError {
  constructor(nodeNames: readonly string[]) {
    super({
      code: 'InvalidArgument',
      reason: 'GroupAcrossNodes',
      message: `source_volume_ids: the volumes lie on ${nodeNames.join(' and ')}; one group snapshot takes volumes of one node: make one for each node`,
      details: { nodes: nodeNames },
    });
  }
}

/** The endpoints of one driver, and who has what. */
export interface RoutedSnapshotsOptions {
  /** At least one. */
  readonly endpoints: readonly [DriverEndpoint, ...DriverEndpoint[]];
  readonly finder: EndpointFinder;
}

/** Groups of snapshots of a driver with an endpoint on every node: a group lies on one of them. */
export class RoutedGroupController implements csi.GroupControllerService {
  readonly #options: RoutedSnapshotsOptions;

  constructor(options: RoutedSnapshotsOptions) {
    this.#options = options;
  }

  groupControllerGetCapabilities(
    request: csi.GroupControllerGetCapabilitiesRequest,
    call: CallContext,
  ): Promise<csi.GroupControllerGetCapabilitiesResponse> {
    return this.#options.endpoints[0].client.groupController.groupControllerGetCapabilities(request, call);
  }

  /** @throws GroupAcrossNodes */
  async createVolumeGroupSnapshot(
    request: csi.CreateVolumeGroupSnapshotRequest,
    call: CallContext,
  ): Promise<csi.CreateVolumeGroupSnapshotResponse> {
    const { endpoints, finder } = this.#options;
    const holders = new Set<DriverEndpoint>();
    for (const volumeId of request.sourceVolumeIds ?? []) {
      const found = await finder.volume(volumeId, call);
      // why: of a volume that nobody has, the holder of the others says so
      if (found !== undefined) holders.add(found);
    }
    if (holders.size > 1) throw new GroupAcrossNodes([...holders].map(({ nodeName }) => nodeName));
    const [holder = endpoints[0]] = holders;
    return holder.client.groupController.createVolumeGroupSnapshot(request, call);
  }

  async deleteVolumeGroupSnapshot(
    request: csi.DeleteVolumeGroupSnapshotRequest,
    call: CallContext,
  ): Promise<csi.DeleteVolumeGroupSnapshotResponse> {
    return (await this.#holder(request.groupSnapshotId, call)).deleteVolumeGroupSnapshot(request, call);
  }

  async getVolumeGroupSnapshot(request: csi.GetVolumeGroupSnapshotRequest, call: CallContext): Promise<csi.GetVolumeGroupSnapshotResponse> {
    return (await this.#holder(request.groupSnapshotId, call)).getVolumeGroupSnapshot(request, call);
  }

  /** Where nobody has it, one that says so. */
  async #holder(groupId: string | undefined, call: CallContext): Promise<csi.GroupControllerService> {
    const { endpoints, finder } = this.#options;
    return ((await finder.group(groupId, call)) ?? endpoints[0]).client.groupController;
  }
}

/** Metadata comes from where the snapshot lies. */
export class RoutedSnapshotMetadata implements csi.SnapshotMetadataService {
  readonly #options: RoutedSnapshotsOptions;

  constructor(options: RoutedSnapshotsOptions) {
    this.#options = options;
  }

  async *getMetadataAllocated(
    request: csi.GetMetadataAllocatedRequest,
    call: CallContext,
  ): AsyncGenerator<csi.GetMetadataAllocatedResponse> {
    const endpoint = await this.#holder(request.snapshotId, call);
    yield* endpoint.client.snapshotMetadata.getMetadataAllocated(request, call);
  }

  async *getMetadataDelta(request: csi.GetMetadataDeltaRequest, call: CallContext): AsyncGenerator<csi.GetMetadataDeltaResponse> {
    const endpoint = await this.#holder(request.targetSnapshotId, call);
    yield* endpoint.client.snapshotMetadata.getMetadataDelta(request, call);
  }

  /** Where nobody has it, one that says so. */
  async #holder(snapshotId: string | undefined, call: CallContext): Promise<DriverEndpoint> {
    return (await this.#options.finder.snapshot(snapshotId, call)) ?? this.#options.endpoints[0];
  }
}
