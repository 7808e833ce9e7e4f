// Made by `npm run generate` from src/protocols/csi/facts/csi.json (CSI 1.13). Do not edit.
import type { CallContext } from '../call.ts';

/** Seconds and nanoseconds since the Unix epoch. */
export interface Timestamp {
  readonly seconds: bigint;
  readonly nanos: number;
}

export type PluginCapabilityServiceType = 'UNKNOWN' | 'CONTROLLER_SERVICE' | 'VOLUME_ACCESSIBILITY_CONSTRAINTS' | 'GROUP_CONTROLLER_SERVICE' | 'SNAPSHOT_METADATA_SERVICE';

export type PluginCapabilityVolumeExpansionType = 'UNKNOWN' | 'ONLINE' | 'OFFLINE';

export type VolumeCapabilityAccessModeMode = 'UNKNOWN' | 'SINGLE_NODE_WRITER' | 'SINGLE_NODE_READER_ONLY' | 'MULTI_NODE_READER_ONLY' | 'MULTI_NODE_SINGLE_WRITER' | 'MULTI_NODE_MULTI_WRITER' | 'SINGLE_NODE_SINGLE_WRITER' | 'SINGLE_NODE_MULTI_WRITER';

export type ControllerServiceCapabilityRPCType = 'UNKNOWN' | 'CREATE_DELETE_VOLUME' | 'PUBLISH_UNPUBLISH_VOLUME' | 'LIST_VOLUMES' | 'GET_CAPACITY' | 'CREATE_DELETE_SNAPSHOT' | 'LIST_SNAPSHOTS' | 'CLONE_VOLUME' | 'PUBLISH_READONLY' | 'EXPAND_VOLUME' | 'LIST_VOLUMES_PUBLISHED_NODES' | 'VOLUME_CONDITION' | 'GET_VOLUME' | 'SINGLE_NODE_MULTI_WRITER' | 'MODIFY_VOLUME' | 'GET_SNAPSHOT' | 'GET_VOLUME_HEALTH' | 'LIST_VOLUME_HEALTH';

export type VolumeUsageUnit = 'UNKNOWN' | 'BYTES' | 'INODES';

export type NodeServiceCapabilityRPCType = 'UNKNOWN' | 'STAGE_UNSTAGE_VOLUME' | 'GET_VOLUME_STATS' | 'EXPAND_VOLUME' | 'VOLUME_CONDITION' | 'SINGLE_NODE_MULTI_WRITER' | 'VOLUME_MOUNT_GROUP' | 'GET_VOLUME_HEALTH' | 'GET_STORAGE_HEALTH';

export type GroupControllerServiceCapabilityRPCType = 'UNKNOWN' | 'CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT';

export type BlockMetadataType = 'UNKNOWN' | 'FIXED_LENGTH' | 'VARIABLE_LENGTH';

export type VolumeHealthErrorType = 'UNKNOWN_VOLUME_HEALTH_TYPE' | 'DEGRADED' | 'INACCESSIBLE' | 'DATA_LOSS';

export type StorageHealthErrorType = 'UNKNOWN_STORAGE_HEALTH_ERROR_TYPE' | 'STORAGE_DEGRADED' | 'STORAGE_UNREACHABLE';

export type GetPluginInfoRequest = Readonly<Record<string, never>>;

export interface GetPluginInfoResponse {
  readonly name?: string | undefined;
  readonly vendorVersion?: string | undefined;
  readonly manifest?: Readonly<Record<string, string>> | undefined;
}

export type GetPluginCapabilitiesRequest = Readonly<Record<string, never>>;

export interface GetPluginCapabilitiesResponse {
  readonly capabilities?: readonly PluginCapability[] | undefined;
}

export interface PluginCapability {
  readonly service?: PluginCapabilityService | undefined;
  readonly volumeExpansion?: PluginCapabilityVolumeExpansion | undefined;
}

export interface PluginCapabilityService {
  readonly type?: PluginCapabilityServiceType | undefined;
}

export interface PluginCapabilityVolumeExpansion {
  readonly type?: PluginCapabilityVolumeExpansionType | undefined;
}

export type ProbeRequest = Readonly<Record<string, never>>;

export interface ProbeResponse {
  readonly ready?: boolean | undefined;
}

export interface CreateVolumeRequest {
  readonly name?: string | undefined;
  readonly capacityRange?: CapacityRange | undefined;
  readonly volumeCapabilities?: readonly VolumeCapability[] | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  readonly volumeContentSource?: VolumeContentSource | undefined;
  readonly accessibilityRequirements?: TopologyRequirement | undefined;
  readonly mutableParameters?: Readonly<Record<string, string>> | undefined;
}

export interface VolumeContentSource {
  readonly snapshot?: VolumeContentSourceSnapshotSource | undefined;
  readonly volume?: VolumeContentSourceVolumeSource | undefined;
}

export interface VolumeContentSourceSnapshotSource {
  readonly snapshotId?: string | undefined;
}

export interface VolumeContentSourceVolumeSource {
  readonly volumeId?: string | undefined;
}

export interface CreateVolumeResponse {
  readonly volume?: Volume | undefined;
}

export interface VolumeCapability {
  readonly block?: VolumeCapabilityBlockVolume | undefined;
  readonly mount?: VolumeCapabilityMountVolume | undefined;
  readonly accessMode?: VolumeCapabilityAccessMode | undefined;
}

export type VolumeCapabilityBlockVolume = Readonly<Record<string, never>>;

export interface VolumeCapabilityMountVolume {
  readonly fsType?: string | undefined;
  readonly mountFlags?: readonly string[] | undefined;
  readonly volumeMountGroup?: string | undefined;
}

export interface VolumeCapabilityAccessMode {
  readonly mode?: VolumeCapabilityAccessModeMode | undefined;
}

export interface CapacityRange {
  readonly requiredBytes?: bigint | undefined;
  readonly limitBytes?: bigint | undefined;
}

export interface Volume {
  readonly capacityBytes?: bigint | undefined;
  readonly volumeId?: string | undefined;
  readonly volumeContext?: Readonly<Record<string, string>> | undefined;
  readonly contentSource?: VolumeContentSource | undefined;
  readonly accessibleTopology?: readonly Topology[] | undefined;
}

export interface TopologyRequirement {
  readonly requisite?: readonly Topology[] | undefined;
  readonly preferred?: readonly Topology[] | undefined;
}

export interface Topology {
  readonly segments?: Readonly<Record<string, string>> | undefined;
}

export interface DeleteVolumeRequest {
  readonly volumeId?: string | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
}

export type DeleteVolumeResponse = Readonly<Record<string, never>>;

export interface ControllerPublishVolumeRequest {
  readonly volumeId?: string | undefined;
  readonly nodeId?: string | undefined;
  readonly volumeCapability?: VolumeCapability | undefined;
  readonly readonly?: boolean | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  readonly volumeContext?: Readonly<Record<string, string>> | undefined;
}

export interface ControllerPublishVolumeResponse {
  readonly publishContext?: Readonly<Record<string, string>> | undefined;
}

export interface ControllerUnpublishVolumeRequest {
  readonly volumeId?: string | undefined;
  readonly nodeId?: string | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
}

export type ControllerUnpublishVolumeResponse = Readonly<Record<string, never>>;

export interface ValidateVolumeCapabilitiesRequest {
  readonly volumeId?: string | undefined;
  readonly volumeContext?: Readonly<Record<string, string>> | undefined;
  readonly volumeCapabilities?: readonly VolumeCapability[] | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  readonly mutableParameters?: Readonly<Record<string, string>> | undefined;
}

export interface ValidateVolumeCapabilitiesResponse {
  readonly confirmed?: ValidateVolumeCapabilitiesResponseConfirmed | undefined;
  readonly message?: string | undefined;
}

export interface ValidateVolumeCapabilitiesResponseConfirmed {
  readonly volumeContext?: Readonly<Record<string, string>> | undefined;
  readonly volumeCapabilities?: readonly VolumeCapability[] | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly mutableParameters?: Readonly<Record<string, string>> | undefined;
}

export interface ListVolumesRequest {
  readonly maxEntries?: number | undefined;
  readonly startingToken?: string | undefined;
}

export interface ListVolumesResponse {
  readonly entries?: readonly ListVolumesResponseEntry[] | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListVolumesResponseVolumeStatus {
  readonly publishedNodeIds?: readonly string[] | undefined;
  readonly volumeCondition?: VolumeCondition | undefined;
}

export interface ListVolumesResponseEntry {
  readonly volume?: Volume | undefined;
  readonly status?: ListVolumesResponseVolumeStatus | undefined;
}

export interface ControllerGetVolumeRequest {
  readonly volumeId?: string | undefined;
}

export interface ControllerGetVolumeResponse {
  readonly volume?: Volume | undefined;
  readonly status?: ControllerGetVolumeResponseVolumeStatus | undefined;
}

export interface ControllerGetVolumeResponseVolumeStatus {
  readonly publishedNodeIds?: readonly string[] | undefined;
  readonly volumeCondition?: VolumeCondition | undefined;
}

export interface ControllerModifyVolumeRequest {
  readonly volumeId?: string | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  readonly mutableParameters?: Readonly<Record<string, string>> | undefined;
}

export type ControllerModifyVolumeResponse = Readonly<Record<string, never>>;

export interface GetCapacityRequest {
  readonly volumeCapabilities?: readonly VolumeCapability[] | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
  readonly accessibleTopology?: Topology | undefined;
}

export interface GetCapacityResponse {
  readonly availableCapacity?: bigint | undefined;
  readonly maximumVolumeSize?: bigint | undefined;
  readonly minimumVolumeSize?: bigint | undefined;
}

export type ControllerGetCapabilitiesRequest = Readonly<Record<string, never>>;

export interface ControllerGetCapabilitiesResponse {
  readonly capabilities?: readonly ControllerServiceCapability[] | undefined;
}

export interface ControllerServiceCapability {
  readonly rpc?: ControllerServiceCapabilityRPC | undefined;
}

export interface ControllerServiceCapabilityRPC {
  readonly type?: ControllerServiceCapabilityRPCType | undefined;
}

export interface CreateSnapshotRequest {
  readonly sourceVolumeId?: string | undefined;
  readonly name?: string | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

export interface CreateSnapshotResponse {
  readonly snapshot?: Snapshot | undefined;
}

export interface Snapshot {
  readonly sizeBytes?: bigint | undefined;
  readonly snapshotId?: string | undefined;
  readonly sourceVolumeId?: string | undefined;
  readonly creationTime?: Timestamp | undefined;
  readonly readyToUse?: boolean | undefined;
  readonly groupSnapshotId?: string | undefined;
}

export interface DeleteSnapshotRequest {
  readonly snapshotId?: string | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
}

export type DeleteSnapshotResponse = Readonly<Record<string, never>>;

export interface ListSnapshotsRequest {
  readonly maxEntries?: number | undefined;
  readonly startingToken?: string | undefined;
  readonly sourceVolumeId?: string | undefined;
  readonly snapshotId?: string | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
}

export interface ListSnapshotsResponse {
  readonly entries?: readonly ListSnapshotsResponseEntry[] | undefined;
  readonly nextToken?: string | undefined;
}

export interface ListSnapshotsResponseEntry {
  readonly snapshot?: Snapshot | undefined;
}

export interface GetSnapshotRequest {
  readonly snapshotId?: string | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
}

export interface GetSnapshotResponse {
  readonly snapshot?: Snapshot | undefined;
}

export interface ControllerExpandVolumeRequest {
  readonly volumeId?: string | undefined;
  readonly capacityRange?: CapacityRange | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  readonly volumeCapability?: VolumeCapability | undefined;
}

export interface ControllerExpandVolumeResponse {
  readonly capacityBytes?: bigint | undefined;
  readonly nodeExpansionRequired?: boolean | undefined;
}

export interface NodeStageVolumeRequest {
  readonly volumeId?: string | undefined;
  readonly publishContext?: Readonly<Record<string, string>> | undefined;
  readonly stagingTargetPath?: string | undefined;
  readonly volumeCapability?: VolumeCapability | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  readonly volumeContext?: Readonly<Record<string, string>> | undefined;
}

export type NodeStageVolumeResponse = Readonly<Record<string, never>>;

export interface NodeUnstageVolumeRequest {
  readonly volumeId?: string | undefined;
  readonly stagingTargetPath?: string | undefined;
}

export type NodeUnstageVolumeResponse = Readonly<Record<string, never>>;

export interface NodePublishVolumeRequest {
  readonly volumeId?: string | undefined;
  readonly publishContext?: Readonly<Record<string, string>> | undefined;
  readonly stagingTargetPath?: string | undefined;
  readonly targetPath?: string | undefined;
  readonly volumeCapability?: VolumeCapability | undefined;
  readonly readonly?: boolean | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  readonly volumeContext?: Readonly<Record<string, string>> | undefined;
}

export type NodePublishVolumeResponse = Readonly<Record<string, never>>;

export interface NodeUnpublishVolumeRequest {
  readonly volumeId?: string | undefined;
  readonly targetPath?: string | undefined;
}

export type NodeUnpublishVolumeResponse = Readonly<Record<string, never>>;

export interface NodeGetVolumeStatsRequest {
  readonly volumeId?: string | undefined;
  readonly volumePath?: string | undefined;
  readonly stagingTargetPath?: string | undefined;
}

export interface NodeGetVolumeStatsResponse {
  readonly usage?: readonly VolumeUsage[] | undefined;
  readonly volumeCondition?: VolumeCondition | undefined;
}

export interface VolumeUsage {
  readonly available?: bigint | undefined;
  readonly total?: bigint | undefined;
  readonly used?: bigint | undefined;
  readonly unit?: VolumeUsageUnit | undefined;
}

export interface VolumeCondition {
  readonly abnormal?: boolean | undefined;
  readonly message?: string | undefined;
}

export type NodeGetCapabilitiesRequest = Readonly<Record<string, never>>;

export interface NodeGetCapabilitiesResponse {
  readonly capabilities?: readonly NodeServiceCapability[] | undefined;
}

export interface NodeServiceCapability {
  readonly rpc?: NodeServiceCapabilityRPC | undefined;
}

export interface NodeServiceCapabilityRPC {
  readonly type?: NodeServiceCapabilityRPCType | undefined;
}

export type NodeGetInfoRequest = Readonly<Record<string, never>>;

export interface NodeGetInfoResponse {
  readonly nodeId?: string | undefined;
  readonly maxVolumesPerNode?: bigint | undefined;
  readonly accessibleTopology?: Topology | undefined;
}

export interface NodeExpandVolumeRequest {
  readonly volumeId?: string | undefined;
  readonly volumePath?: string | undefined;
  readonly capacityRange?: CapacityRange | undefined;
  readonly stagingTargetPath?: string | undefined;
  readonly volumeCapability?: VolumeCapability | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
}

export interface NodeExpandVolumeResponse {
  readonly capacityBytes?: bigint | undefined;
}

export type GroupControllerGetCapabilitiesRequest = Readonly<Record<string, never>>;

export interface GroupControllerGetCapabilitiesResponse {
  readonly capabilities?: readonly GroupControllerServiceCapability[] | undefined;
}

export interface GroupControllerServiceCapability {
  readonly rpc?: GroupControllerServiceCapabilityRPC | undefined;
}

export interface GroupControllerServiceCapabilityRPC {
  readonly type?: GroupControllerServiceCapabilityRPCType | undefined;
}

export interface CreateVolumeGroupSnapshotRequest {
  readonly name?: string | undefined;
  readonly sourceVolumeIds?: readonly string[] | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  readonly parameters?: Readonly<Record<string, string>> | undefined;
}

export interface CreateVolumeGroupSnapshotResponse {
  readonly groupSnapshot?: VolumeGroupSnapshot | undefined;
}

export interface VolumeGroupSnapshot {
  readonly groupSnapshotId?: string | undefined;
  readonly snapshots?: readonly Snapshot[] | undefined;
  readonly creationTime?: Timestamp | undefined;
  readonly readyToUse?: boolean | undefined;
}

export interface DeleteVolumeGroupSnapshotRequest {
  readonly groupSnapshotId?: string | undefined;
  readonly snapshotIds?: readonly string[] | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
}

export type DeleteVolumeGroupSnapshotResponse = Readonly<Record<string, never>>;

export interface GetVolumeGroupSnapshotRequest {
  readonly groupSnapshotId?: string | undefined;
  readonly snapshotIds?: readonly string[] | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
}

export interface GetVolumeGroupSnapshotResponse {
  readonly groupSnapshot?: VolumeGroupSnapshot | undefined;
}

export interface BlockMetadata {
  readonly byteOffset?: bigint | undefined;
  readonly sizeBytes?: bigint | undefined;
}

export interface GetMetadataAllocatedRequest {
  readonly snapshotId?: string | undefined;
  readonly startingOffset?: bigint | undefined;
  readonly maxResults?: number | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
}

export interface GetMetadataAllocatedResponse {
  readonly blockMetadataType?: BlockMetadataType | undefined;
  readonly volumeCapacityBytes?: bigint | undefined;
  readonly blockMetadata?: readonly BlockMetadata[] | undefined;
}

export interface GetMetadataDeltaRequest {
  readonly baseSnapshotId?: string | undefined;
  readonly targetSnapshotId?: string | undefined;
  readonly startingOffset?: bigint | undefined;
  readonly maxResults?: number | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
}

export interface GetMetadataDeltaResponse {
  readonly blockMetadataType?: BlockMetadataType | undefined;
  readonly volumeCapacityBytes?: bigint | undefined;
  readonly blockMetadata?: readonly BlockMetadata[] | undefined;
}

export interface ControllerListVolumeHealthRequest {
  readonly maxEntries?: number | undefined;
  readonly startingToken?: string | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
}

export interface ControllerListVolumeHealthResponse {
  readonly entries?: readonly VolumeHealth[] | undefined;
  readonly nextToken?: string | undefined;
}

export interface VolumeHealth {
  readonly volumeId?: string | undefined;
  readonly healthStatuses?: readonly VolumeHealthVolumeHealthEntry[] | undefined;
}

export interface VolumeHealthVolumeHealthEntry {
  readonly status?: VolumeHealthErrorType | undefined;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
}

export interface ControllerGetVolumeHealthRequest {
  readonly volumeId?: string | undefined;
  readonly secrets?: Readonly<Record<string, string>> | undefined;
}

export interface ControllerGetVolumeHealthResponse {
  readonly volumeHealth?: VolumeHealth | undefined;
}

export interface NodeGetVolumeHealthRequest {
  readonly volumeId?: string | undefined;
  readonly volumePublishPath?: string | undefined;
  readonly stagingTargetPath?: string | undefined;
}

export interface NodeGetVolumeHealthResponse {
  readonly volumeHealth?: VolumeHealth | undefined;
}

export interface NodeGetStorageHealthRequest {
  readonly secrets?: Readonly<Record<string, string>> | undefined;
}

export interface NodeGetStorageHealthResponse {
  readonly backendHealth?: readonly NodeGetStorageHealthResponseStorageBackendHealth[] | undefined;
}

export interface NodeGetStorageHealthResponseStorageBackendHealth {
  readonly status?: StorageHealthErrorType | undefined;
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly volumeCapability?: VolumeCapability | undefined;
}

export interface IdentityService {
  getPluginInfo(request: GetPluginInfoRequest, call: CallContext): Promise<GetPluginInfoResponse>;
  getPluginCapabilities(request: GetPluginCapabilitiesRequest, call: CallContext): Promise<GetPluginCapabilitiesResponse>;
  probe(request: ProbeRequest, call: CallContext): Promise<ProbeResponse>;
}

export interface ControllerService {
  createVolume(request: CreateVolumeRequest, call: CallContext): Promise<CreateVolumeResponse>;
  deleteVolume(request: DeleteVolumeRequest, call: CallContext): Promise<DeleteVolumeResponse>;
  controllerPublishVolume(request: ControllerPublishVolumeRequest, call: CallContext): Promise<ControllerPublishVolumeResponse>;
  controllerUnpublishVolume(request: ControllerUnpublishVolumeRequest, call: CallContext): Promise<ControllerUnpublishVolumeResponse>;
  validateVolumeCapabilities(request: ValidateVolumeCapabilitiesRequest, call: CallContext): Promise<ValidateVolumeCapabilitiesResponse>;
  listVolumes(request: ListVolumesRequest, call: CallContext): Promise<ListVolumesResponse>;
  getCapacity(request: GetCapacityRequest, call: CallContext): Promise<GetCapacityResponse>;
  controllerGetCapabilities(request: ControllerGetCapabilitiesRequest, call: CallContext): Promise<ControllerGetCapabilitiesResponse>;
  createSnapshot(request: CreateSnapshotRequest, call: CallContext): Promise<CreateSnapshotResponse>;
  deleteSnapshot(request: DeleteSnapshotRequest, call: CallContext): Promise<DeleteSnapshotResponse>;
  listSnapshots(request: ListSnapshotsRequest, call: CallContext): Promise<ListSnapshotsResponse>;
  getSnapshot(request: GetSnapshotRequest, call: CallContext): Promise<GetSnapshotResponse>;
  controllerExpandVolume(request: ControllerExpandVolumeRequest, call: CallContext): Promise<ControllerExpandVolumeResponse>;
  controllerGetVolume(request: ControllerGetVolumeRequest, call: CallContext): Promise<ControllerGetVolumeResponse>;
  controllerModifyVolume(request: ControllerModifyVolumeRequest, call: CallContext): Promise<ControllerModifyVolumeResponse>;
  controllerListVolumeHealth(request: ControllerListVolumeHealthRequest, call: CallContext): Promise<ControllerListVolumeHealthResponse>;
  controllerGetVolumeHealth(request: ControllerGetVolumeHealthRequest, call: CallContext): Promise<ControllerGetVolumeHealthResponse>;
}

export interface GroupControllerService {
  groupControllerGetCapabilities(request: GroupControllerGetCapabilitiesRequest, call: CallContext): Promise<GroupControllerGetCapabilitiesResponse>;
  createVolumeGroupSnapshot(request: CreateVolumeGroupSnapshotRequest, call: CallContext): Promise<CreateVolumeGroupSnapshotResponse>;
  deleteVolumeGroupSnapshot(request: DeleteVolumeGroupSnapshotRequest, call: CallContext): Promise<DeleteVolumeGroupSnapshotResponse>;
  getVolumeGroupSnapshot(request: GetVolumeGroupSnapshotRequest, call: CallContext): Promise<GetVolumeGroupSnapshotResponse>;
}

export interface SnapshotMetadataService {
  getMetadataAllocated(request: GetMetadataAllocatedRequest, call: CallContext): AsyncIterable<GetMetadataAllocatedResponse>;
  getMetadataDelta(request: GetMetadataDeltaRequest, call: CallContext): AsyncIterable<GetMetadataDeltaResponse>;
}

export interface NodeService {
  nodeStageVolume(request: NodeStageVolumeRequest, call: CallContext): Promise<NodeStageVolumeResponse>;
  nodeUnstageVolume(request: NodeUnstageVolumeRequest, call: CallContext): Promise<NodeUnstageVolumeResponse>;
  nodePublishVolume(request: NodePublishVolumeRequest, call: CallContext): Promise<NodePublishVolumeResponse>;
  nodeUnpublishVolume(request: NodeUnpublishVolumeRequest, call: CallContext): Promise<NodeUnpublishVolumeResponse>;
  nodeGetVolumeStats(request: NodeGetVolumeStatsRequest, call: CallContext): Promise<NodeGetVolumeStatsResponse>;
  nodeExpandVolume(request: NodeExpandVolumeRequest, call: CallContext): Promise<NodeExpandVolumeResponse>;
  nodeGetCapabilities(request: NodeGetCapabilitiesRequest, call: CallContext): Promise<NodeGetCapabilitiesResponse>;
  nodeGetInfo(request: NodeGetInfoRequest, call: CallContext): Promise<NodeGetInfoResponse>;
  nodeGetVolumeHealth(request: NodeGetVolumeHealthRequest, call: CallContext): Promise<NodeGetVolumeHealthResponse>;
  nodeGetStorageHealth(request: NodeGetStorageHealthRequest, call: CallContext): Promise<NodeGetStorageHealthResponse>;
}
