import { volumeSnapshots } from '#api/generated/definitions.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { type Explanation, type Finding, said, words } from '#api/explanation.ts';
import { volumeNameOf } from '#api/storage/claim.ts';
import { restoreSourceKeyOf } from '#api/storage/snapshot.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';

/** What is said of a claim, with how the snapshot is that it waits for. Of one that the user may not see nothing is said. @throws ApiError */
export async function withSnapshot(
  explanation: Explanation,
  claim: PersistentVolumeClaim | undefined,
  client: Pick<Client, 'get'>,
): Promise<Explanation> {
  const key = claim === undefined || volumeNameOf(claim) !== '' ? undefined : restoreSourceKeyOf(claim);
  if (key === undefined) return explanation;
  try {
    const { status } = await client.get(volumeSnapshots, key);
    if (status?.readyToUse === true) return explanation;
    const reason = status?.error?.message;
    const finding: Finding = {
      subject: `volumesnapshot ${key.name}`,
      words: reason === undefined ? words('snapshotIsTaken') : said(reason),
    };
    const explain = words('snapshotExplain', { type: 'volumesnapshot', name: key.name, namespace: key.namespace });
    return { ...explanation, findings: [finding, ...explanation.findings], remedies: [...explanation.remedies, explain] };
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound', 'PermissionDenied')) return explanation;
    throw thrown;
  }
}
