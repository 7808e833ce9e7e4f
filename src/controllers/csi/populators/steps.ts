import { referenceGrants } from '#api/generated/definitions.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { addingFinalizer, hasFinalizer, isDeleting, removingFinalizer } from '#api/meta/finalizers.ts';
import { formatKey, type KubeObject, keyOf, type ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { persistentVolumeClaims, persistentVolumes, pods } from '#api/resources.ts';
import { refusedNodesOf, selectedNodeOf } from '#api/storage/claim.ts';
import { dataSourceOf } from '#api/storage/data-source.ts';
import { REFUSED_NODES, SELECTED_NODE } from '#api/storage/names.ts';
import { POPULATE_FINALIZER, POPULATED_FROM, POPULATED_UID } from '#api/storage/populator.ts';
import { reclaimPolicyOf } from '#api/storage/volume.ts';
import { formatTime } from '#kit/clock.ts';
import { hasCode } from '#kit/errors.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';
import { conditionsWith, progressOf } from './progress.ts';

/** Keeps the claim while its volume is filled. */
export async function protect(ctx: Ctx, claim: PersistentVolumeClaim): Promise<void> {
  await patchClaim(ctx, claim, addingFinalizer(claim, POPULATE_FINALIZER));
}

/** Lets the claim go, with nothing left of how it was filled. */
export async function release(ctx: Ctx, claim: PersistentVolumeClaim): Promise<void> {
  const told = await reportProgress(ctx, claim, undefined);
  if (hasFinalizer(told, POPULATE_FINALIZER)) await patchClaim(ctx, told, removingFinalizer(told, POPULATE_FINALIZER));
}

/** Writes how far the filling is into the claim's condition; undefined takes that off. */
export async function reportProgress(ctx: Ctx, claim: PersistentVolumeClaim, message: string | undefined): Promise<PersistentVolumeClaim> {
  if (progressOf(claim) === message) return claim;
  const { resourceVersion } = claim.metadata;
  const body = { metadata: { resourceVersion }, status: { conditions: conditionsWith(claim, message, formatTime(ctx.clock.nowMs())) } };
  return ctx.client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } }, { subresource: 'status' });
}

/** Takes the choice of a node back, and notes it, so that the scheduler tries another. */
export async function reschedule(ctx: Ctx, claim: PersistentVolumeClaim): Promise<void> {
  const { resourceVersion } = claim.metadata;
  const [refused, node] = [refusedNodesOf(claim), selectedNodeOf(claim)];
  // why anew once it comes round again: by then each of the others has refused too
  const refusals = refused.includes(node) ? [node] : [...refused, node];
  await patchClaim(ctx, claim, {
    metadata: { resourceVersion, annotations: { [SELECTED_NODE]: null, [REFUSED_NODES]: refusals.join(',') } },
  });
}

/** Gives the volume that was filled to its claim: as lib-volume-populator does it, and only as the volume was looked at. */
export async function handOver(ctx: Ctx, claim: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
  const { namespace = '', name, uid, resourceVersion } = claim.metadata;
  const from = formatKey({ namespace, name: dataSourceOf(claim)?.key.name ?? '' });
  const body = {
    metadata: { resourceVersion: volume.metadata.resourceVersion, annotations: { [POPULATED_FROM]: from } },
    spec: { claimRef: { namespace, name, uid, resourceVersion } },
  };
  await ctx.client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body } });
}

/** What was made to fill a volume, as far as it is there. */
export interface Leftovers {
  readonly uid: string;
  readonly pod: Pod | undefined;
  readonly grant: ObjectKey | undefined;
  /** The claims, each with its volume. */
  readonly claims: readonly { readonly claim: PersistentVolumeClaim; readonly volume: PersistentVolume | undefined }[];
}

/** Asks for the deletion of everything that was made to fill a volume. True where nothing is left. */
export async function removeLeftovers(ctx: Ctx, { uid, pod, grant, claims }: Leftovers): Promise<boolean> {
  if (grant !== undefined) await removeGrant(ctx, grant, uid);
  if (pod !== undefined) await remove(ctx, pods, pod);
  // why after the pod: who looks at the claims must not find one that is in use
  for (const { claim, volume } of claims) await removeClaim(ctx, claim, volume);
  return pod === undefined && claims.length === 0;
}

/** Deletes a claim with its volume, also where the class would keep that: nobody knows of what is in it. */
async function removeClaim(ctx: Ctx, claim: PersistentVolumeClaim, volume: PersistentVolume | undefined): Promise<void> {
  const isItsOwn = volume?.spec.claimRef?.uid === claim.metadata.uid;
  if (volume !== undefined && isItsOwn && reclaimPolicyOf(volume) !== 'Delete') {
    const body = { metadata: { resourceVersion: volume.metadata.resourceVersion }, spec: { persistentVolumeReclaimPolicy: 'Delete' } };
    await ctx.client.patch(persistentVolumes, { key: keyOf(volume), patch: { type: 'merge', body } });
  }
  await remove(ctx, persistentVolumeClaims, claim);
}

async function removeGrant(ctx: Ctx, key: ObjectKey, uid: string): Promise<void> {
  try {
    const grant = await ctx.client.get(referenceGrants, key);
    if (grant.metadata.annotations?.[POPULATED_UID] === uid) await remove(ctx, referenceGrants, grant);
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
  }
}

/** Deletes exactly this object; one that is gone, or on its way, is as good. */
export async function remove<K extends KubeObject>(ctx: Ctx, resource: Resource<K>, object: K): Promise<void> {
  if (isDeleting(object)) return;
  try {
    await ctx.client.delete(resource, keyOf(object), { uid: object.metadata.uid });
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound', 'Aborted')) throw thrown;
  }
}

function patchClaim(ctx: Ctx, claim: PersistentVolumeClaim, body: object): Promise<PersistentVolumeClaim> {
  return ctx.client.patch(persistentVolumeClaims, { key: keyOf(claim), patch: { type: 'merge', body } });
}
