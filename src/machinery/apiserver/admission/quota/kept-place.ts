import type { DeletedClaim } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import { DELETED_CLAIMS } from '#api/quota/usage.ts';
import { trusted } from '#kit/json.ts';
import type { Counted } from './scope-quotas.ts';

const CLAIMS = 'persistentvolumeclaims';

/** Finds what counts under a resource and a name of the namespace. */
export type FindCounted = (resource: string, key: ObjectKey) => Counted | undefined;

/**
 * What counts already in the place that an object is to have: the claim that goes, for what tells of it afterwards, and that, for the claim that is made again.
 * The volume is one and the same, so that both together never ask for more room than one of them. Undefined for all others. Pure.
 */
export function keptPlaceOf({ resource, object }: Pick<Counted, 'resource' | 'object'>, find: FindCounted): Counted | undefined {
  // why trusted: the server stores under a resource only objects of its kind
  const namespace = object.metadata.namespace ?? '';
  if (resource === DELETED_CLAIMS) {
    const { claimName, claimUid } = trusted<DeletedClaim>(object).spec;
    const claim = find(CLAIMS, { namespace, name: claimName });
    return claim?.object.metadata.uid === claimUid ? claim : undefined;
  }
  if (resource !== CLAIMS) return undefined;
  const volumeName = volumeOf(object);
  return volumeName === '' ? undefined : find(DELETED_CLAIMS, { namespace, name: volumeName });
}

/** True for a claim that has, or asks for, the volume of that name. Pure. */
export function namesVolume({ resource, object }: Counted, volumeName: string): boolean {
  return resource === CLAIMS && volumeOf(object) === volumeName;
}

function volumeOf(object: Counted['object']): string {
  return trusted<PersistentVolumeClaim>(object).spec.volumeName ?? '';
}
