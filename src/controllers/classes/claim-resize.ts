import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { KubeObject, ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { persistentVolumeClaims, storageClasses } from '#api/resources.ts';
import { classOfClaim, requestedBytesOf } from '#api/storage/claim.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';

/** The part of an admission request that the rule looks at. */
interface Request {
  readonly verb: string;
  readonly kind: { readonly resource: Resource };
  readonly subresource: string;
  readonly object?: KubeObject;
  readonly previous?: KubeObject;
}

/** The part of the stored state that the rule looks at. */
interface View {
  get<K extends KubeObject>(resource: Resource<K>, key: ObjectKey): K | undefined;
}

/** A claim can't be grown. */
export class ResizeRefused extends PlatformError {
  constructor(claim: PersistentVolumeClaim, why: string) {
    const message = `persistentvolumeclaims "${claim.metadata.name}" is forbidden: ${why}`;
    super({ code: 'PermissionDenied', reason: 'ResizeRefused', message, details: { field: 'spec.resources.requests.storage' } });
  }
}

/**
 * The admission plugin `PersistentVolumeClaimResize` (kube-apiserver's of that name): a claim grows only when it is bound and its class allows it.
 * Has the shape of the API server's AdmissionPlugin without importing it, so that controllers stay clear of the server.
 */
export const claimResize = {
  name: 'PersistentVolumeClaimResize',
  validate({ verb, kind, subresource, object, previous }: Request, view: View): void {
    if (
      verb !== 'update' ||
      subresource !== '' ||
      kind.resource !== persistentVolumeClaims ||
      object === undefined ||
      previous === undefined
    )
      return;
    // why trusted: the server has checked both against the schema of the resource that was just compared
    const [next, before] = [trusted<PersistentVolumeClaim>(object), trusted<PersistentVolumeClaim>(previous)];
    if (requestedBytesOf(next) <= requestedBytesOf(before)) return;
    if (before.status?.phase !== 'Bound') throw new ResizeRefused(next, 'only bound persistent volume claims can be expanded');
    const storageClass = view.get(storageClasses, { namespace: '', name: classOfClaim(before) });
    if (storageClass?.allowVolumeExpansion !== true) {
      throw new ResizeRefused(
        next,
        'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize',
      );
    }
    throw new ResizeRefused(
      next,
      'this version of Stowage does not grow volumes yet, whatever the class allows: make a new claim of the size you need',
    );
  },
};
