import type { PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '#api/generated/kubernetes.ts';
import { hasFinalizer, isDeleting } from '#api/meta/finalizers.ts';
import { formatKey, type KubeObject, type ObjectKey } from '#api/meta/object.ts';
import { isBindCompleted, selectedNodeOf, volumeModeOf } from '#api/storage/claim.ts';
import { dataSourceOf, describeSource } from '#api/storage/data-source.ts';
import { POPULATE_FINALIZER, POPULATED_FROM } from '#api/storage/populator.ts';
import type { Filling, Populator } from './populator.ts';

/** What a population is planned from, beside its claim. */
export interface PopulationView {
  /** Of the kind that the claim names; undefined = it is not filled here. */
  readonly populator: Populator | undefined;
  readonly source: KubeObject | undefined;
  /** Why the claim may not be filled from there. */
  readonly grantProblem: string | undefined;
  readonly storageClass: StorageClass | undefined;
  /** What was made for the claim, as far as it is there. */
  readonly prime: PersistentVolumeClaim | undefined;
  readonly copy: PersistentVolumeClaim | undefined;
  readonly pod: Pod | undefined;
  readonly hasGrant: boolean;
  /** The volume of `prime`. */
  readonly volume: PersistentVolume | undefined;
  /** The volume that the claim is bound to. */
  readonly ownVolume: PersistentVolume | undefined;
  readonly claimAt: (key: ObjectKey) => PersistentVolumeClaim | undefined;
}

/** The next step of a population; each is one write, or none. */
export type PopulationPlan =
  | { readonly kind: 'leave' }
  | { readonly kind: 'wait'; readonly why: string }
  /** It can't begin. `isMissing`: what it is filled from is not there. */
  | { readonly kind: 'refuse'; readonly problem: string; readonly isMissing: boolean }
  /** Takes back what was made; the claim is let go when there is nothing left. */
  | { readonly kind: 'cleanUp'; readonly isFilled: boolean }
  /** The node was chosen in vain: the scheduler is to choose another. */
  | { readonly kind: 'reschedule' }
  | { readonly kind: 'protect' }
  | { readonly kind: 'makePrime'; readonly filling: Filling }
  | { readonly kind: 'makeGrant'; readonly of: ObjectKey }
  | { readonly kind: 'makeCopy'; readonly of: PersistentVolumeClaim }
  | { readonly kind: 'makePod'; readonly filling: Filling; readonly source: KubeObject; readonly prime: PersistentVolumeClaim }
  | { readonly kind: 'watch'; readonly pod: Pod }
  | { readonly kind: 'retry'; readonly pod: Pod; readonly prime: PersistentVolumeClaim }
  | { readonly kind: 'handOver'; readonly volume: PersistentVolume };

/** Decides what comes next for `claim`. Pure. */
export function planPopulation(claim: PersistentVolumeClaim, view: PopulationView): PopulationPlan {
  const isBegun = hasFinalizer(claim, POPULATE_FINALIZER);
  if (isDeleting(claim) || isBindCompleted(claim)) return isBegun ? planEnd(claim, view) : { kind: 'leave' };
  if (view.populator === undefined) return isBegun ? takeBack : { kind: 'leave' };
  const problem = view.grantProblem ?? whyNot(claim);
  if (problem !== undefined) return planRefusal(claim, view, { problem, isBegun });
  if (view.storageClass === undefined) return { kind: 'wait', why: 'waiting for the class' };
  return planNode(claim, view) ?? planFilling(claim, view, isBegun);
}

const takeBack: PopulationPlan = { kind: 'cleanUp', isFilled: false };

function planRefusal(
  claim: PersistentVolumeClaim,
  view: PopulationView,
  { problem, isBegun }: { readonly problem: string; readonly isBegun: boolean },
): PopulationPlan {
  // why first: what was begun before it was refused must not stay, nor be given to the claim
  return isBegun && !isHandedOver(claim, view) ? takeBack : { kind: 'refuse', problem, isMissing: false };
}

/** The claim has a volume, or wants none any more. */
function planEnd(claim: PersistentVolumeClaim, view: PopulationView): PopulationPlan {
  const isFilled = !isDeleting(claim) && view.ownVolume?.metadata.annotations?.[POPULATED_FROM] !== undefined;
  // why: until the claim that was filled is Lost, whoever binds claims has not seen that its volume is another's
  if (isFilled && isHandedOver(claim, view) && view.prime?.status?.phase !== 'Lost')
    return { kind: 'wait', why: 'waiting until the volume is bound to its claim' };
  return { kind: 'cleanUp', isFilled };
}

function whyNot(claim: PersistentVolumeClaim): string | undefined {
  if (volumeModeOf(claim.spec) !== 'Block') return undefined;
  return 'spec.volumeMode Block: only a file system can be filled with files: leave volumeMode out';
}

/** What a class that waits for the first pod asks for; undefined where nothing stands against filling. */
function planNode(claim: PersistentVolumeClaim, { storageClass, prime, copy, pod }: PopulationView): PopulationPlan | undefined {
  if (storageClass?.volumeBindingMode !== 'WaitForFirstConsumer') return undefined;
  const nodeName = selectedNodeOf(claim);
  const made = [prime, copy].filter((each) => each !== undefined);
  if (nodeName === '') return made.length > 0 || pod !== undefined ? takeBack : { kind: 'leave' };
  if (prime !== undefined && isGoing(prime)) return undefined;
  const chosen = made.map((each) => selectedNodeOf(each));
  // why: a driver that has no place there takes the choice back, from the claim that it was asked for
  if (chosen.includes('')) return { kind: 'reschedule' };
  return chosen.some((name) => name !== nodeName) ? takeBack : undefined;
}

/** True for a claim that was handed over, or is being deleted: its node says nothing any more. */
function isGoing(prime: PersistentVolumeClaim): boolean {
  return isDeleting(prime) || prime.status?.phase === 'Lost';
}

function planFilling(claim: PersistentVolumeClaim, view: PopulationView, isBegun: boolean): PopulationPlan {
  const { source, populator, prime, pod } = view;
  if (pod !== undefined && prime !== undefined) return planWatch(claim, view, { pod, prime });
  if (source === undefined || populator === undefined) {
    const named = dataSourceOf(claim);
    return { kind: 'refuse', problem: named === undefined ? '' : describeSource(named), isMissing: true };
  }
  const filling = populator.fillingOf(source, claim);
  if (!filling.ok) return { kind: 'refuse', problem: filling.error, isMissing: false };
  return planMaking(view, { filling: filling.value, source, isBegun });
}

/** What is made next, in order. */
function planMaking(
  view: PopulationView,
  { filling, source, isBegun }: { readonly filling: Filling; readonly source: KubeObject; readonly isBegun: boolean },
): PopulationPlan {
  const { prime } = view;
  const copied = filling.copyOf === undefined ? undefined : planCopy(view, filling.copyOf);
  if (copied?.kind === 'refuse') return copied;
  if (!isBegun) return { kind: 'protect' };
  if (prime === undefined) return { kind: 'makePrime', filling };
  if (isDeleting(prime)) return { kind: 'wait', why: 'waiting until what an earlier filling left is gone' };
  return copied ?? { kind: 'makePod', filling, source, prime };
}

/** The copy of the claim that is filled from; undefined where it is there. */
function planCopy({ copy, hasGrant, claimAt }: PopulationView, of: ObjectKey): PopulationPlan | undefined {
  if (copy !== undefined) return undefined;
  const claim = claimAt(of);
  const named = `PersistentVolumeClaim ${JSON.stringify(formatKey(of))}`;
  if (claim === undefined) return { kind: 'refuse', problem: named, isMissing: true };
  if (volumeModeOf(claim.spec) === 'Block')
    return { kind: 'refuse', problem: `${named} is a block device and has no directories: name another`, isMissing: false };
  return hasGrant ? { kind: 'makeCopy', of: claim } : { kind: 'makeGrant', of };
}

function planWatch(
  claim: PersistentVolumeClaim,
  { volume }: PopulationView,
  { pod, prime }: { readonly pod: Pod; readonly prime: PersistentVolumeClaim },
): PopulationPlan {
  if (isDeleting(pod)) return { kind: 'wait', why: 'waiting until an earlier pod is gone' };
  if (pod.status?.phase === 'Failed') return { kind: 'retry', pod, prime };
  if (pod.status?.phase !== 'Succeeded') return { kind: 'watch', pod };
  const holder = volume?.spec.claimRef?.uid;
  if (volume === undefined || isDeleting(volume)) return { kind: 'wait', why: 'waiting for the volume that was filled' };
  if (holder === claim.metadata.uid) return { kind: 'wait', why: 'waiting until the volume is bound to its claim' };
  return holder === prime.metadata.uid ? { kind: 'handOver', volume } : takeBack;
}

/** True where the volume is the claim's: it goes with that, and not with what was made to fill it. */
function isHandedOver({ metadata }: PersistentVolumeClaim, { volume }: PopulationView): boolean {
  return volume?.spec.claimRef?.uid === metadata.uid;
}
