import { claimKeysOfPod } from '#api/claim-facts.ts';
import { type VolumeRollback, volumeRollbacks, type VolumeSnapshot, volumeSnapshots } from '#api/generated/definitions.ts';
import type { Node, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '#api/generated/kubernetes.ts';
import { formatKey, formatKeyOf, type KubeObject } from '#api/meta/object.ts';
import { nodes, persistentVolumeClaims, persistentVolumes, pods, storageClasses } from '#api/resources.ts';
import type { Metrics } from '#kit/metrics.ts';
import type { Informer } from '#machinery/client/informer.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, trigger } from '#machinery/runtime/controller.ts';
import { POD_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';
import { PhaseCounts } from '../claim-swap/phase-counts.ts';
import { ROLLBACK_INDEXES } from './indexes.ts';
import { reconcileRollback } from './reconcile.ts';
import type { RollbackView } from './view.ts';

const SNAPSHOT_GROUP_INDEX = {
  takenWith: (snapshot: VolumeSnapshot): readonly string[] => {
    const name = snapshot.status?.volumeGroupSnapshotName ?? '';
    return name === '' ? [] : [at(snapshot, name)];
  },
};

const ROLLBACK_COUNTS = {
  name: 'stowage_volume_rollbacks',
  help: 'Rollbacks by phase: those that are not Confirmed, Undone or Refused keep an old volume, or have stopped somebody.',
};

/** Takes claims back to their snapshots (requirement SNAP-9). */
export function createRollbackController({
  informers,
  metrics,
}: {
  readonly informers: InformerFactory;
  readonly metrics: Metrics;
}): Controller<VolumeRollback> {
  const rollbacks = informers.for(volumeRollbacks, ROLLBACK_INDEXES);
  new PhaseCounts(metrics, ROLLBACK_COUNTS).count(rollbacks);
  const parts = {
    rollbacks,
    claims: informers.for(persistentVolumeClaims),
    volumes: informers.for(persistentVolumes, VOLUME_INDEXES),
    snapshots: informers.for(volumeSnapshots, SNAPSHOT_GROUP_INDEX),
    classes: informers.for(storageClasses),
    pods: informers.for(pods, POD_INDEXES),
    nodes: informers.for(nodes),
  };
  const openOf = (claimKey: string): readonly string[] => rollbacks.byIndex('openOfClaim', claimKey).map(formatKeyOf);
  return {
    name: 'rollback',
    resource: volumeRollbacks,
    informer: rollbacks,
    triggers: [
      trigger(parts.claims, (claim) => [...openOf(formatKeyOf(claim)), ...makerOf(claim)]),
      trigger(parts.volumes, ({ metadata }) => rollbacks.byIndex('openOfVolume', metadata.name).map(formatKeyOf)),
      trigger(parts.pods, (pod) => claimKeysOfPod(pod).flatMap(openOf)),
      trigger(parts.snapshots, (snapshot) => rollbacks.byIndex('openOfSnapshot', formatKeyOf(snapshot)).map(formatKeyOf)),
    ],
    reads: [parts.classes, parts.nodes],
    // why one: of two that are about one claim, one must see that the other has begun
    concurrency: 1,
    reconcile: (ctx, rollback) => reconcileRollback(ctx, viewOf(parts, rollback), rollback),
  };
}

interface Parts {
  readonly rollbacks: Informer<VolumeRollback>;
  readonly claims: Informer<PersistentVolumeClaim>;
  readonly volumes: Informer<PersistentVolume>;
  readonly snapshots: Informer<VolumeSnapshot>;
  readonly classes: Informer<StorageClass>;
  readonly pods: Informer<Pod>;
  readonly nodes: Informer<Node>;
}

function viewOf(parts: Parts, rollback: VolumeRollback): RollbackView {
  const namespace = rollback.metadata.namespace ?? '';
  const { rollbacks, claims, volumes, snapshots, classes, pods: users, nodes: machines } = parts;
  return {
    claim: (name) => claims.get({ namespace, name }),
    volume: (name) => volumes.get({ namespace: '', name }),
    snapshot: (name) => snapshots.get({ namespace, name }),
    storageClass: (name) => classes.get({ namespace: '', name }),
    members: (group) => snapshots.byIndex('takenWith', at(rollback, group)),
    usersOf: (claimName) => users.byIndex('claim', at(rollback, claimName)).filter((pod) => !hasEnded(pod)),
    rivals: (claimName) => rollbacks.byIndex('openOfClaim', at(rollback, claimName)).filter((other) => isBefore(other, rollback)),
    nodes: () => machines.all(),
  };
}

/** True where `other` has begun already, or is the first of two that have not. */
function isBefore(other: VolumeRollback, rollback: VolumeRollback): boolean {
  if (other.metadata.uid === rollback.metadata.uid) return false;
  if (other.status?.phase !== undefined) return true;
  const [mine, theirs] = [rollback, other].map(({ metadata }) => `${metadata.creationTimestamp} ${metadata.uid}`);
  return rollback.status?.phase === undefined && (theirs ?? '') < (mine ?? '');
}

function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

function at({ metadata }: KubeObject, name: string): string {
  return formatKey({ namespace: metadata.namespace ?? '', name });
}

function makerOf({ metadata }: PersistentVolumeClaim): readonly string[] {
  const owner = metadata.ownerReferences?.find(({ kind, controller }) => controller === true && kind === volumeRollbacks.kind);
  return owner === undefined ? [] : [formatKey({ namespace: metadata.namespace ?? '', name: owner.name })];
}
