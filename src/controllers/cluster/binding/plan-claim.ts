import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '#api/generated/kubernetes.ts';
import {
  attributesClassOf,
  classOfClaim,
  isBindCompleted,
  leavesClassToDefault,
  requestedBytesOf,
  selectedNodeOf,
  volumeModeOf,
  volumeNameOf,
} from '#api/storage/claim.ts';
import { driverOfProvisioner } from '#api/storage/in-tree/plugins.ts';
import { capacityBytesOf, classOfVolume, hasAccessModes, isVolumeOfClaim } from '#api/storage/volume.ts';
import type { EventDraft } from '#machinery/runtime/event-recorder.ts';
import * as say from './events.ts';
import type { NearMiss } from './near-misses.ts';

/** What is to be done for a claim. */
export type ClaimPlan =
  /** Nothing: it is being deleted before it was bound. */
  | { readonly kind: 'leave' }
  /** Make, or finish, the four writes. */
  | { readonly kind: 'bind'; readonly volume: PersistentVolume }
  /** Pending, until something changes. `isSearching`: any suitable volume that becomes free would do. */
  | { readonly kind: 'wait'; readonly because: WaitReason; readonly event?: EventDraft; readonly isSearching?: boolean }
  /** Pending, and the driver of the class is asked for a volume. */
  | { readonly kind: 'requestVolume'; readonly storageClass: StorageClass; readonly driverName: string; readonly event: EventDraft }
  /** A default class has appeared (KEP-3333). */
  | { readonly kind: 'assignClass'; readonly className: string }
  /** The phase Lost. */
  | { readonly kind: 'lose'; readonly event: EventDraft };

/** What a claim waits for: what the event says, for those that say it in other words. */
export type WaitReason =
  | 'volumeMissing'
  | 'volumeUnfit'
  | 'volumeTaken'
  | 'classMissing'
  | 'firstConsumer'
  /** Its class makes no volumes. */
  | 'noProvisioner'
  /** It has no class, and gets none. */
  | 'noClass';

/** What the plan looks at beside the claim. Functions are asked only where the answer matters. */
export interface ClaimView {
  /** The volume that the claim names, where it names one that exists. */
  readonly volume: PersistentVolume | undefined;
  /** The class that the claim names, where it exists. */
  readonly storageClass: StorageClass | undefined;
  readonly match: (isDelayed: boolean) => PersistentVolume | undefined;
  /** The default class's name. */
  readonly defaultClass: () => string | undefined;
  readonly classNames: () => readonly string[];
  /** The volumes that come nearest to what the claim asks for, each with the reason against it. */
  readonly nearMisses: () => readonly NearMiss[];
  /** Names of pods that use the claim and wait for a node. */
  readonly waitingPods: () => readonly string[];
}

/** Decides what comes next for `claim`, in the order of upstream's syncUnboundClaim and syncBoundClaim. Pure. */
export function planClaim(claim: PersistentVolumeClaim, view: ClaimView): ClaimPlan {
  if (isBindCompleted(claim)) return planBound(claim, view.volume);
  // why: upstream would bind a claim that is on its way out; its volume would be Released at once and want a person
  if (claim.metadata.deletionTimestamp !== undefined) return { kind: 'leave' };
  return volumeNameOf(claim) === '' ? planSearch(claim, view) : planNamed(claim, view.volume);
}

/** Why `volume` can't be given to `claim` although the claim asks for it by name; undefined where it can (checkVolumeSatisfyClaim). The selector does not count. */
export function whyUnfit(volume: PersistentVolume, claim: PersistentVolumeClaim): string | undefined {
  if (volume.metadata.deletionTimestamp !== undefined) return 'the volume is marked for deletion';
  if (capacityBytesOf(volume) < requestedBytesOf(claim)) return 'requested PV is too small';
  if (classOfVolume(volume) !== classOfClaim(claim)) return 'storageClassName does not match';
  if (attributesClassOf(volume.spec) !== attributesClassOf(claim.spec)) return 'volumeAttributesClassName does not match';
  if (volumeModeOf(volume.spec) !== volumeModeOf(claim.spec)) return 'incompatible volumeMode';
  if (!hasAccessModes(volume, claim.spec.accessModes ?? [])) return 'incompatible accessMode';
  return undefined;
}

function planBound(claim: PersistentVolumeClaim, volume: PersistentVolume | undefined): ClaimPlan {
  if (volumeNameOf(claim) === '') return { kind: 'lose', event: say.lostReference(claim) };
  if (volume === undefined) return { kind: 'lose', event: say.lostVolume(claim) };
  const ref = volume.spec.claimRef;
  if (ref === undefined || ref.uid === claim.metadata.uid) return { kind: 'bind', volume };
  return { kind: 'lose', event: say.misbound(claim) };
}

function planNamed(claim: PersistentVolumeClaim, volume: PersistentVolume | undefined): ClaimPlan {
  if (volume === undefined) return { kind: 'wait', because: 'volumeMissing', event: say.volumeMissing(claim, volumeNameOf(claim)) };
  if (volume.spec.claimRef === undefined) {
    const problem = whyUnfit(volume, claim);
    return problem === undefined
      ? { kind: 'bind', volume }
      : { kind: 'wait', because: 'volumeUnfit', event: say.volumeMismatch(claim, volume.metadata.name, problem) };
  }
  if (isVolumeOfClaim(volume, claim)) return { kind: 'bind', volume };
  return { kind: 'wait', because: 'volumeTaken', event: say.volumeTaken(claim, volume.metadata.name) };
}

function planSearch(claim: PersistentVolumeClaim, view: ClaimView): ClaimPlan {
  const { storageClass } = view;
  const isDelayed = storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
  const volume = view.match(isDelayed);
  if (volume !== undefined) return { kind: 'bind', volume };
  const className = classOfClaim(claim);
  if (className === '') return planWithoutClass(claim, view);
  if (storageClass === undefined)
    return { kind: 'wait', because: 'classMissing', event: say.classMissing(claim, className, view.classNames()), isSearching: true };
  if (isDelayed && selectedNodeOf(claim) === '')
    return { kind: 'wait', because: 'firstConsumer', event: waitForConsumer(claim, view.waitingPods()) };
  const driverName = driverOfProvisioner(storageClass.provisioner);
  if (driverName === undefined)
    return { kind: 'wait', because: 'noProvisioner', event: say.noPlugin(claim, storageClass, view.nearMisses()), isSearching: !isDelayed };
  return { kind: 'requestVolume', storageClass, driverName, event: say.externalProvisioning(claim, driverName) };
}

function planWithoutClass(claim: PersistentVolumeClaim, view: ClaimView): ClaimPlan {
  const className = leavesClassToDefault(claim) ? view.defaultClass() : undefined;
  return className === undefined
    ? { kind: 'wait', because: 'noClass', event: say.nothingToBind(claim, view.nearMisses()), isSearching: true }
    : { kind: 'assignClass', className };
}

function waitForConsumer(claim: PersistentVolumeClaim, podNames: readonly string[]): EventDraft {
  return podNames.length === 0 ? say.waitForFirstConsumer(claim) : say.waitForPodScheduled(claim, podNames);
}
