import { claimKeysOfPod } from '#api/claim-facts.ts';
import { type VolumeRollback, volumeSnapshots } from '#api/generated/definitions.ts';
import type { Pod } from '#api/generated/kubernetes.ts';
import { formatKey } from '#api/meta/object.ts';
import { persistentVolumeClaims, pods } from '#api/resources.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import type { Client } from '#machinery/client/client.ts';

/** What a rollback would do, a line each. @throws ApiError where a claim or a snapshot is not there */
export async function preview(
  client: Pick<Client, 'get' | 'list'>,
  { namespace, spec }: { readonly namespace: string; readonly spec: VolumeRollback['spec'] },
): Promise<readonly string[]> {
  const users = (await client.list(pods, { namespace })).items.filter(
    ({ status }) => !['Succeeded', 'Failed'].includes(status?.phase ?? ''),
  );
  const lines: string[] = [];
  for (const { claimName, volumeSnapshotName } of await wantedOf(client, { namespace, spec })) {
    const claim = await client.get(persistentVolumeClaims, { namespace, name: claimName });
    const { status } = await client.get(volumeSnapshots, { namespace, name: volumeSnapshotName });
    const taken = status?.creationTime === undefined ? 'not taken yet' : `of ${status.creationTime}`;
    lines.push(`claim ${claimName} goes back to snapshot ${volumeSnapshotName} (${taken})`);
    const names = users.filter((pod) => uses(pod, formatKey({ namespace, name: claimName }))).map(({ metadata }) => metadata.name);
    if (names.length > 0) lines.push(`pods ${names.join(', ')} are stopped meanwhile`);
    lines.push(`its volume ${volumeNameOf(claim)} is kept until it is confirmed; what was written since the snapshot is only there`);
  }
  return lines;
}

async function wantedOf(
  client: Pick<Client, 'list'>,
  { namespace, spec }: { readonly namespace: string; readonly spec: VolumeRollback['spec'] },
): Promise<NonNullable<VolumeRollback['spec']['claims']>> {
  if (spec.claims !== undefined) return spec.claims;
  const { items } = await client.list(volumeSnapshots, { namespace });
  return items
    .filter(({ status }) => status?.volumeGroupSnapshotName === spec.volumeGroupSnapshotName)
    .flatMap(({ metadata, spec: { source } }) => {
      const claimName = source.persistentVolumeClaimName ?? '';
      return claimName === '' ? [] : [{ claimName, volumeSnapshotName: metadata.name }];
    });
}

function uses(pod: Pod, claimKey: string): boolean {
  return claimKeysOfPod(pod).includes(claimKey);
}
