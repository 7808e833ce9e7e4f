import type { ObjectReference, PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { persistentVolumeClaims, persistentVolumes } from '#api/resources.ts';
import { attributesClassOf, isBindCompleted, volumeNameOf } from '#api/storage/claim.ts';
import {
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  IN_FLIGHT_FINALIZER,
  PRE_RESIZE_CAPACITY,
  provisionedNameOf,
  YES,
} from '#api/storage/names.ts';
import { isVolumeOfClaim } from '#api/storage/volume.ts';
import { formatTime } from '#kit/clock.ts';
import { deepEqual } from '#kit/json.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';

/**
 * Binds `claim` and `volume` in upstream's four writes, each left out where it is done already, so that it converges from a stop between any two:
 * the volume's claimRef, the volume's phase, the claim's volumeName, the claim's status. The first carries the volume's resourceVersion:
 * of two claims that want one volume, one is refused.
 * @throws ApiError `Aborted` where either object has changed meanwhile
 */
export async function bind(ctx: Ctx, claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
  const claimed = await ensureClaimRef(ctx, claim, volume);
  await ensureVolumePhase(ctx, claimed, 'Bound');
  const named = await ensureVolumeName(ctx, claim, claimed);
  await ensureBoundStatus(ctx, named, claimed);
}

/** Sees that the claimRef of `volume` is `claim`, in full. */
async function ensureClaimRef(ctx: Ctx, claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<PersistentVolume> {
  const patch = claimRefPatch(claim, volume);
  if (patch === undefined) return volume;
  return ctx.client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body: patch } });
}

/** The merge patch that gives `volume` to `claim`; undefined where it has it already. The scheduler reserves volumes with it, too. */
export function claimRefPatch(claim: PersistentVolumeClaim, volume: PersistentVolume): object | undefined {
  const isOfClaim = isVolumeOfClaim(volume, claim);
  if (isOfClaim && volume.spec.claimRef?.uid === claim.metadata.uid) return undefined;
  // why: a reservation that a user made stays the user's, so the controller may not undo it
  const annotations = isOfClaim ? {} : { annotations: { [BOUND_BY_CONTROLLER]: YES } };
  return { metadata: { resourceVersion: volume.metadata.resourceVersion, ...annotations }, spec: { claimRef: referenceTo(claim) } };
}

function referenceTo(claim: PersistentVolumeClaim): ObjectReference {
  const { name, namespace, uid, resourceVersion } = claim.metadata;
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace, name, uid, resourceVersion };
}

/** Sees that `volume` has this phase. A phase that somebody else has written meanwhile is looked at first. */
export async function ensureVolumePhase(
  ctx: Ctx,
  volume: PersistentVolume,
  phase: 'Available' | 'Bound' | 'Released',
): Promise<PersistentVolume> {
  if (volume.status?.phase === phase) return volume;
  const body = {
    metadata: { resourceVersion: volume.metadata.resourceVersion },
    status: { phase, lastPhaseTransitionTime: formatTime(ctx.clock.nowMs()), message: null, reason: null },
  };
  return ctx.client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body } }, { subresource: 'status' });
}

async function ensureVolumeName(ctx: Ctx, claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<PersistentVolumeClaim> {
  const isNamed = volumeNameOf(claim) === volume.metadata.name;
  const { metadata } = claim;
  // why: this volume's existence is what the finalizer waits for; taking it off here saves a write
  const isInFlight =
    volume.metadata.name === provisionedNameOf(metadata.uid) && metadata.finalizers?.includes(IN_FLIGHT_FINALIZER) === true;
  if (isNamed && isBindCompleted(claim) && !isInFlight) return claim;
  const body = {
    metadata: {
      resourceVersion: metadata.resourceVersion,
      annotations: { [BIND_COMPLETED]: YES, ...(isNamed ? {} : { [BOUND_BY_CONTROLLER]: YES }) },
      ...(isInFlight ? { finalizers: metadata.finalizers.filter((name) => name !== IN_FLIGHT_FINALIZER) } : {}),
    },
    ...(isNamed ? {} : { spec: { volumeName: volume.metadata.name } }),
  };
  return ctx.client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } });
}

async function ensureBoundStatus(ctx: Ctx, claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
  const status = boundStatus(claim, volume);
  if (status === undefined) return;
  // why without resourceVersion: each field is taken from the volume that the claim can't leave any more; the last writer is right whoever it is
  await ctx.client.patch(
    persistentVolumeClaims,
    { key: keyOf(claim), patch: { type: 'merge', body: { status } } },
    { subresource: 'status' },
  );
}

/** What is to change in the status of `claim`, which is bound to `volume`; undefined where it is as it should be. Pure. */
export function boundStatus(claim: PersistentVolumeClaim, volume: PersistentVolume): object | undefined {
  const isBecomingBound = claim.status?.phase !== 'Bound';
  const accessModes = volume.spec.accessModes ?? [];
  if (!isBecomingBound && deepEqual(claim.status?.accessModes, accessModes)) return undefined;
  const attributesClass = attributesClassOf(volume.spec);
  return {
    phase: 'Bound',
    accessModes,
    // why only now: later, a difference says that the filesystem has not grown yet
    ...(isBecomingBound ? { capacity: capacityAtBinding(volume) } : {}),
    ...(isBecomingBound && attributesClass !== '' ? { currentVolumeAttributesClassName: attributesClass } : {}),
  };
}

function capacityAtBinding(volume: PersistentVolume): Readonly<Record<string, string>> {
  const before = volume.metadata.annotations?.[PRE_RESIZE_CAPACITY];
  return before === undefined ? (volume.spec.capacity ?? {}) : { ...volume.spec.capacity, storage: before };
}
