import { claimKeysOfPod } from '#api/claim-facts.ts';
import { type VolumeMove, type VolumeSnapshot, volumeSnapshots } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { formatKey, type ObjectKey } from '#api/meta/object.ts';
import { persistentVolumeClaims, pods, storageClasses } from '#api/resources.ts';
import { classOfClaim, requestedBytesOf, volumeNameOf } from '#api/storage/claim.ts';
import { bytesOf } from '#kit/quantity.ts';
import type { Client } from '#machinery/client/client.ts';

/** What a move would do, a line each. @throws ApiError where the claim or the class is not there */
export async function preview(
  client: Pick<Client, 'get' | 'list'>,
  { namespace, spec }: { readonly namespace: string; readonly spec: VolumeMove['spec'] },
): Promise<readonly string[]> {
  const { claimName, storageClassName, size, nodeName, targetNamespace } = spec;
  const claim = await client.get(persistentVolumeClaims, { namespace, name: claimName });
  if (storageClassName !== undefined) await client.get(storageClasses, { namespace: '', name: storageClassName });
  const isCopied = storageClassName !== undefined || size !== undefined || nodeName !== undefined;
  const isSmaller = size !== undefined && bytesOf(size) < requestedBytesOf(claim);
  const copying = [
    'its data is copied while it is used, and what has changed once more when nobody uses it',
    ...(isSmaller ? [`whether the data fits into ${size} is looked at before anybody is stopped`] : []),
  ];
  return [
    `claim ${claimName} moves to ${wishes(spec, claim)}`,
    ...(isCopied ? copying : ['its volume stays, and nothing is copied']),
    ...usersStopped(await usersOf(client, { namespace, name: claimName }), targetNamespace),
    ...snapshotsKept(await snapshotsOf(client, { namespace, name: claimName }), namespace),
    ...(isCopied ? [`its volume ${volumeNameOf(claim)} is kept until it is confirmed`] : []),
  ];
}

function wishes({ storageClassName, size, nodeName, targetNamespace }: VolumeMove['spec'], claim: PersistentVolumeClaim): string {
  return [
    ...(storageClassName === undefined ? [] : [`class ${storageClassName} (now ${classOfClaim(claim) || 'none'})`]),
    ...(size === undefined ? [] : [`size ${size} (now ${claim.spec.resources?.requests?.['storage'] ?? 'none'})`]),
    ...(nodeName === undefined ? [] : [`node ${nodeName}`]),
    ...(targetNamespace === undefined ? [] : [`namespace ${targetNamespace}`]),
  ].join(', ');
}

async function usersOf(client: Pick<Client, 'list'>, key: ObjectKey): Promise<readonly Pod[]> {
  const { items } = await client.list(pods, { namespace: key.namespace });
  return items.filter((pod) => !['Succeeded', 'Failed'].includes(pod.status?.phase ?? '') && claimKeysOfPod(pod).includes(formatKey(key)));
}

async function snapshotsOf(client: Pick<Client, 'list'>, { namespace, name }: ObjectKey): Promise<readonly VolumeSnapshot[]> {
  const { items } = await client.list(volumeSnapshots, { namespace });
  return items.filter(({ spec: { source } }) => source.persistentVolumeClaimName === name);
}

function usersStopped(users: readonly Pod[], targetNamespace: string | undefined): readonly string[] {
  if (users.length === 0) return [];
  const forGood = targetNamespace === undefined ? '' : ', and not started again: they can not follow to another namespace';
  return [`pods ${names(users)} are stopped meanwhile${forGood}`];
}

function snapshotsKept(snapshots: readonly VolumeSnapshot[], namespace: string): readonly string[] {
  return snapshots.length === 0 ? [] : [`snapshots ${names(snapshots)} stay in namespace ${namespace}, as they are`];
}

function names(items: readonly { readonly metadata: { readonly name: string } }[]): string {
  return items.map(({ metadata }) => metadata.name).join(', ');
}
