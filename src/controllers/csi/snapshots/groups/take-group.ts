import type { VolumeGroupSnapshotClass, VolumeGroupSnapshotContent } from '#api/generated/definitions.ts';
import { GROUP_DELETION_SECRET_NAME, GROUP_DELETION_SECRET_NAMESPACE, groupNameAtDriver } from '#api/storage/group-snapshot.ts';
import type { CallContext } from '#protocols/csi/call.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { GroupControllerServiceCapabilityRPCType, VolumeGroupSnapshot } from '#protocols/csi/generated/messages.ts';
import { orNothing } from '../../driver-work/driver-capabilities.ts';
import { WorkRefused } from '../../driver-work/failure.ts';
import type { DriverOrder, Request, Sending, Work } from '../../driver-work/steps.ts';
import { type SnapshotParameters, sortSnapshotParameters } from '../parameters.ts';
import { needOf, refusal, refused, unusable } from '../refusals.ts';
import type { GroupHandles } from './group-content-plan.ts';

/** A content whose driver is to do something, as it was planned. */
export interface GroupContentOrder extends DriverOrder {
  readonly content: VolumeGroupSnapshotContent;
  /** The class that the content names, where it is there. */
  readonly groupClass: VolumeGroupSnapshotClass | undefined;
  /** It was asked for before, and nobody heard how that ended. */
  readonly isAgain?: boolean;
}

type Capabilities = ReadonlySet<GroupControllerServiceCapabilityRPCType>;

/** Taking a group at its driver. */
export interface TakingGroupWork extends Work {
  readonly order: GroupContentOrder & { readonly volumeIds: readonly string[] };
  readonly capabilities: Capabilities;
  readonly message: {
    readonly name: string;
    readonly sourceVolumeIds: readonly string[];
    readonly parameters: Readonly<Record<string, string>>;
  };
  readonly answer: VolumeGroupSnapshot;
}

/** Looking for a group at its driver. */
export interface LookingForGroupWork extends Work {
  readonly order: GroupContentOrder & { readonly handles: GroupHandles };
  readonly capabilities: Capabilities;
  readonly message: { readonly groupSnapshotId: string; readonly snapshotIds: readonly string[] };
  readonly answer: VolumeGroupSnapshot;
}

/** Deleting a group at its driver. */
export interface GroupDeletionWork extends Work {
  readonly order: GroupContentOrder & { readonly handles: GroupHandles };
  readonly capabilities: undefined;
  readonly message: { readonly groupSnapshotId: string; readonly snapshotIds: readonly string[] };
  readonly answer: undefined;
}

/** What the group controller service of `driver` can do; nothing where it has none. @throws PlatformError what the driver answers */
export async function askGroupController(driver: CsiClient, call: CallContext): Promise<Capabilities> {
  const { capabilities = [] } = await orNothing(driver.groupController.groupControllerGetCapabilities({}, call));
  return new Set(capabilities.flatMap(({ rpc }) => (rpc?.type === undefined ? [] : [rpc.type])));
}

/** CreateVolumeGroupSnapshot without its secret, or why this driver can't be asked. Pure. */
export function requestTakingGroup(order: TakingGroupWork['order'], capabilities: Capabilities): Request<TakingGroupWork> {
  const { content, volumeIds } = order;
  const problem = whyNotAsked(order, capabilities);
  if (problem !== undefined) return refused(problem);
  const parameters = parametersOf(order);
  if (parameters instanceof WorkRefused) return { kind: 'refused', error: parameters };
  const name = groupNameAtDriver(content.spec.volumeGroupSnapshotRef.uid ?? '');
  const message = { name, sourceVolumeIds: volumeIds, parameters: parameters.forDriver };
  return { kind: 'send', message, secret: needOf(parameters.secrets.take) };
}

function whyNotAsked({ driverName, content, groupClass }: GroupContentOrder, capabilities: Capabilities): string | undefined {
  if (!capabilities.has('CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT'))
    return `the CSI driver ${JSON.stringify(driverName)} takes no groups of snapshots (no CREATE_DELETE_GET_VOLUME_GROUP_SNAPSHOT): take a VolumeSnapshot of each claim, or use a class of another driver`;
  const className = content.spec.volumeGroupSnapshotClassName;
  if (className === undefined || groupClass !== undefined) return undefined;
  return `VolumeGroupSnapshotClass ${JSON.stringify(className)} does not exist: create it again as it was`;
}

/** @throws PlatformError what the driver answers, or that it is unusable */
export async function takeGroup(
  _order: TakingGroupWork['order'],
  { driver, message, secrets, call }: Sending<TakingGroupWork>,
): Promise<VolumeGroupSnapshot> {
  const sent = { ...message, ...(secrets === undefined ? {} : { secrets }) };
  const { groupSnapshot } = await driver.groupController.createVolumeGroupSnapshot(sent, call);
  if (groupSnapshot?.groupSnapshotId === undefined || groupSnapshot.groupSnapshotId === '')
    throw unusable('the driver has taken a group of snapshots and does not say which');
  return groupSnapshot;
}

/** How a group is looked for. Pure. */
export function requestGroupLook(order: LookingForGroupWork['order'], capabilities: Capabilities): Request<LookingForGroupWork> {
  const { groupId, snapshotIds } = order.handles;
  const problem = whyNotAsked(order, capabilities);
  if (problem !== undefined) return refused(problem);
  const parameters = parametersOf(order);
  if (parameters instanceof WorkRefused) return { kind: 'refused', error: parameters };
  return { kind: 'send', message: { groupSnapshotId: groupId, snapshotIds }, secret: needOf(parameters.secrets.list) };
}

/** @throws PlatformError what the driver answers, or that it knows none */
export async function lookForGroup(
  _order: LookingForGroupWork['order'],
  { driver, message, secrets, call }: Sending<LookingForGroupWork>,
): Promise<VolumeGroupSnapshot> {
  const asked = { ...message, ...(secrets === undefined ? {} : { secrets }) };
  const { groupSnapshot } = await driver.groupController.getVolumeGroupSnapshot(asked, call);
  if (groupSnapshot === undefined)
    throw refusal(
      `can not find group snapshot for ID ${message.groupSnapshotId}: correct spec.source.groupSnapshotHandles in a new content`,
    );
  return groupSnapshot;
}

/** DeleteVolumeGroupSnapshot with the secret that the annotations name; a missing one does not stop the deletion. Pure. */
export function requestGroupDeletion({ content, handles }: GroupDeletionWork['order']): Request<GroupDeletionWork> {
  const { annotations = {} } = content.metadata;
  const key = { namespace: annotations[GROUP_DELETION_SECRET_NAMESPACE] ?? '', name: annotations[GROUP_DELETION_SECRET_NAME] ?? '' };
  const secret = key.name === '' || key.namespace === '' ? undefined : { key, isOptional: true };
  return { kind: 'send', message: { groupSnapshotId: handles.groupId, snapshotIds: handles.snapshotIds }, secret };
}

/** DeleteVolumeGroupSnapshot, idempotent: what is gone is fine. @throws PlatformError what the driver answers */
export async function deleteGroup(
  _order: GroupDeletionWork['order'],
  { driver, message, secrets, call }: Sending<GroupDeletionWork>,
): Promise<undefined> {
  await driver.groupController.deleteVolumeGroupSnapshot({ ...message, ...(secrets === undefined ? {} : { secrets }) }, call);
}

function parametersOf({ content, groupClass }: GroupContentOrder): SnapshotParameters | WorkRefused {
  const { namespace = '', name = '' } = content.spec.volumeGroupSnapshotRef;
  const sorted = sortSnapshotParameters(groupClass, { kind: 'volumegroupsnapshot', content: content.metadata.name, namespace, name });
  return sorted.ok ? sorted.value : refusal(sorted.error);
}
