import { type VolumeRollback, type VolumeSnapshot, volumeGroupSnapshots, volumeSnapshots } from '#api/generated/definitions.ts';
import type { StatefulSet } from '#api/generated/kubernetes.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import { readTime } from '#api/schema/read-time.ts';
import { ordinalsOf, setOrdinalOf } from '#api/stateful-set-claims.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import { CommandRefused } from '../run-command.ts';

type Wanted = NonNullable<VolumeRollback['spec']['claims']>;

/** Of which claims of a StatefulSet the snapshots are looked for, and what they are to be of. */
interface AsOf {
  readonly set: StatefulSet;
  /** The name of a group snapshot, or a time: then each claim goes back to its newest snapshot that is not later. */
  readonly to: string;
}

/**
 * To which snapshots the claims of a StatefulSet go back: all that it has now, by number.
 * @throws CommandRefused where `to` is neither a group snapshot nor a time, or a claim has no snapshot of it
 */
export async function claimsAsOf(client: Pick<Client, 'get' | 'list'>, { set, to }: AsOf): Promise<Wanted> {
  const { namespace = '', name } = set.metadata;
  const fits = await ruleOf(client, { namespace, to });
  const claims = (await client.list(persistentVolumeClaims, { namespace })).items.map(({ metadata }) => metadata.name);
  const { items } = await client.list(volumeSnapshots, { namespace });
  const own = claims
    .map((claimName) => ({ claimName, ordinal: setOrdinalOf(set, claimName) }))
    .filter((claim): claim is { claimName: string; ordinal: number } => claim.ordinal !== undefined)
    .toSorted((a, b) => a.ordinal - b.ordinal);
  if (own.length === 0)
    throw new CommandRefused(
      `statefulset/${name} has no claims in namespace ${namespace}: only claims of volumeClaimTemplates go back with it`,
    );
  const wanted: { claimName: string; volumeSnapshotName: string }[] = [];
  const missing: string[] = [];
  const { from, to: end } = ordinalsOf(set);
  for (const { claimName, ordinal } of own) {
    const newest = items
      .filter((snapshot) => snapshot.spec.source.persistentVolumeClaimName === claimName && fits(snapshot))
      .toSorted(byTime)
      .at(-1);
    if (newest !== undefined) wanted.push({ claimName, volumeSnapshotName: newest.metadata.name });
    // why not those beyond: a set that was larger once keeps claims that no pod of it uses
    else if (ordinal >= from && ordinal < end) missing.push(claimName);
  }
  if (missing.length > 0)
    throw new CommandRefused(
      `--to ${to}: there is no snapshot of it of ${missing.join(', ')}: all claims of statefulset/${name} go back, or none`,
    );
  return wanted;
}

/** Which snapshots count. */
async function ruleOf(
  client: Pick<Client, 'get'>,
  { namespace, to }: { readonly namespace: string; readonly to: string },
): Promise<(snapshot: VolumeSnapshot) => boolean> {
  const time = readTime(to);
  if (time.ok) {
    const { epochMs } = time.value;
    return (snapshot) => snapshot.status?.readyToUse === true && momentOf(snapshot) <= epochMs;
  }
  try {
    await client.get(volumeGroupSnapshots, { namespace, name: to });
  } catch (thrown) {
    if (!hasCode(thrown, 'NotFound')) throw thrown;
    throw new CommandRefused(
      `--to ${to}: neither a group snapshot of namespace ${namespace} (kubectl get volumegroupsnapshots) nor a time such as 2026-01-31T08:30:00Z`,
    );
  }
  return ({ status }) => status?.volumeGroupSnapshotName === to;
}

function byTime(a: VolumeSnapshot, b: VolumeSnapshot): number {
  return momentOf(a) - momentOf(b);
}

function momentOf({ metadata, status }: VolumeSnapshot): number {
  return Date.parse(status?.creationTime ?? metadata.creationTimestamp);
}
