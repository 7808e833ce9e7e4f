import type { Pod, TokenRequestSpec } from '#api/generated/kubernetes.ts';
import { csiDrivers, persistentVolumeClaims, persistentVolumes, pods } from '#api/resources.ts';
import { claimNameOf } from '../../access/nodes/references.ts';
import { notFound } from '../../contract/status-error.ts';
import type { StoreView } from '../../contract/admission.ts';

/** A token that a node asks for. */
export interface NodeTokenOrder {
  readonly nodeName: string;
  readonly userName: string;
  readonly namespace: string;
  readonly spec: Pick<TokenRequestSpec, 'audiences' | 'boundObjectRef'>;
}

/** Why a node may not have this token: it must be bound to a pod of its own, and for an audience that the pod asks for; undefined where it may. @throws ApiError `NotFound` */
export function tokenRefusal({ nodeName, userName, namespace, spec }: NodeTokenOrder, view: StoreView): string | undefined {
  const { apiVersion, kind, name = '', uid = '' } = spec.boundObjectRef ?? {};
  if (apiVersion !== 'v1' || kind !== 'Pod' || name === '') return 'node requested token not bound to a pod';
  if (uid === '') return 'node requested token with a pod binding without a uid';
  const pod = view.get(pods, { namespace, name });
  if (pod === undefined) throw notFound(pods, name);
  if (pod.metadata.uid !== uid)
    return `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
  if (pod.spec.nodeName !== nodeName) return 'node requested token bound to a pod scheduled on a different node';
  return audienceRefusal(pod, { userName, audiences: spec.audiences ?? [] }, view);
}

function audienceRefusal(
  pod: Pod,
  { userName, audiences }: { readonly userName: string; readonly audiences: readonly string[] },
  view: StoreView,
): string | undefined {
  const [audience = '', second] = audiences;
  if (second !== undefined) return 'node may only request 0 or 1 audiences';
  if (audiencesOf(pod, view).has(audience)) return undefined;
  return `audience ${JSON.stringify(audience)} not found in pod spec volume, ${userName} is not authorized to request tokens for this audience`;
}

/** Audiences that the volumes of a pod ask for, and those of the drivers of its volumes. */
function audiencesOf(pod: Pod, view: StoreView): ReadonlySet<string> {
  const volumes = pod.spec.volumes ?? [];
  const projected = volumes.flatMap((volume) => volume.projected?.sources ?? []);
  const own = projected.flatMap(({ serviceAccountToken }) =>
    serviceAccountToken === undefined ? [] : [serviceAccountToken.audience ?? ''],
  );
  const drivers = volumes.map((volume) => volume.csi?.driver ?? driverOfClaim(claimNameOf(pod, volume), pod, view));
  const ofDrivers = drivers.flatMap((name) =>
    name === undefined ? [] : (view.get(csiDrivers, { namespace: '', name })?.spec.tokenRequests ?? []).map(({ audience }) => audience),
  );
  return new Set([...own, ...ofDrivers]);
}

function driverOfClaim(name: string | undefined, { metadata }: Pod, view: StoreView): string | undefined {
  if (name === undefined) return undefined;
  const claim = view.get(persistentVolumeClaims, { namespace: metadata.namespace ?? '', name });
  const volumeName = claim?.spec.volumeName ?? '';
  return volumeName === '' ? undefined : view.get(persistentVolumes, { namespace: '', name: volumeName })?.spec.csi?.driver;
}
