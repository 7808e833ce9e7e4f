import type { CSIDriver, CSINodeDriver, Lease, Node } from '#api/generated/kubernetes.ts';
import type { Draft, KubeObject, ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { csiDrivers, csiNodes, leases, namespaces, nodes } from '#api/resources.ts';
import { type Clock, formatMicroTime, sleep } from '#kit/clock.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { deepEqual } from '#kit/json.ts';
import type { Logger } from '#kit/log.ts';
import type { Client } from '#machinery/client/client.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import type { ListedImage } from '../images/image.ts';
import type { Problem } from '../status/observed-pod.ts';
import { isReported, type NodeFinding, type NodeProfile, nodeLabels, nodeStatus } from './node-object.ts';

/** What registration needs. */
export interface RegistrationOptions {
  readonly profile: NodeProfile;
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  /** Drivers whose node service runs here, by name. */
  readonly drivers: ReadonlyMap<string, CsiClient>;
  readonly notReady: Problem | undefined;
  /** Silence that means that the node is gone, in seconds. */
  readonly leaseDurationSec: number;
  /** Tells which attached volumes are mounted; nothing where nothing changed. */
  readonly inUse?: { report(): Promise<void> };
  /** Conditions of the node beside `Ready`. */
  readonly findings: () => readonly NodeFinding[];
  /** The images that are here. */
  readonly images: () => Promise<readonly ListedImage[]>;
}

/** Renewals of the lease in its duration (kubelet's nodeLeaseRenewIntervalFraction). */
const RENEWALS = 4;
/** How old the report of an unchanged status may get (kubelet's nodeStatusReportFrequency). */
const STATUS_INTERVAL_MS = 300_000;
const LEASE_NAMESPACE = 'kube-node-lease';
/** Drivers answer at once or not at all. */
const INFO_TIMEOUT_MS = 10_000;

/** Makes the Node and CSINode objects of this machine and keeps them alive. */
export class Registration {
  readonly #options: RegistrationOptions;
  /** True while the start's registration is still to be done. */
  #isDue = false;
  /** When each driver was last asked how many volumes it takes, Unix ms. */
  readonly #askedAtMs = new Map<string, number>();

  constructor(options: RegistrationOptions) {
    this.#options = options;
  }

  /**
   * As {@link register}. Where the API has no room for what is new, the node works with the objects that are there, so that
   * somebody can make room; {@link keepAlive} does the rest. @throws as {@link register}
   */
  async registerAsFarAsPossible(signal: AbortSignal): Promise<void> {
    const { log, profile } = this.#options;
    try {
      await this.register(signal);
    } catch (thrown) {
      const err = PlatformError.from(thrown);
      if (err.reason !== 'StoreFull') throw thrown;
      this.#isDue = true;
      log.error('the node could not report all of itself', { node: profile.name, err });
    }
  }

  /** Makes or updates the objects; resolves when the scheduler can see the node. @throws ApiError, or what a driver answers */
  async register(signal: AbortSignal): Promise<void> {
    const described = await this.#describeDrivers(signal);
    const topology = Object.assign({}, ...described.map(({ segments }) => segments));
    await this.#ensureNode({ ...nodeLabels(this.#options.profile.name), ...topology });
    await this.#reportStatus('always');
    await this.#options.inUse?.report();
    await this.#ensureCsiNode(described.map(({ driver }) => driver));
    await this.#renewLease();
  }

  /**
   * Renews the lease, and reports the status where the stored one says something else (a controller took the node for gone, an image came) or is old,
   * until `signal` aborts; a failure is tried again at the next turn. A node that was deleted is made again.
   */
  async keepAlive(signal: AbortSignal): Promise<void> {
    const { clock, log, leaseDurationSec, profile } = this.#options;
    while (!signal.aborted) {
      try {
        await sleep(clock, (leaseDurationSec * 1000) / RENEWALS, signal);
        // why first: a node that can't report all of itself is alive all the same
        await this.#renewLease();
        if (this.#isDue) await this.register(signal);
        this.#isDue = false;
        await this.#options.inUse?.report();
        await this.#reportStatus('where it changed');
        await this.#refreshLimits(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (hasCode(error, 'NotFound')) await this.#registerAgain(signal);
        else log.warn('the node could not report itself', { node: profile.name, err: PlatformError.from(error) });
      }
    }
  }

  /** Says at once what changed; a failure is left to the next turn of {@link keepAlive}. */
  async report(): Promise<void> {
    const { log, profile } = this.#options;
    await this.#reportStatus('where it changed').catch((error: unknown) => {
      log.warn('the node could not report itself', { node: profile.name, err: PlatformError.from(error) });
    });
  }

  async #registerAgain(signal: AbortSignal): Promise<void> {
    const { log, profile } = this.#options;
    try {
      await this.register(signal);
      log.warn('the node was deleted while it runs, and is registered again', { node: profile.name });
    } catch (error) {
      if (!signal.aborted) log.warn('the node could not register itself again', { node: profile.name, err: PlatformError.from(error) });
    }
  }

  async #describeDrivers(
    signal: AbortSignal,
  ): Promise<readonly { readonly driver: CSINodeDriver; readonly segments: Readonly<Record<string, string>> }[]> {
    const described = [...this.#options.drivers].map(async ([name, client]) => {
      try {
        return [await this.#describeDriver(name, client, signal)];
      } catch (err) {
        // why: one driver that does not answer must not keep the node and the other drivers away
        this.#options.log.warn('a driver does not describe this node and is left out', { driver: name, err });
        return [];
      }
    });
    return (await Promise.all(described)).flat();
  }

  async #describeDriver(
    name: string,
    client: CsiClient,
    signal: AbortSignal,
  ): Promise<{ readonly driver: CSINodeDriver; readonly segments: Readonly<Record<string, string>> }> {
    const info = await client.node.nodeGetInfo({}, { timeoutMs: INFO_TIMEOUT_MS, signal });
    this.#askedAtMs.set(name, this.#options.clock.nowMs());
    const segments = info.accessibleTopology?.segments ?? {};
    const count = Number(info.maxVolumesPerNode ?? 0n);
    const allocatable = count > 0 ? { allocatable: { count } } : {};
    return { driver: { name, nodeID: info.nodeId ?? '', topologyKeys: Object.keys(segments), ...allocatable }, segments };
  }

  /** Asks a driver anew how many volumes it takes, and says so in the CSINode; a failure is left to the next turn of {@link keepAlive}. */
  async refreshLimit(driverName: string, signal: AbortSignal): Promise<void> {
    const { drivers, log } = this.#options;
    const driver = drivers.get(driverName);
    if (driver === undefined) return;
    await this.#refreshOne(driverName, driver, signal).catch((error: unknown) => {
      log.warn('a driver does not say how many volumes it takes', { driver: driverName, err: PlatformError.from(error) });
    });
  }

  /** Asks drivers anew how many volumes they take, as often as they want (CSIDriver `nodeAllocatableUpdatePeriodSeconds`, KEP-4876). */
  async #refreshLimits(signal: AbortSignal): Promise<void> {
    const { client, clock, drivers } = this.#options;
    for (const [name, driver] of drivers) {
      const periodSec = (await findCsiDriver(client, name))?.spec.nodeAllocatableUpdatePeriodSeconds;
      const askedAtMs = this.#askedAtMs.get(name);
      if (periodSec === undefined || askedAtMs === undefined || clock.nowMs() < askedAtMs + periodSec * 1000) continue;
      await this.#refreshOne(name, driver, signal);
    }
  }

  async #refreshOne(name: string, driver: CsiClient, signal: AbortSignal): Promise<void> {
    const { client, profile } = this.#options;
    const key = { namespace: '', name: profile.name };
    const { driver: described } = await this.#describeDriver(name, driver, signal);
    const { metadata, spec } = await client.get(csiNodes, key);
    const before = spec.drivers.find((one) => one.name === name);
    if (before === undefined || deepEqual(before.allocatable, described.allocatable)) return;
    const changed = { ...before, allocatable: described.allocatable };
    const body = {
      metadata: { resourceVersion: metadata.resourceVersion },
      spec: { drivers: spec.drivers.map((one) => (one === before ? changed : one)) },
    };
    await client.patch(csiNodes, { key, patch: { type: 'merge', body } });
  }

  async #ensureNode(labels: Readonly<Record<string, string>>): Promise<void> {
    const { client, profile } = this.#options;
    const key = { namespace: '', name: profile.name };
    const existing = await getOrCreate(client, nodes, { key, draft: { metadata: { name: profile.name, labels }, spec: {} } });
    if (Object.entries(labels).every(([label, value]) => existing.metadata.labels?.[label] === value)) return;
    await client.patch(nodes, { key, patch: { type: 'merge', body: { metadata: { labels } } } });
  }

  async #reportStatus(when: 'always' | 'where it changed'): Promise<void> {
    const { client, profile, clock, notReady } = this.#options;
    const key = { namespace: '', name: profile.name };
    const node: Node = await client.get(nodes, key);
    const images = await this.#options.images();
    const nowMs = clock.nowMs();
    const status = nodeStatus(profile, { nowMs, notReady, previous: node.status, images, findings: this.#options.findings() });
    if (when === 'where it changed' && isReported(status, node.status, nowMs - STATUS_INTERVAL_MS)) return;
    await client.patch(nodes, { key, patch: { type: 'merge', body: { status } } }, { subresource: 'status' });
  }

  async #ensureCsiNode(drivers: readonly CSINodeDriver[]): Promise<void> {
    const { client, profile } = this.#options;
    const key = { namespace: '', name: profile.name };
    const { uid } = (await client.get(nodes, key)).metadata;
    const ownerReferences = [{ apiVersion: 'v1', kind: 'Node', name: profile.name, uid }];
    const draft = { metadata: { name: profile.name, ownerReferences }, spec: { drivers } };
    const existing = await getOrCreate(client, csiNodes, { key, draft });
    // why the owners too: one that names an earlier node of this name would be garbage to the collector
    if (deepEqual(existing.spec.drivers, drivers) && deepEqual(existing.metadata.ownerReferences, ownerReferences)) return;
    await client.patch(csiNodes, { key, patch: { type: 'merge', body: { metadata: { ownerReferences }, spec: { drivers } } } });
  }

  async #renewLease(): Promise<void> {
    const { client, profile, clock, leaseDurationSec: leaseDurationSeconds } = this.#options;
    const key = { namespace: LEASE_NAMESPACE, name: profile.name };
    const spec = { holderIdentity: profile.name, leaseDurationSeconds, renewTime: formatMicroTime(clock.nowMs()) };
    try {
      await client.patch(leases, { key, patch: { type: 'merge', body: { spec } } });
    } catch (error) {
      if (!hasCode(error, 'NotFound')) throw error;
      await this.#ensureLease({ metadata: { name: profile.name, namespace: LEASE_NAMESPACE }, spec });
    }
  }

  async #ensureLease(draft: Draft<Lease>): Promise<void> {
    const { client, profile } = this.#options;
    const wanted = { key: { namespace: LEASE_NAMESPACE, name: profile.name }, draft };
    try {
      await getOrCreate(client, leases, wanted);
    } catch (error) {
      if (!hasCode(error, 'NotFound')) throw error;
      // why not before: only the platform's own node may make it
      await getOrCreate(client, namespaces, {
        key: { namespace: '', name: LEASE_NAMESPACE },
        draft: { metadata: { name: LEASE_NAMESPACE }, spec: {} },
      });
      await getOrCreate(client, leases, wanted);
    }
  }
}

async function findCsiDriver(client: Client, name: string): Promise<CSIDriver | undefined> {
  try {
    return await client.get(csiDrivers, { namespace: '', name });
  } catch (error) {
    if (hasCode(error, 'NotFound')) return undefined;
    throw error;
  }
}

async function getOrCreate<K extends KubeObject>(
  client: Client,
  resource: Resource<K>,
  wanted: { readonly key: ObjectKey; readonly draft: Draft<K> },
): Promise<K> {
  try {
    return await client.get(resource, wanted.key);
  } catch (error) {
    if (!hasCode(error, 'NotFound')) throw error;
  }
  try {
    return await client.create(resource, wanted.draft);
  } catch (error) {
    if (!hasCode(error, 'AlreadyExists')) throw error;
    return client.get(resource, wanted.key);
  }
}
