import type { VolumeRollback, VolumeSnapshot } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { isDeleting } from '#api/meta/finalizers.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import type { Result } from '#kit/errors.ts';
import { keptClaim } from '../claim-swap/kept-claim.ts';
import { notedVolume } from '../claim-swap/swap-volumes.ts';
import type { RolledClaim } from './rolled.ts';
import type { RollbackView } from './view.ts';

/** Why a rollback is not begun. */
export interface Obstacle {
  /** True where it may go by itself. */
  readonly isPassing: boolean;
  readonly text: string;
}

type Wanted = { readonly claimName: string; readonly volumeSnapshotName: string };

/** What is recorded of the claims before anything is done; or what is in the way. Pure. */
export function rolledClaims(rollback: VolumeRollback, view: RollbackView): Result<readonly RolledClaim[], Obstacle> {
  const wanted = wantedClaims(rollback, view);
  if (wanted.length === 0) {
    const group = rollback.spec.volumeGroupSnapshotName ?? '';
    return never(`there is no VolumeGroupSnapshot ${JSON.stringify(group)} in this namespace that has taken any snapshot of a claim`);
  }
  const rolled: RolledClaim[] = [];
  for (const each of wanted) {
    const found = rolledClaim(rollback, each, view);
    if (!found.ok) return found;
    rolled.push(found.value);
  }
  return { ok: true, value: rolled };
}

/** Which claims are to go back to which snapshots. */
export function wantedClaims({ spec }: VolumeRollback, view: RollbackView): readonly Wanted[] {
  if (spec.claims !== undefined) return spec.claims;
  return view.members(spec.volumeGroupSnapshotName ?? '').flatMap((snapshot) => {
    const claimName = snapshot.spec.source.persistentVolumeClaimName ?? '';
    return claimName === '' ? [] : [{ claimName, volumeSnapshotName: snapshot.metadata.name }];
  });
}

function rolledClaim(
  rollback: VolumeRollback,
  { claimName, volumeSnapshotName }: Wanted,
  view: RollbackView,
): Result<RolledClaim, Obstacle> {
  const claim = view.claim(claimName);
  const snapshot = view.snapshot(volumeSnapshotName);
  if (claim === undefined) return never(`claim ${JSON.stringify(claimName)}: there is none in this namespace`);
  if (snapshot === undefined)
    return never(`snapshot ${JSON.stringify(volumeSnapshotName)}: there is none in this namespace; kubectl get volumesnapshots lists them`);
  const obstacle = whyNotClaim(claim) ?? whyNotRival(rollback, claimName, view) ?? whyNotSnapshot(snapshot);
  if (obstacle !== undefined) return { ok: false, error: obstacle };
  const volume = view.volume(volumeNameOf(claim));
  if (volume === undefined) return never(`claim ${JSON.stringify(claimName)}: its volume ${volumeNameOf(claim)} is not there`);
  const known = { uid: claim.metadata.uid, oldVolume: notedVolume(volume), claim: keptClaim(claim) };
  return { ok: true, value: { claimName, volumeSnapshotName, ...known } };
}

function whyNotClaim(claim: PersistentVolumeClaim): Obstacle | undefined {
  const name = JSON.stringify(claim.metadata.name);
  if (isDeleting(claim)) return { isPassing: false, text: `claim ${name} is being deleted` };
  if (claim.status?.phase !== 'Bound') return { isPassing: false, text: `claim ${name} is not bound: it has no volume to take back` };
  const pod = claim.metadata.ownerReferences?.find(({ kind }) => kind === 'Pod');
  if (pod === undefined) return undefined;
  return {
    isPassing: false,
    text: `claim ${name} is an ephemeral volume of pod ${pod.name}: it comes and goes with the pod, and can't go back`,
  };
}

function whyNotRival(rollback: VolumeRollback, claimName: string, view: RollbackView): Obstacle | undefined {
  const rival = view.rivals(claimName).find(({ metadata }) => metadata.uid !== rollback.metadata.uid);
  if (rival === undefined) return undefined;
  const text = `claim ${JSON.stringify(claimName)} went back by VolumeRollback ${rival.metadata.name}, which is neither confirmed nor undone: stowage rollback pvc/${claimName} --confirm (or --undo) first`;
  return { isPassing: false, text };
}

function whyNotSnapshot({ metadata, status }: VolumeSnapshot): Obstacle | undefined {
  const name = JSON.stringify(metadata.name);
  if (metadata.deletionTimestamp !== undefined) return { isPassing: false, text: `snapshot ${name} is being deleted` };
  if (status?.readyToUse === true) return undefined;
  const why = status?.error?.message;
  return { isPassing: true, text: `snapshot ${name} is not ready${why === undefined ? '' : `: ${why}`}` };
}

function never(text: string): Result<never, Obstacle> {
  return { ok: false, error: { isPassing: false, text } };
}
