import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import { driverOfProvisioner } from '#api/storage/in-tree/plugins.ts';
import { PROVISIONED_BY, PROVISIONER_FINALIZER } from '#api/storage/names.ts';
import { reclaimPolicyOf, sourceOf } from '#api/storage/volume.ts';
import { isKept } from '#api/undelete/claim-record.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import { listed } from '#kit/listed.ts';
import * as say from './events.ts';
import { type ScrubSource, scrubSourceOf } from './recyclable.ts';

/** What is to be done for a volume. */
export type ReclaimPlan =
  | { readonly kind: 'leave' }
  /** Our finalizer is to be there, or not to be there. */
  | { readonly kind: 'addFinalizer' | 'removeFinalizer' }
  /** Delete it at the backend, then here. */
  | { readonly kind: 'delete'; readonly driverName: string; readonly volumeId: string }
  /** Empty it for the next claim. */
  | { readonly kind: 'recycle'; readonly source: ScrubSource }
  /** Deletable, but not now. */
  | { readonly kind: 'wait'; readonly event: EventDraft }
  /** The phase Failed: only a person can go on. */
  | { readonly kind: 'fail'; readonly event: EventDraft };

/** What the plan looks at beside the volume. */
export interface ReclaimView {
  readonly connected: readonly string[];
  /** The node that the volume is attached to; undefined for none. */
  readonly attachedTo: string | undefined;
  /** Directories of this machine that the platform lives from. */
  readonly keptPaths: readonly string[];
}

/** Decides what comes next for `volume`. Pure. */
export function planReclaim(volume: PersistentVolume, view: ReclaimView): ReclaimPlan {
  const policy = reclaimPolicyOf(volume);
  const isOurs = volume.spec.csi !== undefined && view.connected.includes(volume.spec.csi.driver);
  if (policy !== 'Delete' && isOurs && hasFinalizer(volume, PROVISIONER_FINALIZER)) return { kind: 'removeFinalizer' };
  if (!isReleased(volume)) return planUnreleased(volume, isOurs && policy === 'Delete');
  switch (policy) {
    case 'Retain':
      return { kind: 'leave' };
    case 'Delete':
      // why: its claim can be brought back; who lets it go takes the record off (stowage/undelete)
      return isKept(volume) ? { kind: 'leave' } : planDelete(volume, view);
    case 'Recycle':
      return planRecycle(volume, view);
    default: {
      const problem = `Volume has unrecognized reclaim policy: persistentVolumeReclaimPolicy ${JSON.stringify(policy)}: set it to Retain, Delete or Recycle`;
      return { kind: 'fail', event: say.unknownPolicy(volume, problem) };
    }
  }
}

/** Its claim is gone; or it is free, somebody deletes it, and the finalizer still holds it: then the policy speaks, as nobody else will. */
export function isReleased(volume: PersistentVolume): boolean {
  if (volume.status?.phase === 'Released') return true;
  return isDeleting(volume) && volume.spec.claimRef === undefined && hasFinalizer(volume, PROVISIONER_FINALIZER);
}

function planUnreleased(volume: PersistentVolume, isDeletable: boolean): ReclaimPlan {
  // why: without it, a PersistentVolume that is deleted before its claim would leave its backend behind (KEP-2644)
  const needsFinalizer =
    isDeletable && volume.status?.phase === 'Bound' && !isDeleting(volume) && !hasFinalizer(volume, PROVISIONER_FINALIZER);
  return { kind: needsFinalizer ? 'addFinalizer' : 'leave' };
}

function planDelete(volume: PersistentVolume, view: ReclaimView): ReclaimPlan {
  const { csi } = volume.spec;
  const { name } = volume.metadata;
  if (csi === undefined) return { kind: 'fail', event: say.deleteFailed(volume, undeletableProblem(volume)) };
  // why: somebody else deletes what he made, under his own name for the driver
  const provisioner = volume.metadata.annotations?.[PROVISIONED_BY] ?? csi.driver;
  const driverName = driverOfProvisioner(provisioner) ?? provisioner;
  if (view.attachedTo !== undefined)
    return { kind: 'wait', event: say.deleteFailed(volume, `persistentvolume ${name} is still attached to node ${view.attachedTo}`) };
  // why: the backend is gone already, and only the object's deletion is under way
  if (isDeleting(volume) && !hasFinalizer(volume, PROVISIONER_FINALIZER)) return { kind: 'leave' };
  if (driverName !== csi.driver || !view.connected.includes(driverName)) {
    const problem = `the CSI driver ${JSON.stringify(driverName)} that has to delete the volume is not connected: start it (connected: ${listed(view.connected)})`;
    return { kind: 'wait', event: say.deleteFailed(volume, problem) };
  }
  return { kind: 'delete', driverName, volumeId: csi.volumeHandle };
}

function planRecycle(volume: PersistentVolume, view: ReclaimView): ReclaimPlan {
  if (isDeleting(volume)) return { kind: 'leave' };
  const source = scrubSourceOf(volume, view.keptPaths);
  return source.ok ? { kind: 'recycle', source: source.value } : { kind: 'fail', event: say.recycleFailed(volume, source.error) };
}

function undeletableProblem(volume: PersistentVolume): string {
  const source = sourceOf(volume) ?? 'unknown';
  return (
    `error getting deleter volume plugin for volume ${JSON.stringify(volume.metadata.name)}: no deletable volume plugin matched: ` +
    `nothing deletes a ${source} volume by itself: remove its data by hand and then the PersistentVolume, or set persistentVolumeReclaimPolicy to Retain`
  );
}
