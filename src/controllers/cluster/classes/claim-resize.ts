import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import type { KubeObject, ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { persistentVolumeClaims, persistentVolumes, storageClasses } from '#api/resources.ts';
import { classOfClaim, requestedBytesOf, volumeNameOf } from '#api/storage/claim.ts';
import { sourceOf } from '#api/storage/volume.ts';
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

/** Kinds of volumes that somebody may grow: CSI, and those of former Kubernetes that CSI drivers stand in for (kube-apiserver checkVolumePlugin). */
const GROWABLE: ReadonlySet<string> = new Set([
  'csi',
  'glusterfs',
  'cinder',
  'rbd',
  'portworxVolume',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'azureFile',
  'azureDisk',
  'vsphereVolume',
  'flexVolume',
]);

/**
 * The admission plugin `PersistentVolumeClaimResize` (kube-apiserver's of that name): a claim grows only when it is bound, its class allows it, and its volume can.
 * Has the shape of the API server's AdmissionPlugin without importing it, so that controllers stay clear of the server.
 */
export const claimResize = {
  name: 'PersistentVolumeClaimResize',
  validate({ verb, kind, subresource, object, previous }: Request, view: View): void {
    const isUpdate = verb === 'update' && subresource === '' && kind.resource === persistentVolumeClaims;
    if (!isUpdate || object === undefined || previous === undefined) return;
    // why trusted: the server has checked both against the schema of the resource that was just compared
    const [next, before] = [trusted<PersistentVolumeClaim>(object), trusted<PersistentVolumeClaim>(previous)];
    if (requestedBytesOf(next) <= requestedBytesOf(before)) return;
    const refusal = whyRefused(next, before, view);
    if (refusal !== undefined) throw new ResizeRefused(next, refusal);
  },
};

function whyRefused(next: PersistentVolumeClaim, before: PersistentVolumeClaim, view: View): string | undefined {
  if (before.status?.phase !== 'Bound') return 'only bound persistent volume claims can be expanded: wait until it is bound';
  const className = classOfClaim(before);
  const storageClass = className === classOfClaim(next) ? view.get(storageClasses, { namespace: '', name: className }) : undefined;
  if (storageClass?.allowVolumeExpansion !== true) {
    const remedy = `set allowVolumeExpansion: true on the storageclass ${JSON.stringify(className)}`;
    return `only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize: ${remedy}`;
  }
  const volume = view.get(persistentVolumes, { namespace: '', name: volumeNameOf(before) });
  if (volume === undefined) return 'error updating persistent volume claim because fetching associated persistent volume failed';
  const source = sourceOf(volume) ?? 'unknown';
  if (GROWABLE.has(source)) return undefined;
  return `volume plugin does not support resize: volume ${JSON.stringify(volume.metadata.name)} is of kind ${source}, make a new claim of the size you need`;
}
