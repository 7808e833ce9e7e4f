import { type DeletedClaim, deletedClaims } from '#api/generated/definitions.ts';
import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { Draft, KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { persistentVolumes } from '#api/resources.ts';
import { claimRecordOf, isKept } from '#api/undelete/claim-record.ts';
import { deletedClaimDraft } from '#controllers/stowage/undelete/deleted-claim.ts';
import { hasCode } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';

/** A claim that was deleted and can be brought back. */
export interface Deleted {
  readonly namespace: string;
  readonly claimName: string;
  readonly volumeName: string;
  /** A quantity. */
  readonly storage: string;
  readonly storageClassName: string | undefined;
  /** RFC 3339, both. */
  readonly deletedAt: string;
  readonly keptUntil: string;
  /** As it is created again. */
  readonly claim: Draft<PersistentVolumeClaim>;
  /** Set where nothing tells of it in its namespace: that is gone, or another of the same name. Only an administrator sees it. */
  readonly orphan?: PersistentVolume;
}

/** Those of a namespace (`''` = of all), the newest first; of volumes only what the user may list. @throws ApiError where he may not list DeletedClaims */
export async function readDeleted(client: Pick<Client, 'list'>, namespace: string): Promise<readonly Deleted[]> {
  const told = (await client.list(deletedClaims, namespace === '' ? {} : { namespace })).items.filter(isThere).map(fromTold);
  const known = new Set(told.map(({ volumeName }) => volumeName));
  const volumes = await listVisible(client, persistentVolumes);
  const orphans = volumes.flatMap((volume) => (isKept(volume) && !known.has(volume.metadata.name) ? fromVolume(volume) : []));
  return [...told, ...orphans.filter((each) => namespace === '' || each.namespace === namespace)].toSorted((a, b) =>
    b.deletedAt.localeCompare(a.deletedAt),
  );
}

/** The same of what tells of them alone; none where the user may not list it, or the API has no such kind. @throws ApiError */
export async function readDeletedSeen(
  client: Pick<Client, 'list'>,
  namespace: string,
): Promise<readonly Omit<Deleted, 'claim' | 'orphan'>[]> {
  try {
    const { items } = await client.list(deletedClaims, namespace === '' ? {} : { namespace });
    return items.filter(isThere).map((told) => {
      const { claim: _claim, ...rest } = fromTold(told);
      return rest;
    });
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound', 'PermissionDenied')) throw thrown;
    return [];
  }
}

function isThere({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp === undefined;
}

function fromTold({ metadata, spec }: Draft<DeletedClaim>): Deleted {
  const { claimName, storage, storageClassName, deletedAt, keptUntil, claim } = spec;
  const { name = '', namespace = '' } = metadata;
  // why trusted: the platform wrote it, and the API checks what is created from it
  return {
    namespace,
    claimName,
    volumeName: name,
    storage,
    storageClassName,
    deletedAt,
    keptUntil,
    claim: trusted<Draft<PersistentVolumeClaim>>(claim),
  };
}

function fromVolume(volume: PersistentVolume): readonly Deleted[] {
  const record = claimRecordOf(volume);
  return record.ok ? [{ ...fromTold(deletedClaimDraft(volume, record.value)), orphan: volume }] : [];
}

async function listVisible<K extends KubeObject>(client: Pick<Client, 'list'>, resource: Resource<K>): Promise<readonly K[]> {
  try {
    return (await client.list(resource)).items;
  } catch (thrown) {
    if (!hasCode(thrown, 'PermissionDenied')) throw thrown;
    return [];
  }
}
