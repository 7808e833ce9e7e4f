import { hasCode } from '#kit/errors.ts';
import type { CallContext } from './call.ts';
import type * as csi from './generated/messages.ts';
import { OperationPending, type VolumeLocks } from './volume-locks.ts';

/** The ids that a driver gives to what it makes under a name; absent = the name. Only so does a creation wait for the deletion of the same thing. */
export interface IdsOfNames {
  readonly volumeIdOf?: (name: string) => string;
  readonly snapshotIdOf?: (name: string) => string;
  readonly groupIdOf?: (name: string) => string;
}

/**
 * A controller service whose changing calls run one at a time per volume: keyed by `volume_id`, CreateVolume by the id of its name and
 * what it copies, CreateSnapshot by the id of its name and its source, DeleteSnapshot by `snapshot_id`. Reading calls don't wait. Give all services of
 * a driver the same locks.
 */
export class LockedController implements csi.ControllerService {
  readonly #inner: csi.ControllerService;
  readonly #locks: VolumeLocks;
  readonly #ids: IdsOfNames;

  constructor(inner: csi.ControllerService, locks: VolumeLocks, ids: IdsOfNames = {}) {
    this.#inner = inner;
    this.#locks = locks;
    this.#ids = ids;
  }

  createVolume(request: csi.CreateVolumeRequest, call: CallContext): Promise<csi.CreateVolumeResponse> {
    const { snapshot, volume } = request.volumeContentSource ?? {};
    const keys = [keyOf(request.name, this.#ids.volumeIdOf), snapshot?.snapshotId, volume?.volumeId];
    return this.#locks.runAll(keys, call, () => this.#inner.createVolume(request, call));
  }

  deleteVolume(request: csi.DeleteVolumeRequest, call: CallContext): Promise<csi.DeleteVolumeResponse> {
    return this.#locks.run(request.volumeId ?? '', call, () => this.#inner.deleteVolume(request, call));
  }

  controllerPublishVolume(request: csi.ControllerPublishVolumeRequest, call: CallContext): Promise<csi.ControllerPublishVolumeResponse> {
    return this.#locks.run(request.volumeId ?? '', call, () => this.#inner.controllerPublishVolume(request, call));
  }

  controllerUnpublishVolume(
    request: csi.ControllerUnpublishVolumeRequest,
    call: CallContext,
  ): Promise<csi.ControllerUnpublishVolumeResponse> {
    return this.#locks.run(request.volumeId ?? '', call, () => this.#inner.controllerUnpublishVolume(request, call));
  }

  validateVolumeCapabilities(
    request: csi.ValidateVolumeCapabilitiesRequest,
    call: CallContext,
  ): Promise<csi.ValidateVolumeCapabilitiesResponse> {
    return this.#inner.validateVolumeCapabilities(request, call);
  }

  listVolumes(request: csi.ListVolumesRequest, call: CallContext): Promise<csi.ListVolumesResponse> {
    return this.#inner.listVolumes(request, call);
  }

  getCapacity(request: csi.GetCapacityRequest, call: CallContext): Promise<csi.GetCapacityResponse> {
    return this.#inner.getCapacity(request, call);
  }

  controllerGetCapabilities(
    request: csi.ControllerGetCapabilitiesRequest,
    call: CallContext,
  ): Promise<csi.ControllerGetCapabilitiesResponse> {
    return this.#inner.controllerGetCapabilities(request, call);
  }

  createSnapshot(request: csi.CreateSnapshotRequest, call: CallContext): Promise<csi.CreateSnapshotResponse> {
    const keys = [keyOf(request.name, this.#ids.snapshotIdOf), request.sourceVolumeId];
    return this.#locks.runAll(keys, call, () => this.#inner.createSnapshot(request, call));
  }

  deleteSnapshot(request: csi.DeleteSnapshotRequest, call: CallContext): Promise<csi.DeleteSnapshotResponse> {
    return this.#locks.run(request.snapshotId ?? '', call, () => this.#inner.deleteSnapshot(request, call));
  }

  listSnapshots(request: csi.ListSnapshotsRequest, call: CallContext): Promise<csi.ListSnapshotsResponse> {
    return this.#inner.listSnapshots(request, call);
  }

  getSnapshot(request: csi.GetSnapshotRequest, call: CallContext): Promise<csi.GetSnapshotResponse> {
    return this.#inner.getSnapshot(request, call);
  }

  controllerExpandVolume(request: csi.ControllerExpandVolumeRequest, call: CallContext): Promise<csi.ControllerExpandVolumeResponse> {
    return this.#locks.run(request.volumeId ?? '', call, () => this.#inner.controllerExpandVolume(request, call));
  }

  /**
   * Reads what is there. @throws OperationPending where it is not there and being made, or deleted: who looks for it, as the router of drivers, must
   * not take it for gone.
   */
  async controllerGetVolume(request: csi.ControllerGetVolumeRequest, call: CallContext): Promise<csi.ControllerGetVolumeResponse> {
    const { volumeId = '' } = request;
    // why before the look: what is made may be there, and its work over, by the time that the look has failed
    const wasBusy = this.#locks.isBusy(volumeId);
    try {
      return await this.#inner.controllerGetVolume(request, call);
    } catch (thrown) {
      if (wasBusy && hasCode(thrown, 'NotFound')) throw new OperationPending(volumeId, 'it is being made or deleted');
      throw thrown;
    }
  }

  controllerModifyVolume(request: csi.ControllerModifyVolumeRequest, call: CallContext): Promise<csi.ControllerModifyVolumeResponse> {
    return this.#locks.run(request.volumeId ?? '', call, () => this.#inner.controllerModifyVolume(request, call));
  }

  controllerListVolumeHealth(
    request: csi.ControllerListVolumeHealthRequest,
    call: CallContext,
  ): Promise<csi.ControllerListVolumeHealthResponse> {
    return this.#inner.controllerListVolumeHealth(request, call);
  }

  controllerGetVolumeHealth(
    request: csi.ControllerGetVolumeHealthRequest,
    call: CallContext,
  ): Promise<csi.ControllerGetVolumeHealthResponse> {
    return this.#inner.controllerGetVolumeHealth(request, call);
  }
}

/** A node service whose changing calls run one at a time per volume; see {@link LockedController}. */
export class LockedNode implements csi.NodeService {
  readonly #inner: csi.NodeService;
  readonly #locks: VolumeLocks;

  constructor(inner: csi.NodeService, locks: VolumeLocks) {
    this.#inner = inner;
    this.#locks = locks;
  }

  nodeStageVolume(request: csi.NodeStageVolumeRequest, call: CallContext): Promise<csi.NodeStageVolumeResponse> {
    return this.#locks.run(request.volumeId ?? '', call, () => this.#inner.nodeStageVolume(request, call));
  }

  nodeUnstageVolume(request: csi.NodeUnstageVolumeRequest, call: CallContext): Promise<csi.NodeUnstageVolumeResponse> {
    return this.#locks.run(request.volumeId ?? '', call, () => this.#inner.nodeUnstageVolume(request, call));
  }

  nodePublishVolume(request: csi.NodePublishVolumeRequest, call: CallContext): Promise<csi.NodePublishVolumeResponse> {
    return this.#locks.run(request.volumeId ?? '', call, () => this.#inner.nodePublishVolume(request, call));
  }

  nodeUnpublishVolume(request: csi.NodeUnpublishVolumeRequest, call: CallContext): Promise<csi.NodeUnpublishVolumeResponse> {
    return this.#locks.run(request.volumeId ?? '', call, () => this.#inner.nodeUnpublishVolume(request, call));
  }

  nodeGetVolumeStats(request: csi.NodeGetVolumeStatsRequest, call: CallContext): Promise<csi.NodeGetVolumeStatsResponse> {
    return this.#inner.nodeGetVolumeStats(request, call);
  }

  nodeExpandVolume(request: csi.NodeExpandVolumeRequest, call: CallContext): Promise<csi.NodeExpandVolumeResponse> {
    return this.#locks.run(request.volumeId ?? '', call, () => this.#inner.nodeExpandVolume(request, call));
  }

  nodeGetVolumeHealth(request: csi.NodeGetVolumeHealthRequest, call: CallContext): Promise<csi.NodeGetVolumeHealthResponse> {
    return this.#inner.nodeGetVolumeHealth(request, call);
  }

  nodeGetStorageHealth(request: csi.NodeGetStorageHealthRequest, call: CallContext): Promise<csi.NodeGetStorageHealthResponse> {
    return this.#inner.nodeGetStorageHealth(request, call);
  }

  nodeGetCapabilities(request: csi.NodeGetCapabilitiesRequest, call: CallContext): Promise<csi.NodeGetCapabilitiesResponse> {
    return this.#inner.nodeGetCapabilities(request, call);
  }

  nodeGetInfo(request: csi.NodeGetInfoRequest, call: CallContext): Promise<csi.NodeGetInfoResponse> {
    return this.#inner.nodeGetInfo(request, call);
  }
}

/** A group controller service whose changing calls hold all their volumes and snapshots; see {@link LockedController}. */
export class LockedGroupController implements csi.GroupControllerService {
  readonly #inner: csi.GroupControllerService;
  readonly #locks: VolumeLocks;
  readonly #ids: IdsOfNames;

  constructor(inner: csi.GroupControllerService, locks: VolumeLocks, ids: IdsOfNames = {}) {
    this.#inner = inner;
    this.#locks = locks;
    this.#ids = ids;
  }

  groupControllerGetCapabilities(
    request: csi.GroupControllerGetCapabilitiesRequest,
    call: CallContext,
  ): Promise<csi.GroupControllerGetCapabilitiesResponse> {
    return this.#inner.groupControllerGetCapabilities(request, call);
  }

  createVolumeGroupSnapshot(
    request: csi.CreateVolumeGroupSnapshotRequest,
    call: CallContext,
  ): Promise<csi.CreateVolumeGroupSnapshotResponse> {
    const keys = [keyOf(request.name, this.#ids.groupIdOf), ...(request.sourceVolumeIds ?? [])];
    return this.#locks.runAll(keys, call, () => this.#inner.createVolumeGroupSnapshot(request, call));
  }

  deleteVolumeGroupSnapshot(
    request: csi.DeleteVolumeGroupSnapshotRequest,
    call: CallContext,
  ): Promise<csi.DeleteVolumeGroupSnapshotResponse> {
    const keys = [request.groupSnapshotId, ...(request.snapshotIds ?? [])];
    return this.#locks.runAll(keys, call, () => this.#inner.deleteVolumeGroupSnapshot(request, call));
  }

  getVolumeGroupSnapshot(request: csi.GetVolumeGroupSnapshotRequest, call: CallContext): Promise<csi.GetVolumeGroupSnapshotResponse> {
    return this.#inner.getVolumeGroupSnapshot(request, call);
  }
}

function keyOf(name: string | undefined, idOf: ((name: string) => string) | undefined): string | undefined {
  return name === undefined || name === '' || idOf === undefined ? name : idOf(name);
}
