import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { persistentVolumeClaims, persistentVolumes, storageClasses } from '#api/resources.ts';
import { classOfClaim, requestedBytesOf, volumeNameOf } from '#api/storage/claim.ts';
import { sourceOf } from '#api/storage/volume.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import type { RuleRequest, RuleView } from '../../admission-rule.ts';

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
 */
export const claimResize = {
  name: 'PersistentVolumeClaimResize',
  validate({ verb, kind, subresource, object, previous }: Omit<RuleRequest, 'key' | 'warn'>, view: Pick<RuleView, 'get'>): void {
    const isUpdate = verb === 'update' && subresource === '' && kind.resource === persistentVolumeClaims;
    if (!isUpdate || object === undefined || previous === undefined) return;
    // why trusted: the server has checked both against the schema of the resource that was just compared
    const [next, before] = [trusted<PersistentVolumeClaim>(object), trusted<PersistentVolumeClaim>(previous)];
    if (requestedBytesOf(next) <= requestedBytesOf(before)) return;
    const refusal = whyRefused(next, before, view);
    if (refusal !== undefined) throw new ResizeRefused(next, refusal);
  },
};

function whyRefused(next: PersistentVolumeClaim, before: PersistentVolumeClaim, view: Pick<RuleView, 'get'>): string | undefined {
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
