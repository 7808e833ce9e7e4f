import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { reclaimPolicyOf } from '#api/storage/volume.ts';
import { keep, type SwapStep, wait } from './swap-claim.ts';
import type { SwapView } from './swap-view.ts';

/** A volume before or after a swap, and the reclaim policy that it had or is to have. */
export interface SwapVolume {
  readonly name: string;
  readonly reclaimPolicy?: string | undefined;
}

/** What is noted of a volume before it is kept. */
export function notedVolume(volume: PersistentVolume): SwapVolume {
  return { name: volume.metadata.name, reclaimPolicy: reclaimPolicyOf(volume) };
}

type Volumes = readonly (SwapVolume | undefined)[];

/** The next write by which volumes are kept whatever becomes of their claims; undefined when all are. Pure. */
export function keepAll(volumes: Volumes, view: Pick<SwapView, 'volume'>): SwapStep | undefined {
  for (const wanted of volumes) {
    const volume = view.volume(wanted?.name ?? '');
    if (volume !== undefined && reclaimPolicyOf(volume) !== 'Retain') return keep(volume);
  }
  return undefined;
}

/** The next write by which volumes get the reclaim policies that they are to have; undefined when all have. Pure. */
export function settle(volumes: Volumes, view: Pick<SwapView, 'volume'>): SwapStep | undefined {
  for (const wanted of volumes) {
    const volume = view.volume(wanted?.name ?? '');
    const policy = wanted?.reclaimPolicy;
    if (volume === undefined || policy === undefined || reclaimPolicyOf(volume) === policy) continue;
    return { kind: 'patchVolume', volume, body: { spec: { persistentVolumeReclaimPolicy: policy } } };
  }
  return undefined;
}

/** A claim that was to get a new volume, and whose that volume counts as again: the one that it was made for. */
export interface Reservation {
  readonly claimName: string;
  readonly newVolume: SwapVolume | undefined;
  readonly maker: { readonly namespace: string; readonly name: string; readonly uid: string };
}

/** A new volume that was reserved for its claim and never bound to it counts as given back: else nobody would ever reclaim it. Pure. */
export function unreserve({ claimName, newVolume, maker }: Reservation, view: SwapView): SwapStep | undefined {
  const volume = view.volume(newVolume?.name ?? '');
  if (volume === undefined || !isReserved(volume, claimName, view.claim(claimName))) return undefined;
  return { kind: 'patchVolume', volume, body: { spec: { claimRef: maker } } };
}

function isReserved({ metadata, spec }: PersistentVolume, claimName: string, claim: PersistentVolumeClaim | undefined): boolean {
  if (claim !== undefined && volumeNameOf(claim) === metadata.name) return false;
  return spec.claimRef?.name === claimName && (spec.claimRef.uid ?? '') === '';
}

/** The next write by which claims that volumes were made for go; undefined when none is there. Pure. */
export function dropMakers(names: readonly string[], view: Pick<SwapView, 'claim'>): SwapStep | undefined {
  for (const name of names) {
    const maker = view.claim(name);
    if (maker === undefined) continue;
    return isDeleting(maker) ? wait(`claim ${name} is on its way out`) : { kind: 'deleteClaim', claim: maker };
  }
  return undefined;
}
