import type { PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import { provisionerOfClaim, selectedNodeOf, volumeNameOf } from '#api/storage/claim.ts';
import { isFilledByOthers } from '#api/storage/data-source.ts';
import { IN_FLIGHT_FINALIZER, provisionedNameOf } from '#api/storage/names.ts';
import { isKept } from './content-source.ts';
import { orderUnfilled, orderVolume, type PlannedOrder, type Refusal } from './order.ts';
import type { FoundOrderView } from './order-view.ts';

/** What is to be done for a claim. */
export type ProvisioningPlan =
  /** Not ours, or done. */
  | { readonly kind: 'leave' }
  /** The PersistentVolume exists: it tells of the volume from now on. */
  | { readonly kind: 'release' }
  /** It is filled from something that no driver makes copies of: who does that makes the volume too. */
  | { readonly kind: 'awaitPopulator' }
  /** Nobody can make this volume as things are. */
  | { readonly kind: 'refuse'; readonly storageClass: StorageClass; readonly refusal: Refusal }
  | { readonly kind: 'awaitDriver'; readonly driverName: string }
  /** The chosen node is gone: the scheduler is to choose again. */
  | { readonly kind: 'reschedule' }
  | { readonly kind: 'create'; readonly order: PlannedOrder }
  /** The volume is not wanted any more, or may not be given to the claim, and may exist: find it by its name and delete it. */
  | { readonly kind: 'cleanUp'; readonly order: PlannedOrder }
  /** As cleanUp, but something for it is missing. */
  | { readonly kind: 'blocked'; readonly obstacle: string };

/** What the plan looks at beside the claim. */
export interface ProvisioningView extends FoundOrderView {
  /** True where the PersistentVolume that is provisioned for this claim exists. */
  readonly hasVolume: boolean;
  /** Is the driver of that name connected? */
  readonly isConnected: (driverName: string) => boolean;
  readonly hasNode: (nodeName: string) => boolean;
  /** True where nobody knows that there is no volume: its driver may be at work on it, or was never heard. */
  readonly mayExist?: boolean;
}

/** Decides what comes next for `claim`. Pure. */
export function planProvisioning(claim: PersistentVolumeClaim, view: ProvisioningView): ProvisioningPlan {
  const driverName = provisionerOfClaim(claim);
  const isInFlight = hasFinalizer(claim, IN_FLIGHT_FINALIZER);
  if (view.hasVolume || volumeNameOf(claim) === provisionedNameOf(claim.metadata.uid)) return { kind: isInFlight ? 'release' : 'leave' };
  // why: a claim that found another volume needs none any more, as one that is being deleted
  if (isDeleting(claim) || volumeNameOf(claim) !== '') return isInFlight ? planCleanUp(claim, view) : { kind: 'leave' };
  if (driverName === '' || view.storageClass?.provisioner !== driverName) return { kind: 'leave' };
  if (isFilledByOthers(claim)) return isInFlight ? { kind: 'release' } : { kind: 'awaitPopulator' };
  return planCreation(claim, view, view.storageClass);
}

function planCreation(claim: PersistentVolumeClaim, view: ProvisioningView, storageClass: StorageClass): ProvisioningPlan {
  const selectedNode = selectedNodeOf(claim);
  if (storageClass.volumeBindingMode === 'WaitForFirstConsumer') {
    if (selectedNode === '') return { kind: 'leave' };
    if (!view.hasNode(selectedNode)) return { kind: 'reschedule' };
  }
  if (!view.isConnected(storageClass.provisioner)) return { kind: 'awaitDriver', driverName: storageClass.provisioner };
  const isBegun = hasBegun(claim, view);
  const order = orderVolume(claim, storageClass, { ...view, isBegun });
  if (order.ok) return { kind: 'create', order: order.value };
  const begun = isBegun ? orderUnfilled(claim, storageClass, view) : undefined;
  // why: what was begun before its source was refused may be there, or come yet, and nobody would look for it as long as the claim stays
  return begun?.ok === true ? { kind: 'cleanUp', order: begun.value } : { kind: 'refuse', storageClass, refusal: order.error };
}

/** True where the driver may have filled a volume already, and can be asked for it again. */
function hasBegun(claim: PersistentVolumeClaim, { mayExist, source }: ProvisioningView): boolean {
  return mayExist === true && hasFinalizer(claim, IN_FLIGHT_FINALIZER) && source !== undefined && isKept(source);
}

function planCleanUp(claim: PersistentVolumeClaim, view: ProvisioningView): ProvisioningPlan {
  const driverName = provisionerOfClaim(claim);
  const { storageClass } = view;
  if (storageClass === undefined) return { kind: 'blocked', obstacle: 'its class is gone: create the class again as it was' };
  const order = orderUnfilled(claim, storageClass, view);
  // why only the class: its templates are filled from annotations of the claim, which come and go. What else is refused before the driver is asked was
  // refused the first time, too, so the driver was never asked; a VolumeAttributesClass stays as long as a claim names it (protection/)
  if (!order.ok && order.error.about === 'class' && view.mayExist === true) return { kind: 'blocked', obstacle: order.error.problem };
  if (storageClass.provisioner !== driverName || !order.ok) return { kind: 'release' };
  // why: what is copied is kept from before the driver is asked until the copy is there; where it is not kept, nobody was asked, and a search now,
  // which makes what it does not find, could not be repeated after a crash: what was to be copied may be gone by then
  if (view.source !== undefined && !isKept(view.source)) return { kind: 'release' };
  if (!view.isConnected(driverName))
    return { kind: 'blocked', obstacle: `the CSI driver ${JSON.stringify(driverName)} is not connected: start it` };
  return { kind: 'cleanUp', order: order.value };
}
