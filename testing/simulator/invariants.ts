import { projects, volumeGroupSnapshotContents, type VolumeSnapshotContent, volumeSnapshotContents } from '#api/generated/definitions.ts';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import { customResourceDefinitions, persistentVolumeClaims, persistentVolumes, pods } from '#api/resources.ts';
import { groupHandleOf } from '#api/storage/group-snapshot.ts';
import { GROUP_HANDLE } from '#api/storage/snapshot.ts';
import { isKept } from '#api/undelete/claim-record.ts';
import { DRIVER_NAME } from '#drivers/local/identity.ts';
import { trusted } from '#kit/json.ts';
import type { Store } from '#machinery/store/store.ts';
import { Histories, type Stock } from './histories.ts';
import type { SimVolume } from './sim-pool.ts';
import { NET_DRIVER, type World } from './world.ts';

/** Everything of a kind that is durable now. */
export function stored<K extends KubeObject>(store: Store, resource: Resource<K>): readonly K[] {
  return store.list({ resource: groupResourceOf(resource) }).entries.map((entry) => trusted<K>(entry.object));
}

/** Names of the claims that a pod uses. */
export function claimsOf({ spec }: Pod): readonly string[] {
  return (spec.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
}

/** The groups, as drivers know them, that nobody wants to be rid of. */
function livingGroups(store: Store): ReadonlySet<string> {
  const contents = stored(store, volumeGroupSnapshotContents).filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  return new Set(contents.flatMap((content) => groupHandleOf(content) ?? []));
}

/** What holds at any moment, whatever is under way. */
export class Invariants {
  readonly #world: World;
  readonly #histories: Histories;
  #revision = 0;

  constructor(world: World) {
    this.#world = world;
    this.#histories = new Histories(world);
    world.onVolumeDelete = (driverName, volume) => this.#onDelete(driverName, volume);
  }

  /** What does not hold now, in words. */
  check(): readonly string[] {
    const { server, violations } = this.#world;
    const broken = [...violations.splice(0), ...this.#mounts()];
    if (server === undefined) return broken;
    const { store } = server;
    if (store.revision < this.#revision) broken.push(`the store went back from revision ${this.#revision} to ${store.revision}`);
    this.#revision = store.revision;
    const claims = stored(store, persistentVolumeClaims);
    const volumes = stored(store, persistentVolumes);
    this.#noteKept(volumes);
    const stock: Stock = { claims, volumes, pods: stored(store, pods) };
    const histories = this.#histories.check(stock);
    return [
      ...broken,
      ...pairs(claims, volumes),
      ...this.#backends(volumes),
      ...lostKinds(store),
      ...this.#snapshots(stored(store, volumeSnapshotContents), livingGroups(store)),
      ...histories,
      ...this.#users(stock),
    ];
  }

  /** What is retained stays at the backend when its object goes. */
  #noteKept(volumes: readonly PersistentVolume[]): void {
    for (const { spec } of volumes) if (spec.persistentVolumeReclaimPolicy === 'Retain') this.#world.kept.add(spec.csi?.volumeHandle ?? '');
  }

  /** A volume of one node, or of one pod, is used by no other. */
  #mounts(): readonly string[] {
    const places = new Map<string, Set<string>>();
    for (const machine of this.#world.machines.values()) {
      for (const { driver, volumeId, role } of machine.mounts.values()) {
        if (role !== 'published' || this.#volumeOf(driver, volumeId)?.isExclusive !== true) continue;
        places.set(volumeId, (places.get(volumeId) ?? new Set()).add(machine.nodeName));
      }
    }
    return [...places].flatMap(([volumeId, on]) => (on.size > 1 ? [`${volumeId} is for one node and published on ${[...on].join()}`] : []));
  }

  /** Whose container runs has all volumes of its claims; and what is mounted for a pod is told of in the API. */
  #users({ claims, volumes, pods: all }: Stock): readonly string[] {
    const byUid = new Map(all.map((pod) => [pod.metadata.uid, pod]));
    const handles = new Map(volumes.map(({ metadata, spec }) => [metadata.name, spec.csi?.volumeHandle ?? '']));
    const byClaim = new Map(claims.map(({ metadata, spec }) => [metadata.name, handles.get(spec.volumeName ?? '')]));
    const told = new Set(handles.values());
    return [...this.#world.machines.values()].flatMap(({ nodeName, mounts }) => {
      const published = [...mounts].filter(([, { role }]) => role === 'published');
      const untold = published.filter(([, { volumeId }]) => !told.has(volumeId));
      const without = [...this.#world.runningOn(nodeName)].flatMap((uid) => {
        const own = new Set(published.flatMap(([path, { volumeId }]) => (path.includes(uid) ? [volumeId] : [])));
        const pod = byUid.get(uid);
        if (pod === undefined) return [`a container of a pod that is gone runs on ${nodeName}`];
        const lacks = claimsOf(pod).filter((name) => !own.has(byClaim.get(name) ?? ''));
        return lacks.map((name) => `${pod.metadata.name} runs on ${nodeName} without ${name}`);
      });
      return [...untold.map(([, { volumeId }]) => `${volumeId} is mounted on ${nodeName}, and nothing tells of it`), ...without];
    });
  }

  /** What an object tells of and nobody wants to be rid of is there. */
  #backends(volumes: readonly PersistentVolume[]): readonly string[] {
    return volumes.flatMap(({ metadata, spec, status }) => {
      if (spec.csi === undefined || metadata.deletionTimestamp !== undefined || status?.phase !== 'Bound') return [];
      const isThere = this.#volumeOf(spec.csi.driver, spec.csi.volumeHandle) !== undefined;
      return isThere ? [] : [`${metadata.name} is Bound and its volume is not there`];
    });
  }

  /** A snapshot that is ready, and that nobody wants to be rid of, is there. */
  #snapshots(contents: readonly VolumeSnapshotContent[], living: ReadonlySet<string>): readonly string[] {
    return contents.flatMap(({ metadata, spec, status }) => {
      if (status?.readyToUse !== true || metadata.deletionTimestamp !== undefined) return [];
      // why not of a group that goes: its members go with it at the driver, before their contents
      const group = metadata.annotations?.[GROUP_HANDLE];
      if (group !== undefined && !living.has(group)) return [];
      const pools = [...this.#world.pools.values()].filter(({ driverName }) => driverName === spec.driver);
      const isThere = pools.some(({ snapshots }) => snapshots.has(status.snapshotHandle ?? ''));
      return isThere ? [] : [`${metadata.name} is ready and its snapshot is not there`];
    });
  }

  #volumeOf(driverName: string, volumeId: string): SimVolume | undefined {
    const pools = [...this.#world.pools.values()].filter((pool) => pool.driverName === driverName);
    return pools.map((pool) => pool.volumes.get(volumeId)).find((volume) => volume !== undefined);
  }

  /** Nothing is deleted at a backend that somebody has, or keeps. */
  #onDelete(driverName: string, volume: SimVolume): void {
    const store = this.#world.server?.store;
    if (store === undefined || (driverName !== DRIVER_NAME && driverName !== NET_DRIVER)) return;
    const object = stored(store, persistentVolumes).find(({ spec }) => spec.csi?.volumeHandle === volume.id);
    if (object === undefined) return;
    const { name } = object.metadata;
    const ref = object.spec.claimRef;
    const claim = stored(store, persistentVolumeClaims).find(({ metadata }) => metadata.uid === ref?.uid);
    if (object.spec.persistentVolumeReclaimPolicy !== 'Delete')
      this.#world.violations.push(`the volume of ${name}, which is to be kept, is deleted`);
    if (isKept(object)) this.#world.violations.push(`the volume of ${name} is deleted, and its claim can be brought back`);
    if (claim?.spec.volumeName === name) this.#world.violations.push(`the volume of ${name} is deleted, and ${claim.metadata.name} has it`);
  }
}

/** No object of a plugin's kind has lost its kind. */
function lostKinds(store: Store): readonly string[] {
  const isServed = stored(store, customResourceDefinitions).some(({ metadata }) => metadata.name === groupResourceOf(projects));
  return !isServed && stored(store, projects).length > 0 ? ['there are projects, and their kind is gone'] : [];
}

function pairs(claims: readonly PersistentVolumeClaim[], volumes: readonly PersistentVolume[]): readonly string[] {
  const byName = new Map(volumes.map((volume) => [volume.metadata.name, volume]));
  const broken = claims.flatMap(({ metadata, spec, status }) => {
    if (status?.phase !== 'Bound') return [];
    const volume = byName.get(spec.volumeName ?? '');
    if (volume === undefined) return [`${metadata.name} is Bound and ${spec.volumeName} is not there`];
    return volume.spec.claimRef?.uid === metadata.uid ? [] : [`${metadata.name} is Bound to ${spec.volumeName}, which is another's`];
  });
  return [
    ...broken,
    ...doubles(
      volumes.map(({ spec }) => spec.claimRef?.uid),
      'volumes of one claim',
    ),
    ...doubles(
      claims.map(({ spec }) => spec.volumeName),
      'claims of one volume',
    ),
  ];
}

function doubles(values: readonly (string | undefined)[], what: string): readonly string[] {
  const seen = new Set<string>();
  return values.flatMap((value) => {
    if (value === undefined || value === '') return [];
    if (seen.has(value)) return [`${what}: ${value}`];
    seen.add(value);
    return [];
  });
}
