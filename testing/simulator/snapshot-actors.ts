import { volumeSnapshotClasses, volumeSnapshots } from '#api/generated/definitions.ts';
import { DRIVER_NAME } from '#drivers/local/identity.ts';
import { assertNever } from '#kit/assert-never.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import { NAMESPACE } from './set-actors.ts';
import type { SnapshotDriver, Step } from './step.ts';
import { NET_DRIVER } from './world.ts';

/** What is asked for of snapshots. */
type SnapshotStep = Extract<Step, { do: 'takeSnapshot' | 'deleteSnapshot' | 'deleteSnapshotClass' }>;

/** How a claim names a snapshot. */
export const SNAPSHOT_SOURCE = { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot' } as const;

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
    default:
      return assertNever(step);
  }
}

/** @throws ApiError where the kind is not served, among others */
export async function ensureSnapshotClass(users: Client, name: SnapshotDriver): Promise<void> {
  const driver = name === 'local' ? DRIVER_NAME : NET_DRIVER;
  try {
    await users.create(volumeSnapshotClasses, { metadata: { name }, driver, deletionPolicy: 'Delete' });
  } catch (thrown) {
    if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
  }
}
