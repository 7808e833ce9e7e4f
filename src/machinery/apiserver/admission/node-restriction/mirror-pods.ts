import type { Pod, Volume } from '#api/generated/kubernetes.ts';
import type { OwnerReference } from '#api/meta/object.ts';
import { MIRROR_POD_ANNOTATION, referencesOfPod } from '../../access/nodes/references.ts';

/** Why a node may not make this pod: it may only show what it runs itself, as a mirror pod that leads to nothing else; undefined where it may. */
export function mirrorPodRefusal(
  pod: Pod,
  { nodeName, nodeUid }: { readonly nodeName: string; readonly nodeUid: string },
): string | undefined {
  const node = JSON.stringify(nodeName);
  const { annotations, ownerReferences: owners = [] } = pod.metadata;
  if (annotations?.[MIRROR_POD_ANNOTATION] === undefined)
    return `pod does not have ${JSON.stringify(MIRROR_POD_ANNOTATION)} annotation, node ${node} can only create mirror pods`;
  if (pod.spec.nodeName !== nodeName) return `node ${node} can only create pods with spec.nodeName set to itself`;
  const ofOwner =
    owners.length > 1
      ? `node ${node} can only create pods with a single owner reference set to itself`
      : ownerRefusal(owners[0], nodeName, nodeUid);
  if (ofOwner !== undefined) return ofOwner;
  const referenced = referencedResource(pod);
  return referenced === undefined ? undefined : `node ${node} can not create pods that reference ${referenced}`;
}

function ownerRefusal(owner: OwnerReference | undefined, nodeName: string, nodeUid: string): string | undefined {
  const node = JSON.stringify(nodeName);
  if (owner?.apiVersion !== 'v1' || owner.kind !== 'Node' || owner.name !== nodeName)
    return `node ${node} can only create pods with an owner reference set to itself`;
  if (owner.controller !== true) return `node ${node} can only create pods with a controller owner reference set to itself`;
  if (owner.blockOwnerDeletion === true) return `node ${node} must not set blockOwnerDeletion on an owner reference`;
  return owner.uid === nodeUid ? undefined : `node ${nodeName} UID mismatch: expected ${owner.uid} got ${nodeUid}`;
}

function referencedResource(pod: Pod): string | undefined {
  if ((pod.spec.serviceAccountName ?? '') !== '') return 'serviceaccounts';
  // why without annotations: mirror pods lead to nothing, whatever they name
  const references = referencesOfPod({ ...pod, metadata: { ...pod.metadata, annotations: {} } });
  for (const plural of ['secrets', 'configmaps', 'persistentvolumeclaims'])
    if (references.some((reference) => reference.startsWith(`${plural}/`))) return plural;
  if ((pod.spec.resourceClaims ?? []).length > 0) return 'resourceclaims';
  return (pod.spec.volumes ?? []).map(resourceOfVolume).find((resource) => resource !== undefined);
}

function resourceOfVolume({ csi, glusterfs, azureFile, projected }: Volume): string | undefined {
  if (csi !== undefined) return 'csidrivers (via CSI volumes)';
  if (glusterfs !== undefined) return 'endpoints (via glusterFS volumes)';
  if (azureFile !== undefined) return 'secrets (via azureFile volumes)';
  for (const { serviceAccountToken, clusterTrustBundle, podCertificate } of projected?.sources ?? []) {
    if (serviceAccountToken !== undefined) return 'serviceaccounts (via projected volumes)';
    if (clusterTrustBundle !== undefined) return 'clustertrustbundles';
    if (podCertificate !== undefined) return 'podcertificates';
  }
  return undefined;
}
