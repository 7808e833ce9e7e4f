import type { PersistentVolume, PersistentVolumeClaim, VolumeAttributesClass } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { attributesClassOf } from '#api/storage/claim.ts';
import { currentAttributesClassOf, modificationConditionOf, targetAttributesClassOf } from '#api/storage/modification.ts';
import { isVolumeOfClaim } from '#api/storage/volume.ts';

/** What comes next for the attributes of a claim's volume. */
export type ModificationPlan =
  | { readonly kind: 'leave' }
  /** The claim wants what its volume has: a change that came to nothing is forgotten. */
  | { readonly kind: 'cancel'; readonly className: string }
  /** The class is not there (yet). */
  | { readonly kind: 'awaitClass'; readonly className: string }
  /** The class is another driver's. */
  | { readonly kind: 'refuse'; readonly className: string; readonly problem: string }
  /** Give the volume the attributes of this class. */
  | {
      readonly kind: 'modify';
      readonly volume: PersistentVolume;
      readonly driverName: string;
      readonly attributesClass: VolumeAttributesClass;
      /** True where the claim's status does not tell of this target yet. */
      readonly isNew: boolean;
    };

/** What the plan looks at beside the claim. */
export interface ModificationView {
  /** The volume that the claim names, where it exists. */
  readonly volume: PersistentVolume | undefined;
  readonly classNamed: (name: string) => VolumeAttributesClass | undefined;
}

const leave: ModificationPlan = { kind: 'leave' };

/**
 * Decides what comes next (external-resizer pkg/modifycontroller). A try whose end nobody knows is brought to its end before another class is
 * looked at; one that ended is given up when the claim goes back to the class that its volume has. Pure.
 */
export function planModification(claim: PersistentVolumeClaim, view: ModificationView): ModificationPlan {
  const { volume } = view;
  if (volume === undefined || !isTogether(claim, volume)) return leave;
  const target = targetAttributesClassOf(claim);
  if (isTryOpen(claim)) return planTry(claim, target, { ...view, volume });
  const [wanted, current] = [attributesClassOf(claim.spec), currentAttributesClassOf(claim)];
  const isBack = wanted === '' || (wanted === current && !mayBeChanged(claim, current));
  if (!isBack && (wanted !== current || target !== '')) return planTry(claim, wanted, { ...view, volume });
  return target === '' ? leave : { kind: 'cancel', className: target };
}

function isTogether(claim: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  return !isDeleting(claim) && claim.status?.phase === 'Bound' && isVolumeOfClaim(volume, claim);
}

function planTry(
  claim: PersistentVolumeClaim,
  className: string,
  view: ModificationView & { readonly volume: PersistentVolume },
): ModificationPlan {
  const { volume } = view;
  const driverName = volume.spec.csi?.driver;
  const attributesClass = view.classNamed(className);
  if (attributesClass === undefined) return { kind: 'awaitClass', className };
  if (driverName === undefined || attributesClass.driverName !== driverName)
    return { kind: 'refuse', className, problem: foreignProblem(attributesClass, volume) };
  const isNew = claim.status?.modifyVolumeStatus?.status === 'Pending' || targetAttributesClassOf(claim) !== className;
  return { kind: 'modify', volume, driverName, attributesClass, isNew };
}

/** While nobody knows how the last try ends, another class must not overtake it. */
function isTryOpen(claim: PersistentVolumeClaim): boolean {
  const isUnderWay = claim.status?.modifyVolumeStatus?.status === 'InProgress';
  return isUnderWay && modificationConditionOf(claim, 'ModifyVolumeError') === undefined;
}

/** A try that failed otherwise than as infeasible may have changed something: going back to a class is asked of the driver. */
function mayBeChanged(claim: PersistentVolumeClaim, current: string): boolean {
  return current !== '' && claim.status?.modifyVolumeStatus?.status === 'InProgress';
}

function foreignProblem({ metadata, driverName }: VolumeAttributesClass, volume: PersistentVolume): string {
  const owner = volume.spec.csi === undefined ? 'no CSI driver' : `the driver ${JSON.stringify(volume.spec.csi.driver)}`;
  return `VolumeAttributesClass ${JSON.stringify(metadata.name)} is for the driver ${JSON.stringify(driverName)}, the volume ${JSON.stringify(volume.metadata.name)} is of ${owner}: choose a class of that driver`;
}
