import { PlatformError } from '#kit/errors.ts';
import type { CallContext } from './call.ts';
import type * as csi from './generated/messages.ts';

/** The driver does not have this RPC, and its capabilities say so. */
export class MethodUnimplemented extends PlatformError {
  constructor(method: string) {
    super({
      code: 'Unimplemented',
      reason: 'MethodUnimplemented',
      message: `this driver does not implement ${method}`,
      details: { method },
    });
  }
}

/**
 * Refuses every RPC of the controller service; a driver extends it and overrides what its ControllerGetCapabilities claims
 * (the pattern of grpc-go's `UnimplementedControllerServer`), so that a new RPC of the specification is refused rather than missing.
 */
export class UnimplementedController implements csi.ControllerService {
  createVolume(_request: csi.CreateVolumeRequest, _call: CallContext): Promise<csi.CreateVolumeResponse> {
    return refuse('CreateVolume');
  }

  deleteVolume(_request: csi.DeleteVolumeRequest, _call: CallContext): Promise<csi.DeleteVolumeResponse> {
    return refuse('DeleteVolume');
  }

  controllerPublishVolume(_request: csi.ControllerPublishVolumeRequest, _call: CallContext): Promise<csi.ControllerPublishVolumeResponse> {
    return refuse('ControllerPublishVolume');
  }

  controllerUnpublishVolume(
    _request: csi.ControllerUnpublishVolumeRequest,
    _call: CallContext,
  ): Promise<csi.ControllerUnpublishVolumeResponse> {
    return refuse('ControllerUnpublishVolume');
  }

  validateVolumeCapabilities(
    _request: csi.ValidateVolumeCapabilitiesRequest,
    _call: CallContext,
  ): Promise<csi.ValidateVolumeCapabilitiesResponse> {
    return refuse('ValidateVolumeCapabilities');
  }

  listVolumes(_request: csi.ListVolumesRequest, _call: CallContext): Promise<csi.ListVolumesResponse> {
    return refuse('ListVolumes');
  }

  getCapacity(_request: csi.GetCapacityRequest, _call: CallContext): Promise<csi.GetCapacityResponse> {
    return refuse('GetCapacity');
  }

  controllerGetCapabilities(
    _request: csi.ControllerGetCapabilitiesRequest,
    _call: CallContext,
  ): Promise<csi.ControllerGetCapabilitiesResponse> {
    return refuse('ControllerGetCapabilities');
  }

  createSnapshot(_request: csi.CreateSnapshotRequest, _call: CallContext): Promise<csi.CreateSnapshotResponse> {
    return refuse('CreateSnapshot');
  }

  deleteSnapshot(_request: csi.DeleteSnapshotRequest, _call: CallContext): Promise<csi.DeleteSnapshotResponse> {
    return refuse('DeleteSnapshot');
  }

  listSnapshots(_request: csi.ListSnapshotsRequest, _call: CallContext): Promise<csi.ListSnapshotsResponse> {
    return refuse('ListSnapshots');
  }

  getSnapshot(_request: csi.GetSnapshotRequest, _call: CallContext): Promise<csi.GetSnapshotResponse> {
    return refuse('GetSnapshot');
  }

  controllerExpandVolume(_request: csi.ControllerExpandVolumeRequest, _call: CallContext): Promise<csi.ControllerExpandVolumeResponse> {
    return refuse('ControllerExpandVolume');
  }

  controllerGetVolume(_request: csi.ControllerGetVolumeRequest, _call: CallContext): Promise<csi.ControllerGetVolumeResponse> {
    return refuse('ControllerGetVolume');
  }

  controllerModifyVolume(_request: csi.ControllerModifyVolumeRequest, _call: CallContext): Promise<csi.ControllerModifyVolumeResponse> {
    return refuse('ControllerModifyVolume');
  }

  controllerListVolumeHealth(
    _request: csi.ControllerListVolumeHealthRequest,
    _call: CallContext,
  ): Promise<csi.ControllerListVolumeHealthResponse> {
    return refuse('ControllerListVolumeHealth');
  }

  controllerGetVolumeHealth(
    _request: csi.ControllerGetVolumeHealthRequest,
    _call: CallContext,
  ): Promise<csi.ControllerGetVolumeHealthResponse> {
    return refuse('ControllerGetVolumeHealth');
  }
}

/** Refuses every RPC of the node service; see {@link UnimplementedController}. */
export class UnimplementedNode implements csi.NodeService {
  nodeStageVolume(_request: csi.NodeStageVolumeRequest, _call: CallContext): Promise<csi.NodeStageVolumeResponse> {
    return refuse('NodeStageVolume');
  }

  nodeUnstageVolume(_request: csi.NodeUnstageVolumeRequest, _call: CallContext): Promise<csi.NodeUnstageVolumeResponse> {
    return refuse('NodeUnstageVolume');
  }

  nodePublishVolume(_request: csi.NodePublishVolumeRequest, _call: CallContext): Promise<csi.NodePublishVolumeResponse> {
    return refuse('NodePublishVolume');
  }

  nodeUnpublishVolume(_request: csi.NodeUnpublishVolumeRequest, _call: CallContext): Promise<csi.NodeUnpublishVolumeResponse> {
    return refuse('NodeUnpublishVolume');
  }

  nodeGetVolumeStats(_request: csi.NodeGetVolumeStatsRequest, _call: CallContext): Promise<csi.NodeGetVolumeStatsResponse> {
    return refuse('NodeGetVolumeStats');
  }

  nodeExpandVolume(_request: csi.NodeExpandVolumeRequest, _call: CallContext): Promise<csi.NodeExpandVolumeResponse> {
    return refuse('NodeExpandVolume');
  }

  nodeGetCapabilities(_request: csi.NodeGetCapabilitiesRequest, _call: CallContext): Promise<csi.NodeGetCapabilitiesResponse> {
    return refuse('NodeGetCapabilities');
  }

  nodeGetInfo(_request: csi.NodeGetInfoRequest, _call: CallContext): Promise<csi.NodeGetInfoResponse> {
    return refuse('NodeGetInfo');
  }

  nodeGetVolumeHealth(_request: csi.NodeGetVolumeHealthRequest, _call: CallContext): Promise<csi.NodeGetVolumeHealthResponse> {
    return refuse('NodeGetVolumeHealth');
  }

  nodeGetStorageHealth(_request: csi.NodeGetStorageHealthRequest, _call: CallContext): Promise<csi.NodeGetStorageHealthResponse> {
    return refuse('NodeGetStorageHealth');
  }
}

/**
 * Refuses every RPC of the group controller service; see {@link UnimplementedController}.
 * @public
 */
export class UnimplementedGroupController implements csi.GroupControllerService {
  groupControllerGetCapabilities(
    _request: csi.GroupControllerGetCapabilitiesRequest,
    _call: CallContext,
  ): Promise<csi.GroupControllerGetCapabilitiesResponse> {
    return refuse('GroupControllerGetCapabilities');
  }

  createVolumeGroupSnapshot(
    _request: csi.CreateVolumeGroupSnapshotRequest,
    _call: CallContext,
  ): Promise<csi.CreateVolumeGroupSnapshotResponse> {
    return refuse('CreateVolumeGroupSnapshot');
  }

  deleteVolumeGroupSnapshot(
    _request: csi.DeleteVolumeGroupSnapshotRequest,
    _call: CallContext,
  ): Promise<csi.DeleteVolumeGroupSnapshotResponse> {
    return refuse('DeleteVolumeGroupSnapshot');
  }

  getVolumeGroupSnapshot(_request: csi.GetVolumeGroupSnapshotRequest, _call: CallContext): Promise<csi.GetVolumeGroupSnapshotResponse> {
    return refuse('GetVolumeGroupSnapshot');
  }
}

/**
 * Refuses every RPC of the snapshot metadata service; see {@link UnimplementedController}.
 * @public
 */
export class UnimplementedSnapshotMetadata implements csi.SnapshotMetadataService {
  getMetadataAllocated(_request: csi.GetMetadataAllocatedRequest, _call: CallContext): AsyncIterable<csi.GetMetadataAllocatedResponse> {
    return refuseStream('GetMetadataAllocated');
  }

  getMetadataDelta(_request: csi.GetMetadataDeltaRequest, _call: CallContext): AsyncIterable<csi.GetMetadataDeltaResponse> {
    return refuseStream('GetMetadataDelta');
  }
}

// oxlint-disable-next-line require-yield -- a stream that ends before its first message
async function* refuseStream(method: string): AsyncGenerator<never> {
  throw new MethodUnimplemented(method);
}

function refuse(method: string): Promise<never> {
  return Promise.reject(new MethodUnimplemented(method));
}
