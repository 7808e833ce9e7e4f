import path from 'node:path';
import { expect } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim, Pod, StatefulSet } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import {
  namespaces,
  persistentVolumeClaims,
  persistentVolumes,
  pods as podResource,
  statefulSets,
  volumeAttachments,
} from '#api/resources.ts';
import { PlatformError } from '#kit/errors.ts';
import { bytesOf } from '#kit/quantity.ts';
import type { Client } from '#machinery/client/client.ts';
import { eventually } from '#testing/eventually.ts';
import { inspectMachine, type MachineInventory } from '#testing/platform/machine-inventory.ts';
import type { PlatformProcess } from '#testing/platform/platform-process.ts';
import { type ClaimKind, FLEETING } from './claim-kinds.ts';
import { type Churn, ignoreGone, NAMESPACE } from './churn.ts';
import type { Records } from './records.ts';

/** Long enough for the longest waits before a next try that a campaign runs into, on a busy machine. */
const SETTLE_TIMEOUT_MS = 180_000;

/** What takes longer to come to rest is told. */
const SLOW_MS = 10_000;

/** Everything that the API says about the campaign. */
interface Told {
  readonly claims: readonly PersistentVolumeClaim[];
  readonly volumes: readonly PersistentVolume[];
  readonly pods: readonly Pod[];
}

/** Whether objects, machine and what was acknowledged agree. */
export class Agreement {
  readonly #platform: PlatformProcess;
  readonly #churn: Churn;
  readonly #records: Records;
  readonly #nodes: number;
  /** What slow checks waited for at last: what only a second look heals passes the test, and shows here. */
  readonly slow: string[] = [];
  #newestVersion = 0;

  constructor(of: { readonly platform: PlatformProcess; readonly churn: Churn; readonly records: Records; readonly nodes: number }) {
    this.#platform = of.platform;
    this.#churn = of.churn;
    this.#records = of.records;
    this.#nodes = of.nodes;
  }

  /** What must hold right after a start, whatever is still under way. @throws AssertionError */
  async checkNothingLost(client: Client, round: string): Promise<void> {
    const { items, metadata } = await client.list(persistentVolumeClaims, { namespace: NAMESPACE });
    const version = Number(metadata.resourceVersion);
    expect(version, `${round}: revisions went back`).toBeGreaterThanOrEqual(this.#newestVersion);
    this.#newestVersion = version;
    const claims = new Map(items.map((claim) => [claim.metadata.uid, claim]));
    const volumes = await client.list(persistentVolumes);
    const refs = volumes.items.map((volume) => volume.spec.claimRef?.uid).filter((uid) => uid !== undefined);
    expect(new Set(refs).size, `${round}: two volumes for one claim`).toBe(refs.length);
    for (const { name, uid } of this.#churn.live.values()) {
      const claim = claims.get(uid);
      expect(claim, `${round}: the acknowledged claim ${name} is lost`).toBeDefined();
      expect(claim?.status?.phase, `${round}: claim ${name}`).not.toBe('Lost');
      if (claim?.status?.phase !== 'Bound') continue;
      const volume = volumes.items.find((each) => each.metadata.name === claim.spec.volumeName);
      expect(volume?.spec.claimRef?.uid, `${round}: the volume of ${name}`).toBe(uid);
    }
  }

  /** Lets everything come to rest, and compares. @throws AssertionError */
  async check(client: Client): Promise<void> {
    await this.#tidy(client);
    // why both in one try: a volume that waits for its next try to be deleted goes between two looks
    const told = await this.#untilPassed(async () => {
      const now = await this.#tell(client);
      await this.#expectSettled(client, now);
      expectAgreement(await this.#inspect(), now);
      return now;
    });
    this.#records.readAcknowledged();
    for (const pod of told.pods) this.#records.check(pod, volumesOf(told, pod));
    this.#churn.adopt(told.pods.filter(isPlain).map((pod) => ({ pod: pod.metadata.name, claims: claimNamesOf(pod) })));
  }

  /** Deletes everything, and counts to nothing. @throws AssertionError */
  async checkNothingLeft(client: Client): Promise<void> {
    const { items } = await client.list(namespaces);
    const own = items.filter(({ metadata }) => metadata.name.startsWith(NAMESPACE));
    // why: one that was on its way out goes between the look and the deletion
    for (const { metadata } of own) await ignoreGone(client.delete(namespaces, { namespace: '', name: metadata.name }));
    await eventually(async () => {
      await this.#churn.clearUnused(client);
      expect((await client.list(persistentVolumes)).items.map(({ metadata }) => metadata.name)).toEqual([]);
      expect((await client.list(volumeAttachments)).items).toEqual([]);
      expect((await client.list(namespaces)).items.filter(({ metadata }) => metadata.name.startsWith(NAMESPACE))).toEqual([]);
      const found = await this.#inspect();
      const { loopFiles, mounts, bridges, joints, ...rest } = found;
      expect(bridges.length).toBeLessThanOrEqual(this.#nodes);
      expect(joints.length).toBeLessThanOrEqual(2 * Math.max(0, bridges.length - 1));
      expect(rest).toEqual({
        processes: [],
        volumes: [],
        snapshots: [],
        pods: [],
        networks: [],
        links: [],
        cgroups: [],
        containers: [],
        staged: [],
        halves: [],
      });
      expect(loopFiles.filter((file) => !file.endsWith('pool.img'))).toEqual([]);
      expect(mounts.filter((mount) => !mount.endsWith('/mnt'))).toEqual([]);
    });
  }

  async #untilPassed<T>(probe: () => Promise<T>): Promise<T> {
    const startMs = performance.now();
    let awaited = '';
    const passed = await eventually(async () => {
      try {
        return await probe();
      } catch (thrown) {
        awaited = PlatformError.from(thrown).message;
        throw thrown;
      }
    }, SETTLE_TIMEOUT_MS);
    const tookMs = performance.now() - startMs;
    if (tookMs > SLOW_MS) this.slow.push(`${Math.round(tookMs / 1000)} s: ${awaited}`);
    return passed;
  }

  /** What is on the machine but for the processes of further nodes, of which there must be one each. */
  async #inspect(): Promise<MachineInventory> {
    const found = await inspectMachine(this.#platform.dataDir, this.#platform.pid);
    const nodes = found.processes.filter((line) => / node --name=node-\d+ /.test(line));
    expect(nodes, 'processes of further nodes').toHaveLength(this.#nodes - 1);
    return { ...found, processes: found.processes.filter((line) => !nodes.includes(line)) };
  }

  /** Ends what would wait for ever: claims without pods and pods without claims. */
  async #tidy(client: Client): Promise<void> {
    await this.#churn.ensureClass(client);
    await this.#deleteDoomed(client);
    await this.#deleteUnwritten(client);
    const used = new Set<string>();
    const { claims, pods } = await this.#tell(client);
    const standing = claims.filter(({ metadata }) => metadata.deletionTimestamp === undefined && metadata.namespace === NAMESPACE);
    const names = new Set(standing.map(({ metadata }) => metadata.name));
    for (const pod of pods) {
      const own = claimNamesOf(pod);
      const isDoomed = isPlain(pod) && (pod.metadata.deletionTimestamp !== undefined || !own.every((name) => names.has(name)));
      if (isDoomed) await ignoreGone(client.delete(podResource, { namespace: NAMESPACE, name: pod.metadata.name }));
      else for (const name of own) used.add(name);
    }
    await this.#untilPassed(async () => {
      const left = (await this.#tell(client)).pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined);
      expect(left.map(({ metadata }) => metadata.name)).toEqual([]);
    });
    const { items: sets } = await client.list(statefulSets, { namespace: NAMESPACE });
    for (const claim of standing.filter(({ metadata }) => !used.has(metadata.name))) {
      const member = memberOf(claim);
      if (member !== undefined)
        await this.#tidyMember(
          client,
          claim,
          sets.find(({ metadata }) => metadata.name === member.set),
        );
      else if (isForPods(claim)) await this.#churn.use(client, [{ name: claim.metadata.name, kind: kindOf(claim) }]);
    }
  }

  /** A claim of a StatefulSet is for its own pod alone: two that write to one volume overwrite each other. One that never gets its pod goes. */
  async #tidyMember(client: Client, claim: PersistentVolumeClaim, set: StatefulSet | undefined): Promise<void> {
    const { name } = claim.metadata;
    const isWanted = (memberOf(claim)?.ordinal ?? 0) < (set?.spec.replicas ?? 0);
    if (isWanted || claim.status?.phase !== 'Pending') return;
    await ignoreGone(client.delete(persistentVolumeClaims, { namespace: NAMESPACE, name }));
  }

  /** Namespaces where the kill came between claim and pod: a claim that waits for its first consumer would wait for ever. */
  async #deleteUnwritten(client: Client): Promise<void> {
    const { claims, pods } = await this.#tell(client);
    const written = new Set(pods.map(({ metadata }) => metadata.namespace));
    for (const { metadata } of claims) {
      const name = metadata.namespace ?? '';
      if (name !== NAMESPACE && !written.has(name)) await ignoreGone(client.delete(namespaces, { namespace: '', name }));
    }
  }

  /** Claims that no other pod may have, those whose volume was deleted before them when the kill came, and copies of what is gone or larger by now. */
  async #deleteDoomed(client: Client): Promise<void> {
    const { live, gone } = this.#churn;
    const { claims, volumes } = await this.#tell(client);
    const isVolumeGoing = ({ metadata, spec: { volumeName = '' }, status }: PersistentVolumeClaim): boolean => {
      if (volumeName === '') return false;
      const volume = volumes.find((each) => each.metadata.name === volumeName);
      if (volume !== undefined) return volume.metadata.deletionTimestamp !== undefined;
      // why not of a claim that is known: its volume was never to go; nor of one that is Lost
      return status?.phase === 'Pending' && !live.has(metadata.name);
    };
    const isDoomed = (claim: PersistentVolumeClaim): boolean => {
      const { metadata, spec } = claim;
      if (live.get(metadata.name)?.isRetired === true || isVolumeGoing(claim)) return true;
      if (spec.dataSource === undefined || (spec.volumeName ?? '') !== '') return false;
      const source = claims.find((each) => each.metadata.namespace === NAMESPACE && each.metadata.name === spec.dataSource?.name);
      if (source === undefined || source.metadata.deletionTimestamp !== undefined) return true;
      return requestOf(source) > requestOf({ spec }) || isDoomed(source);
    };
    for (const claim of claims.filter(isDoomed)) {
      const { name, namespace = '' } = claim.metadata;
      live.delete(name);
      await ignoreGone(client.delete(persistentVolumeClaims, { namespace, name }));
      gone.add(name);
    }
  }

  async #tell(client: Client): Promise<Told> {
    const own = <T extends KubeObject>(items: readonly T[]): T[] =>
      items.filter(({ metadata }) => metadata.namespace?.startsWith(NAMESPACE) === true);
    const pods = own((await client.list(podResource)).items);
    const claims = own((await client.list(persistentVolumeClaims)).items);
    return { claims, pods, volumes: (await client.list(persistentVolumes)).items };
  }

  async #expectSettled(client: Client, told: Told): Promise<void> {
    const { claims, volumes, pods } = told;
    for (const object of [...claims, ...volumes, ...pods])
      expect(object.metadata.deletionTimestamp, `${object.kind} ${object.metadata.name}`).toBeUndefined();
    for (const claim of claims) expectSettledClaim(claim, volumes);
    for (const { metadata, status } of volumes)
      expect(['Bound', 'Released', 'Available'], `volume ${metadata.name}`).toContain(status?.phase);
    for (const name of this.#churn.gone) expect(claims.map(({ metadata }) => metadata.name)).not.toContain(name);
    for (const pod of pods) expect(isRunning(pod), `pod ${pod.metadata.name}: ${JSON.stringify(pod.status)}`).toBe(true);
    const { items: sets } = await client.list(statefulSets, { namespace: NAMESPACE });
    for (const { metadata, spec, status } of sets) expect(status?.readyReplicas ?? 0, `set ${metadata.name}`).toBe(spec.replicas);
    expect((await client.list(volumeAttachments)).items).toEqual([]);
  }
}

function requestOf({ spec }: Pick<PersistentVolumeClaim, 'spec'>): bigint {
  return bytesOf(spec.resources?.requests?.['storage'] ?? '0');
}

function isRunning({ status }: Pod): boolean {
  return status?.containerStatuses?.[0]?.state?.running !== undefined;
}

function expectSettledClaim({ metadata, spec, status }: PersistentVolumeClaim, volumes: readonly PersistentVolume[]): void {
  expect(status?.phase, `claim ${metadata.name}`).toBe('Bound');
  const volume = volumes.find((each) => each.metadata.name === spec.volumeName);
  expect(volume?.spec.claimRef?.uid, `volume of ${metadata.name}`).toBe(metadata.uid);
  const { capacity, conditions = [] } = status ?? {};
  // why: where the kernel grows no mounted ext4, the volume waits for its next use
  if (conditions.some(({ type }) => type === 'FileSystemResizePending')) return;
  expect(bytesOf(capacity?.['storage'] ?? '0'), `size of ${metadata.name}`).toBeGreaterThanOrEqual(requestOf({ spec }));
}

/** Compares what is on the machine with what the API says. */
function expectAgreement(found: MachineInventory, { claims, volumes, pods }: Told): void {
  const uids = pods.map(({ metadata }) => metadata.uid);
  const ours = volumes.filter(({ spec }) => spec.csi !== undefined);
  expectSame('volumes', found.volumes, namesOf(ours));
  expectSame('pods', found.pods, uids);
  expectSame('networks', found.networks, uids);
  if (found.bridges.length > 0) {
    expect(found.links).toHaveLength(found.networks.length);
    expect(found.joints.length, 'ends of links between nodes').toBeLessThanOrEqual(2 * (found.bridges.length - 1));
  }
  const addresses = pods.flatMap(({ status }) => status?.podIP ?? []);
  expect(new Set(addresses).size, 'two pods with one address').toBe(addresses.length);
  expectSame('cgroups', found.cgroups, uids);
  expectSame(
    'containers',
    found.containers.map((id) => id.split('.', 1).join()),
    uids,
  );
  const names = new Set(pods.flatMap((pod) => claimNamesOf(pod).map((name) => `${pod.metadata.namespace}/${name}`)));
  const used = ours.filter(({ spec }) => names.has(`${spec.claimRef?.namespace}/${spec.claimRef?.name}`));
  expect(found.staged).toHaveLength(used.length);
  const isFile = ({ metadata }: PersistentVolume): boolean =>
    !claims.some((claim) => claim.spec.volumeName === metadata.name && claim.spec.storageClassName === 'directory');
  const attached = found.loopFiles.filter((file) => file.includes('pvc-')).map((file) => path.basename(file));
  expectSame(
    'loop devices',
    attached,
    namesOf(used.filter(isFile)).map((name) => `${name}.img`),
  );
  const places = [...uids.map((uid) => `/pods/${uid}/`), ...found.staged.map((name) => `/staging/${name}/`)];
  expect(found.mounts.filter((mount) => !mount.endsWith('/mnt') && !places.some((place) => mount.includes(place)))).toEqual([]);
  expect(found.mounts.filter((mount) => mount.includes('/staging/'))).toHaveLength(used.length);
  expect(found.mounts.filter((mount) => mount.endsWith('/rootfs'))).toHaveLength(pods.length);
  expect(found.processes.filter((line) => !uids.some((uid) => line.includes(uid)))).toEqual([]);
  expect(found.halves).toEqual([]);
}

function expectSame(what: string, onMachine: readonly string[], inApi: readonly string[]): void {
  const surplus = onMachine.filter((name) => !inApi.includes(name));
  const missing = inApi.filter((name) => !onMachine.includes(name));
  expect({ surplus, missing }, `${what}: surplus ${surplus.join()} missing ${missing.join()}`).toEqual({ surplus: [], missing: [] });
  expect(onMachine.length, `${what}: one twice`).toBe(inApi.length);
}

function namesOf(objects: readonly KubeObject[]): string[] {
  return objects.map(({ metadata }) => metadata.name);
}

/** A pod that the churn made itself: no controller makes it again. */
function isPlain({ metadata }: Pod): boolean {
  return metadata.namespace === NAMESPACE && (metadata.ownerReferences ?? []).length === 0;
}

function claimNamesOf(pod: Pod): string[] {
  return (pod.spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (ephemeral !== undefined) return [`${pod.metadata.name}-${name}`];
    return persistentVolumeClaim === undefined ? [] : [persistentVolumeClaim.claimName];
  });
}

/** Claims that no pod owns. */
function isForPods({ metadata }: PersistentVolumeClaim): boolean {
  return (metadata.ownerReferences ?? []).every(({ kind }) => kind !== 'Pod');
}

/** Which pod of which StatefulSet a claim is for; undefined for one that was made alone. */
function memberOf({ metadata }: PersistentVolumeClaim): { readonly set: string; readonly ordinal: number } | undefined {
  const [, set, ordinal] = /^[ab]-(set-\d+)-(\d+)$/.exec(metadata.name) ?? [];
  return set === undefined ? undefined : { set, ordinal: Number(ordinal) };
}

function kindOf({ spec }: PersistentVolumeClaim): ClaimKind {
  return spec.volumeMode === 'Block' ? 'block' : FLEETING;
}

function volumesOf({ claims, volumes }: Told, pod: Pod): Map<string, PersistentVolume> {
  const found = new Map<string, PersistentVolume>();
  for (const { metadata, spec } of claims) {
    const volume = volumes.find((each) => each.metadata.name === spec.volumeName);
    if (metadata.namespace === pod.metadata.namespace && volume !== undefined) found.set(metadata.name, volume);
  }
  return found;
}
