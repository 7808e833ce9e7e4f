import type { VolumeSnapshotClass, VolumeSnapshotContent } from '#api/generated/definitions.ts';
import { SNAPSHOT_DELETION_SECRET_NAME, SNAPSHOT_DELETION_SECRET_NAMESPACE, snapshotNameAtDriver } from '#api/storage/snapshot.ts';
import type { ControllerServiceCapabilityRPCType, Snapshot } from '#protocols/csi/generated/messages.ts';
import { WorkRefused } from '../driver-work/failure.ts';
import type { DriverOrder, Request, Sending, Work } from '../driver-work/steps.ts';
import { type SnapshotParameters, sortSnapshotParameters } from './parameters.ts';
import { needOf, refusal, refused, unusable } from './refusals.ts';

/** A content whose driver is to do something, as it was planned. */
export interface ContentOrder extends DriverOrder {
  readonly content: VolumeSnapshotContent;
  /** The class that the content names, where it is there. */
  readonly snapshotClass: VolumeSnapshotClass | undefined;
  /** It was asked for before, and nobody heard how that ended. */
  readonly isAgain?: boolean;
}

type Capabilities = ReadonlySet<ControllerServiceCapabilityRPCType>;

/** Taking a snapshot at its driver. */
export interface TakingWork extends Work {
  readonly order: ContentOrder & { readonly volumeId: string };
  readonly capabilities: Capabilities;
  readonly message: { readonly name: string; readonly sourceVolumeId: string; readonly parameters: Readonly<Record<string, string>> };
  readonly answer: Snapshot;
}

/** Looking for a snapshot at its driver. */
export interface LookingWork extends Work {
  readonly order: ContentOrder & { readonly snapshotId: string };
  readonly capabilities: Capabilities;
  readonly message: { readonly snapshotId: string; readonly by: 'get' | 'list' };
  readonly answer: Snapshot;
}

/** Deleting a snapshot at its driver. */
export interface SnapshotDeletionWork extends Work {
  readonly order: ContentOrder & { readonly snapshotId: string };
  readonly capabilities: undefined;
  readonly message: { readonly snapshotId: string };
  readonly answer: undefined;
}

/** CreateSnapshot without its secret, or why this driver can't be asked. Pure. */
export function requestTaking(order: TakingWork['order'], capabilities: Capabilities): Request<TakingWork> {
  const { driverName, content, volumeId } = order;
  if (!capabilities.has('CREATE_DELETE_SNAPSHOT'))
    return refused(
      `the CSI driver ${JSON.stringify(driverName)} takes no snapshots (no CREATE_DELETE_SNAPSHOT): copy the claim, or use a class of another driver`,
    );
  const className = content.spec.volumeSnapshotClassName;
  if (className !== undefined && order.snapshotClass === undefined)
    return refused(`VolumeSnapshotClass ${JSON.stringify(className)} does not exist: create it again as it was`);
  const parameters = parametersOf(order);
  if (!(parameters instanceof WorkRefused)) {
    const name = snapshotNameAtDriver(content.spec.volumeSnapshotRef.uid ?? '');
    const message = { name, sourceVolumeId: volumeId, parameters: parameters.forDriver };
    return { kind: 'send', message, secret: needOf(parameters.secrets.take) };
  }
  return { kind: 'refused', error: parameters };
}

/** @throws PlatformError what the driver answers, or that it is unusable */
export async function takeSnapshot(
  _order: TakingWork['order'],
  { driver, message, secrets, call }: Sending<TakingWork>,
): Promise<Snapshot> {
  const { snapshot } = await driver.controller.createSnapshot({ ...message, ...(secrets === undefined ? {} : { secrets }) }, call);
  if (snapshot?.snapshotId === undefined || snapshot.snapshotId === '')
    throw unusable('the driver has taken a snapshot and does not say which');
  return snapshot;
}

/** How a snapshot is looked for by this driver; one that can't look is taken at the content's word (external-snapshotter GetSnapshotStatus). Pure. */
export function requestLook(order: LookingWork['order'], capabilities: Capabilities): Request<LookingWork> {
  const { snapshotId } = order;
  const by = capabilities.has('GET_SNAPSHOT') ? 'get' : capabilities.has('LIST_SNAPSHOTS') ? 'list' : undefined;
  if (by === undefined) return { kind: 'answered', answer: { snapshotId, readyToUse: true } };
  const parameters = parametersOf(order);
  if (parameters instanceof WorkRefused) return { kind: 'refused', error: parameters };
  return { kind: 'send', message: { snapshotId, by }, secret: needOf(parameters.secrets.list) };
}

/** @throws PlatformError what the driver answers, or that it knows none */
export async function lookForSnapshot(
  _order: LookingWork['order'],
  { driver, message, secrets, call }: Sending<LookingWork>,
): Promise<Snapshot> {
  const { snapshotId, by } = message;
  const asked = { snapshotId, ...(secrets === undefined ? {} : { secrets }) };
  const found =
    by === 'get'
      ? (await driver.controller.getSnapshot(asked, call)).snapshot
      : (await driver.controller.listSnapshots(asked, call)).entries?.[0]?.snapshot;
  if (found === undefined)
    throw refusal(`can not find snapshot for snapshotID ${snapshotId}: correct spec.source.snapshotHandle in a new content`);
  return found;
}

/** DeleteSnapshot with the secret that the annotations name; a missing one does not stop the deletion, as it does not stop a volume's. Pure. */
export function requestSnapshotDeletion({ content, snapshotId }: SnapshotDeletionWork['order']): Request<SnapshotDeletionWork> {
  const { annotations = {} } = content.metadata;
  const key = { namespace: annotations[SNAPSHOT_DELETION_SECRET_NAMESPACE] ?? '', name: annotations[SNAPSHOT_DELETION_SECRET_NAME] ?? '' };
  const secret = key.name === '' || key.namespace === '' ? undefined : { key, isOptional: true };
  return { kind: 'send', message: { snapshotId }, secret };
}

/** DeleteSnapshot, idempotent: what is gone is fine. @throws PlatformError what the driver answers */
export async function deleteSnapshot(
  _order: SnapshotDeletionWork['order'],
  { driver, message, secrets, call }: Sending<SnapshotDeletionWork>,
): Promise<undefined> {
  await driver.controller.deleteSnapshot({ ...message, ...(secrets === undefined ? {} : { secrets }) }, call);
}

function parametersOf({ content, snapshotClass }: ContentOrder): SnapshotParameters | WorkRefused {
  const { namespace = '', name = '' } = content.spec.volumeSnapshotRef;
  const sorted = sortSnapshotParameters(snapshotClass, { kind: 'volumesnapshot', content: content.metadata.name, namespace, name });
  return sorted.ok ? sorted.value : refusal(sorted.error);
}
