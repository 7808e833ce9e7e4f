import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import type { Draft } from '#api/meta/object.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { BOUND_BY_CONTROLLER } from '#api/storage/names.ts';
import { reclaimPolicyOf } from '#api/storage/volume.ts';
import type { SwapView } from './swap-view.ts';

/** One write of a swap, or what it waits for. */
export type SwapStep =
  | { readonly kind: 'patchVolume'; readonly volume: PersistentVolume; readonly body: object }
  | { readonly kind: 'patchClaim'; readonly claim: PersistentVolumeClaim; readonly body: object }
  | { readonly kind: 'deleteClaim'; readonly claim: PersistentVolumeClaim }
  | { readonly kind: 'createClaim'; readonly draft: Draft<PersistentVolumeClaim> }
  | { readonly kind: 'wait'; readonly message: string };

/** A claim that is to have another volume, under the same name. */
export interface Swap {
  readonly namespace: string;
  readonly claimName: string;
  readonly from: string;
  readonly to: string;
  /** The claim for which the volume `to` was made; goes when the claim takes its place. */
  readonly maker: PersistentVolumeClaim | undefined;
  readonly draft: Draft<PersistentVolumeClaim>;
}

/**
 * The next write that brings the claim to its volume; undefined when it has it. Right after a crash at each step: everything is read from the objects.
 * Neither volume can go meanwhile: both are kept (policy Retain) before the first deletion. Pure.
 */
export function swapStep(swap: Swap, view: SwapView): SwapStep | undefined {
  const claim = view.claim(swap.claimName);
  const volume = view.volume(swap.to);
  const name = JSON.stringify(swap.claimName);
  if (volume === undefined) return { kind: 'wait', message: `the volume ${swap.to} for claim ${name} is gone` };
  if (claim === undefined) return takePlace(swap, volume);
  if (volumeNameOf(claim) === swap.to) return arrived(claim, volume);
  if (volumeNameOf(claim) !== swap.from)
    return {
      kind: 'wait',
      message: `claim ${name} was made anew by somebody else: delete it, so that it can be made with volume ${swap.to}`,
    };
  for (const each of [volume, view.volume(swap.from)]) if (each !== undefined && reclaimPolicyOf(each) !== 'Retain') return keep(each);
  if (!isDeleting(claim)) return { kind: 'deleteClaim', claim };
  const users = view.usersOf(swap.claimName).map(({ metadata }) => metadata.name);
  return {
    kind: 'wait',
    message: `claim ${name} is on its way out${users.length === 0 ? '' : `: it is used by pods ${users.join(', ')}`}`,
  };
}

/** A claim that has its volume, and goes all the same, was deleted before it was to have it: it is made again. */
function arrived(claim: PersistentVolumeClaim, volume: PersistentVolume): SwapStep | undefined {
  const name = JSON.stringify(claim.metadata.name);
  if (isDeleting(claim)) return reclaimPolicyOf(volume) === 'Retain' ? wait(`claim ${name} is on its way out`) : keep(volume);
  return claim.status?.phase === 'Bound' ? undefined : wait(`claim ${name} is being bound to volume ${volume.metadata.name}`);
}

/** Nothing can be written yet. */
export function wait(message: string): SwapStep {
  return { kind: 'wait', message };
}

/** Whatever becomes of its claim, the volume stays. */
export function keep(volume: PersistentVolume): SwapStep {
  return { kind: 'patchVolume', volume, body: { spec: { persistentVolumeReclaimPolicy: 'Retain' } } };
}

function takePlace({ namespace, claimName, maker, draft }: Swap, volume: PersistentVolume): SwapStep {
  if (reclaimPolicyOf(volume) !== 'Retain') return keep(volume);
  if (maker !== undefined)
    return isDeleting(maker)
      ? { kind: 'wait', message: `claim ${maker.metadata.name} is on its way out` }
      : { kind: 'deleteClaim', claim: maker };
  const { claimRef } = volume.spec;
  const isReserved = claimRef?.namespace === namespace && claimRef.name === claimName && (claimRef.uid ?? '') === '';
  if (isReserved) return { kind: 'createClaim', draft };
  const reserved = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name: claimName, uid: null, resourceVersion: null };
  return {
    kind: 'patchVolume',
    volume,
    body: { metadata: { annotations: { [BOUND_BY_CONTROLLER]: null } }, spec: { claimRef: reserved } },
  };
}
