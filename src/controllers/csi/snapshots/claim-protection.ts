import {
  type VolumeGroupSnapshot,
  type VolumeGroupSnapshotContent,
  volumeGroupSnapshotContents,
  volumeGroupSnapshots,
  type VolumeSnapshot,
  type VolumeSnapshotContent,
  volumeSnapshotContents,
  volumeSnapshots,
} from '#api/generated/definitions.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { hasFinalizer, isDeleting, removingFinalizer } from '#api/meta/finalizers.ts';
import { formatKey, formatKeyOf, keyOf } from '#api/meta/object.ts';
import { matchesLabelSelector } from '#api/meta/selector.ts';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { GROUP_BEING_CREATED, groupContentNameOf } from '#api/storage/group-snapshot.ts';
import { claimKeyOfSnapshot, contentNameOf, SNAPSHOT_CLAIM_FINALIZER } from '#api/storage/snapshot.ts';
import type { InformerFactory } from '#machinery/client/informer-factory.ts';
import { type Controller, done, trigger } from '#machinery/runtime/controller.ts';
import { CLAIM_INDEXES } from '../../indexes.ts';
import { migrated } from '../../migrated-volume.ts';
import { untilGone } from '../driver-work/ladder.ts';
import { csiHandle, GROUP_CONTENT_INDEXES, GROUP_INDEXES, VOLUME_HANDLE_INDEX } from './groups/indexes.ts';
import { CONTENT_INDEXES, SNAPSHOT_INDEXES } from './indexes.ts';

const CONCURRENCY = 4;

/** How claims are found that are kept here: by namespace. */
const KEPT_CLAIMS = {
  keptForSnapshots: (claim: PersistentVolumeClaim): readonly string[] =>
    hasFinalizer(claim, SNAPSHOT_CLAIM_FINALIZER) ? [claim.metadata.namespace ?? ''] : [],
} as const;

/**
 * Lets a claim go when no snapshot of it, alone or in a group, is being taken any more (external-snapshotter checkandRemovePVCFinalizer, which knows of no
 * groups). The finalizer was put on before its driver was asked.
 */
export function createSnapshotClaimProtectionController({
  informers,
}: {
  readonly informers: InformerFactory;
}): Controller<PersistentVolumeClaim> {
  const claims = informers.for(persistentVolumeClaims, { ...CLAIM_INDEXES, ...KEPT_CLAIMS });
  const snapshots = informers.for(volumeSnapshots, SNAPSHOT_INDEXES);
  const contents = informers.for(volumeSnapshotContents, CONTENT_INDEXES);
  const groups = informers.for(volumeGroupSnapshots, GROUP_INDEXES);
  const groupContents = informers.for(volumeGroupSnapshotContents, GROUP_CONTENT_INDEXES);
  const volumes = informers.for(persistentVolumes, VOLUME_HANDLE_INDEX);
  const isNeeded = (claim: PersistentVolumeClaim): boolean =>
    snapshots
      .byIndex('unreadyOfClaim', formatKeyOf(claim))
      .some((snapshot) => isBeingTaken(snapshot, contents.get({ namespace: '', name: contentNameOf(snapshot) }))) ||
    groupContents
      .byIndex('unreadyOfVolume', handleOf(volumes.get({ namespace: '', name: volumeNameOf(claim) })))
      .some((content) => !isDeleting(claim) || !isRefused(content)) ||
    groups
      .byIndex('unreadyOfNamespace', claim.metadata.namespace ?? '')
      .some((group) => isAboutToTake(group, claim) && groupContents.get({ namespace: '', name: groupContentNameOf(group) }) === undefined);
  return {
    name: 'snapshot-claim-protection',
    resource: persistentVolumeClaims,
    informer: claims,
    triggers: [
      trigger(snapshots, claimOf),
      trigger(
        contents,
        ({
          spec: {
            volumeSnapshotRef: { namespace = '', name = '' },
          },
        }) => claimOf(snapshots.get({ namespace, name })),
      ),
      trigger(groups, ({ metadata }) => claims.byIndex('keptForSnapshots', metadata.namespace ?? '').map(formatKeyOf)),
      trigger(groupContents, ({ spec }) =>
        claims.byIndex('keptForSnapshots', spec.volumeGroupSnapshotRef.namespace ?? '').map(formatKeyOf),
      ),
    ],
    reads: [volumes],
    concurrency: CONCURRENCY,
    concerns: (claim) => hasFinalizer(claim, SNAPSHOT_CLAIM_FINALIZER),
    reconcile: (ctx, claim) =>
      untilGone(async () => {
        if (!hasFinalizer(claim, SNAPSHOT_CLAIM_FINALIZER) || isNeeded(claim)) return done;
        const body = removingFinalizer(claim, SNAPSHOT_CLAIM_FINALIZER);
        await ctx.client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } });
        return done;
      }),
  };
}

function claimOf(snapshot: VolumeSnapshot | undefined): readonly string[] {
  const key = snapshot === undefined ? undefined : claimKeyOfSnapshot(snapshot);
  return key === undefined ? [] : [formatKey(key)];
}

/** Its content says whether its driver has it: a snapshot that is deleted meanwhile does not follow any more. */
function isBeingTaken({ metadata, status }: VolumeSnapshot, content: VolumeSnapshotContent | undefined): boolean {
  if (content !== undefined) return content.status?.readyToUse !== true;
  // why: what can't be taken says so, and would wait for a claim that goes as that for it
  return metadata.deletionTimestamp === undefined && status?.error === undefined;
}

function handleOf(volume: PersistentVolume | undefined): string {
  const csi = migrated(volume)?.spec.csi;
  return csi === undefined ? '' : csiHandle(csi.driver, csi.volumeHandle);
}

/** Its driver has said its last word for now, and that it has taken nothing: a claim that goes need not wait until that changes, which may be never. */
function isRefused({ metadata, status }: VolumeGroupSnapshotContent): boolean {
  return status?.error !== undefined && metadata.annotations?.[GROUP_BEING_CREATED] === undefined;
}

/** Before there is a content, which says of which volumes a group is. One that can't be taken says so, and holds nothing. */
function isAboutToTake(group: VolumeGroupSnapshot, claim: PersistentVolumeClaim): boolean {
  const { selector } = group.spec.source;
  if (isDeleting(group) || group.status?.error !== undefined || selector === undefined) return false;
  return matchesLabelSelector(selector, claim.metadata.labels);
}
