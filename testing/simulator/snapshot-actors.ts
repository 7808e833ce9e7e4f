import { volumeGroupSnapshotClasses, volumeGroupSnapshots, volumeSnapshotClasses, volumeSnapshots } from '#api/generated/definitions.ts';
import { DRIVER_NAME } from '#drivers/local/identity.ts';
import { assertNever } from '#kit/assert-never.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import { NAMESPACE } from './set-actors.ts';
import type { ClassName, SnapshotDriver, Step } from './step.ts';
import { NET_DRIVER } from './world.ts';

/** What is asked for of snapshots. */
type SnapshotStep = Extract<
  Step,
  { do: 'takeSnapshot' | 'deleteSnapshot' | 'deleteSnapshotClass' | 'takeGroup' | 'deleteGroup' | 'deleteGroupClass' }
>;

/** How a claim names a snapshot. */
export const SNAPSHOT_SOURCE = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot' } as const;

/** Labels of claims by their class: of those whose volumes are made at once, which driver makes them. */
export const GROUP_LABELS: Readonly<Partial<Record<ClassName, { readonly driver: SnapshotDriver }>>> = {
  net: { driver: 'net' },
  spread: { driver: 'local' },
};

/** Asks for it as a user; a class is made when it is needed. */
export async function requestOfSnapshot(users: Client, step: SnapshotStep): Promise<unknown> {
  switch (step.do) {
    case 'takeSnapshot':
      await ensureSnapshotClass(users, step.driver);
      return users.create(volumeSnapshots, {
        metadata: { name: step.name, namespace: NAMESPACE },
        spec: { source: { persistentVolumeClaimName: step.claim }, volumeSnapshotClassName: step.driver },
      });
    case 'deleteSnapshot':
      return users.delete(volumeSnapshots, { namespace: NAMESPACE, name: step.name });
    case 'deleteSnapshotClass':
      return users.delete(volumeSnapshotClasses, { namespace: '', name: step.driver });
    case 'takeGroup':
      await ensureGroupClass(users, step.driver);
      return users.create(volumeGroupSnapshots, {
        metadata: { name: step.name, namespace: NAMESPACE },
        spec: { source: { selector: { matchLabels: { driver: step.driver } } }, volumeGroupSnapshotClassName: step.driver },
      });
    case 'deleteGroup':
      return users.delete(volumeGroupSnapshots, { namespace: NAMESPACE, name: step.name });
    case 'deleteGroupClass':
      return users.delete(volumeGroupSnapshotClasses, { namespace: '', name: step.driver });
    default:
      return assertNever(step);
  }
}

/** @throws ApiError where the kind is not served, among others */
export async function ensureSnapshotClass(users: Client, name: SnapshotDriver): Promise<void> {
  await ifAbsent(users.create(volumeSnapshotClasses, { metadata: { name }, driver: driverOf(name), deletionPolicy: 'Delete' }));
}

/** @throws ApiError where the kind is not served, among others */
export async function ensureGroupClass(users: Client, name: SnapshotDriver): Promise<void> {
  await ifAbsent(users.create(volumeGroupSnapshotClasses, { metadata: { name }, driver: driverOf(name), deletionPolicy: 'Delete' }));
}

function driverOf(name: SnapshotDriver): string {
  return name === 'local' ? DRIVER_NAME : NET_DRIVER;
}

async function ifAbsent(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (thrown) {
    if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
  }
}
