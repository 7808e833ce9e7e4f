import { volumeGroupSnapshotContents, volumeSnapshotContents } from '#api/generated/definitions.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod, VolumeAttachment } from '#api/generated/kubernetes.ts';
import { persistentVolumeClaims, persistentVolumes, pods, statefulSets, volumeAttachments } from '#api/resources.ts';
import { DRIVER_NAME } from '#drivers/local/identity.ts';
import { PlatformError } from '#kit/errors.ts';
import { claimsOf, stored } from './invariants.ts';
import { ask } from './actors.ts';
import { unsettledSets } from './calm-sets.ts';
import { isRightlyKept, unsettledDeleted } from './calm-deleted.ts';
import { unsettledPlugins } from './calm-plugins.ts';
import { unsettledSnapshots } from './calm-snapshots.ts';
import { copiedNames, type Rest, unsettledAttributes, unsettledFinalizers, unsettledSizes } from './calm-volumes.ts';
import { ensureGroupClass, ensureSnapshotClass } from './snapshot-actors.ts';
import { CLASSES, SNAPSHOT_DRIVERS } from './step.ts';
import { NET_DRIVER, NODE_COUNT, nodeNameOf, type World } from './world.ts';

/** Classes whose claims wait for a pod. */
const WAITING: ReadonlySet<string> = new Set(['local', 'net-wait']);

/** Everything that was in the way is taken away; what was armed strikes no more. */
export async function heal(world: World): Promise<void> {
  world.trace.add('# heal');
  world.fates.clear();
  world.network.heal();
  for (const pool of world.pools.values()) pool.isFull = false;
  for (const endpoint of world.endpoints.values()) endpoint.resume();
  for (let node = 0; node < NODE_COUNT; node += 1) world.plugins.setBroken(nodeNameOf(node), false);
  for (const name of [DRIVER_NAME, NET_DRIVER]) world.setAway(name, false);
  await world.clock.step(30_000);
  for (const className of CLASSES) await asked(world, { do: 'createClass', className });
  for (let node = 0; node < NODE_COUNT; node += 1) await asked(world, { do: 'uncordon', node });
  // why only then: what nobody knows whether it was taken is asked for once more with its class, and a class holds the plugin
  const { server, users } = world;
  if (server === undefined) return;
  for (const driver of SNAPSHOT_DRIVERS) {
    if (stored(server.store, volumeSnapshotContents).length > 0) await tried(world, ensureSnapshotClass(users, driver));
    if (stored(server.store, volumeGroupSnapshotContents).length > 0) await tried(world, ensureGroupClass(users, driver));
  }
}

async function tried(world: World, request: Promise<void>): Promise<void> {
  void request.catch((thrown: unknown) => world.trace.add(PlatformError.from(thrown).reason));
  await world.clock.step(100);
}

async function asked(world: World, step: Parameters<typeof ask>[1]): Promise<void> {
  void ask(world, step);
  await world.clock.step(100);
}

/** What is still under way or left behind, in words; nothing in the end. */
export function unrest(world: World): readonly string[] {
  const { server } = world;
  if (server === undefined || !world.isUp) return ['the platform is not up'];
  const { store } = server;
  const claims = stored(store, persistentVolumeClaims);
  const podsNow = stored(store, pods);
  const volumes = stored(store, persistentVolumes);
  const attachments = stored(store, volumeAttachments);
  const rest: Rest = { claims, volumes, pods: podsNow, attachments };
  const known = new Set(volumes.map(({ spec }) => `${spec.csi?.driver}/${spec.csi?.volumeHandle}`));
  const used = new Set([...podsNow.flatMap(claimsOf), ...copiedNames(claims)]);
  const going = new Set(volumes.flatMap(({ metadata }) => (metadata.deletionTimestamp === undefined ? [] : [metadata.name])));
  return [
    ...leaks(world, known),
    ...claims.flatMap((claim) => unsettledClaim(claim, used)),
    ...volumes.flatMap((volume) => {
      const { metadata, status, spec } = volume;
      const isHeld = claims.some(({ metadata: { uid } }) => uid === spec.claimRef?.uid);
      if (metadata.deletionTimestamp !== undefined && !isHeld) return [`${metadata.name} is not gone`];
      if (status?.phase === 'Released' && spec.persistentVolumeReclaimPolicy === 'Delete' && !isRightlyKept(volume, store))
        return [`${metadata.name} is Released`];
      return [];
    }),
    ...podsNow.filter((pod) => !sharesWith(pod, podsNow)).flatMap((pod) => unsettledPod(pod, { claims, going })),
    ...leftMounts(world, podsNow),
    ...unsettledSizes(world, rest),
    ...unsettledAttributes(world, rest),
    ...unsettledFinalizers(rest),
    ...unsettledSets(stored(store, statefulSets), rest, world.ownedClaims),
    ...unsettledPlugins(world),
    ...unsettledSnapshots(world, store, claims),
    ...unsettledDeleted(store, rest),
    ...unsettledAttachments(attachments, { volumes, pods: podsNow, going }),
  ];
}

function unsettledAttachments(
  attachments: readonly VolumeAttachment[],
  now: { readonly volumes: readonly PersistentVolume[]; readonly pods: readonly Pod[]; readonly going: ReadonlySet<string> },
): readonly string[] {
  return attachments.flatMap(({ metadata, spec, status }) => {
    const name = spec.source.persistentVolumeName ?? '';
    if (metadata.deletionTimestamp !== undefined) return [`${metadata.name} is not gone`];
    const claimName = now.volumes.find((volume) => volume.metadata.name === name)?.spec.claimRef?.name ?? '';
    const isWanted = now.pods.some((pod) => pod.spec.nodeName === spec.nodeName && claimsOf(pod).includes(claimName));
    if (!isWanted) return [`${name} is attached to ${spec.nodeName} for nobody`];
    // why not of one that goes: what is to be deleted is not attached anew (external-attacher); and it may be another node's
    const isHindered = now.going.has(name) || attachments.filter((each) => each.spec.source.persistentVolumeName === name).length > 1;
    return status?.attached === true || isHindered ? [] : [`${name} is not attached to ${spec.nodeName}`];
  });
}

function leaks({ pools, kept }: World, known: ReadonlySet<string>): readonly string[] {
  const seen = new Set<string>();
  return [...pools].flatMap(([place, pool]) =>
    [...pool.volumes.keys()].flatMap((volumeId) => {
      const key = `${pool.driverName}/${volumeId}`;
      const isFirst = !seen.has(key);
      seen.add(key);
      return (known.has(key) && isFirst) || kept.has(volumeId) ? [] : [`${volumeId} is left in the pool of ${place}`];
    }),
  );
}

function unsettledClaim({ metadata, spec, status }: PersistentVolumeClaim, used: ReadonlySet<string>): readonly string[] {
  const { name } = metadata;
  if (metadata.deletionTimestamp !== undefined) return used.has(name) ? [] : [`${name} is not gone`];
  const phase = status?.phase;
  if (phase === 'Bound' || phase === 'Lost' || WAITING.has(spec.storageClassName ?? '')) return [];
  // why not copies: what is to be copied may be gone, or larger, or elsewhere
  return spec.dataSource === undefined ? [`${name} is ${phase}`] : [];
}

function unsettledPod(
  pod: Pod,
  { claims, going }: { readonly claims: readonly PersistentVolumeClaim[]; readonly going: ReadonlySet<string> },
): readonly string[] {
  const { name, deletionTimestamp } = pod.metadata;
  if (deletionTimestamp !== undefined) return [`pod ${name} is not gone`];
  if (pod.spec.nodeName === undefined || pod.status?.phase === 'Running') return [];
  const own = claimsOf(pod).map((claimName) => claims.find(({ metadata }) => metadata.name === claimName));
  // why older: a claim that was replaced under a pod that has its node may lie on another; a claim that goes is waited for
  const isAlone = own.every(
    (claim) =>
      claim?.status?.phase === 'Bound' &&
      claim.metadata.deletionTimestamp === undefined &&
      !going.has(claim.spec.volumeName ?? '') &&
      isOlder(claim, pod),
  );
  return isAlone
    ? [`pod ${name} of ${own.map((claim) => claim?.metadata.name).join()} is ${pod.status?.phase} on ${pod.spec.nodeName}`]
    : [];
}

/** What is for one pod or one node may be the other's. */
function sharesWith(pod: Pod, all: readonly Pod[]): boolean {
  const own = new Set(claimsOf(pod));
  return all.some((other) => other.metadata.uid !== pod.metadata.uid && claimsOf(other).some((name) => own.has(name)));
}

function isOlder(claim: PersistentVolumeClaim, pod: Pod): boolean {
  return Date.parse(claim.metadata.creationTimestamp ?? '') < Date.parse(pod.metadata.creationTimestamp ?? '');
}

function leftMounts({ machines }: World, podsNow: readonly Pod[]): readonly string[] {
  return [...machines.values()].flatMap(({ nodeName, mounts }) => {
    const here = podsNow.filter((pod) => pod.spec.nodeName === nodeName && claimsOf(pod).length > 0);
    if (here.length === 0 && mounts.size > 0) return [`${mounts.size} mounts are left on ${nodeName}`];
    const uids = here.map(({ metadata }) => metadata.uid);
    return [...mounts].flatMap(([path, { role, volumeId }]) =>
      role === 'published' && !uids.some((uid) => path.includes(uid)) ? [`${volumeId} is mounted on ${nodeName} for nobody`] : [],
    );
  });
}
