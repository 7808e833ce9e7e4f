import { join } from 'node:path';
import type { PersistentVolumeClaim, Pod, PodVolumeHealth } from '#api/generated/kubernetes.ts';
import { keyOf, type KubeObject } from '#api/meta/object.ts';
import { pods } from '#api/resources.ts';
import { healthChange, isUnwell } from '#api/storage/health.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import { deepEqual } from '#kit/json.ts';
import type { Logger } from '#kit/log.ts';
import type { Client } from '#machinery/client/client.ts';
import type { CallContext } from '#protocols/csi/call.ts';
import type { CsiClient } from '#protocols/csi/client.ts';
import { type HealthCondition, healthConditions, healthOfCondition, healthText } from '#protocols/csi/volume-health.ts';
import type { NodePaths } from '../node-paths.ts';
import type { NodeEvents } from '../status/pod-events.ts';
import { type CsiDrivers, type CsiTrace, nodeCapabilities } from './csi-volumes.ts';
import { publishedVolume } from './pod-volumes.ts';
import type { NodeClaims } from './used-claims.ts';

/** What {@link VolumeHealth} is made of. */
export interface VolumeHealthOptions {
  readonly client: Pick<Client, 'patch'>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly paths: NodePaths;
  readonly drivers: CsiDrivers;
  readonly events: NodeEvents;
  readonly claims: Pick<NodeClaims, 'get'>;
  /** Those of this node. */
  readonly pods: () => Iterable<Pod>;
}

/** Drivers are asked this often (kubelet's volume-stats-agg-period: 1 min). */
const INTERVAL_MS = 60_000;
const CALL_TIMEOUT_MS = 10_000;

interface Use extends CsiTrace {
  readonly pod: Pod;
  /** Of the volume in the pod. */
  readonly name: string;
  readonly claim: PersistentVolumeClaim | undefined;
  readonly targetPath: string;
}

/** A volume in use of which its driver has said how it is. */
interface Asked {
  readonly use: Use;
  readonly conditions: readonly HealthCondition[];
}

/**
 * Asks drivers how the volumes of this node's pods are: those with GET_VOLUME_HEALTH (CSI 1.13), and those from before with VOLUME_CONDITION. Says so in the
 * pods' `status.volumeHealth` (KEP-1432), and tells pod and claim of one that is not well (kubelet and external-health-monitor: `VolumeConditionAbnormal`), and
 * when it is again. A driver that hangs keeps nobody else's volumes waiting, and an error clears nothing.
 */
export class VolumeHealth {
  readonly #options: VolumeHealthOptions;

  constructor(options: VolumeHealthOptions) {
    this.#options = options;
  }

  /** Asks again and again until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(this.#options.clock, INTERVAL_MS, signal).catch(() => {});
      if (!signal.aborted) await this.look(signal);
    }
  }

  /** Asks once. Never rejects. */
  async look(signal: AbortSignal): Promise<void> {
    const byDriver = Map.groupBy(await this.#uses(), ({ driver }) => driver);
    await Promise.all(
      [...byDriver].map(async ([driver, uses]) => {
        const asked: Asked[] = [];
        await this.#ask(driver, uses, { asked, signal });
        for (const [pod, ofPod] of Map.groupBy(asked, ({ use }) => use.pod)) await this.#tell(pod, ofPod);
      }),
    );
  }

  async #uses(): Promise<readonly Use[]> {
    const uses: Use[] = [];
    for (const pod of this.#options.pods()) {
      for (const { name, persistentVolumeClaim, ephemeral } of pod.spec.volumes ?? []) {
        const claimName = persistentVolumeClaim?.claimName ?? (ephemeral === undefined ? undefined : `${pod.metadata.name}-${name}`);
        if (claimName === undefined) continue;
        const published = await publishedVolume(this.#options.paths.pod(pod.metadata.uid), name).catch(() => undefined);
        const claim = this.#options.claims.get({ namespace: pod.metadata.namespace ?? '', name: claimName });
        if (published !== undefined) uses.push({ ...published, pod, name, claim });
      }
    }
    return uses;
  }

  /** One volume after the other: nobody waits for it, and a driver has other work. */
  async #ask(
    driverName: string,
    uses: readonly Use[],
    { asked, signal }: { readonly asked: Asked[]; readonly signal: AbortSignal },
  ): Promise<void> {
    const driver = this.#options.drivers(driverName);
    if (driver === undefined) return;
    try {
      const call = { timeoutMs: CALL_TIMEOUT_MS, signal };
      const capabilities = await nodeCapabilities(driver, AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]));
      for (const use of uses) {
        const conditions = await this.#conditionsOf(use, { driver, capabilities }, call);
        if (conditions !== undefined) asked.push({ use, conditions });
      }
    } catch (thrown) {
      // why quiet, and no more of this driver in this round: a volume that is being unmounted has no condition, and a driver that hangs is told of elsewhere
      this.#options.log.debug('no condition of volumes', { driver: driverName, err: PlatformError.from(thrown) });
    }
  }

  /** Undefined where the driver does not say. */
  async #conditionsOf(
    { driver: name, volumeHandle, targetPath }: Use,
    { driver, capabilities }: { readonly driver: CsiClient; readonly capabilities: ReadonlySet<string> },
    call: CallContext,
  ): Promise<readonly HealthCondition[] | undefined> {
    if (capabilities.has('GET_VOLUME_HEALTH')) {
      const isStaged = capabilities.has('STAGE_UNSTAGE_VOLUME');
      const stagingTargetPath = isStaged ? join(this.#options.paths.stagedVolume(name, volumeHandle), 'mount') : undefined;
      const request = { volumeId: volumeHandle, volumePublishPath: targetPath, stagingTargetPath };
      const { volumeHealth } = await driver.node.nodeGetVolumeHealth(request, call);
      return volumeHealth && healthConditions(volumeHealth);
    }
    if (!capabilities.has('VOLUME_CONDITION')) return undefined;
    const { volumeCondition } = await driver.node.nodeGetVolumeStats({ volumeId: volumeHandle, volumePath: targetPath }, call);
    return volumeCondition && healthOfCondition(volumeCondition);
  }

  async #tell(pod: Pod, asked: readonly Asked[]): Promise<void> {
    const before = pod.status?.volumeHealth ?? [];
    const byName = new Map(before.map((health) => [health.name, health]));
    for (const { use, conditions } of asked) {
      const had = byName.get(use.name);
      if (conditions.length > 0) this.#record(use, { type: 'Warning', reason: 'VolumeConditionAbnormal', said: healthText(conditions) });
      else if (isUnwell(had)) this.#record(use, { type: 'Normal', reason: 'VolumeConditionNormal', said: WELL });
      const change = healthChange(had, conditions, this.#options.clock.nowMs());
      if (change?.next !== undefined) byName.set(use.name, { name: use.name, ...change.next });
      else if (change !== undefined) byName.delete(use.name);
    }
    const next = [...byName.values()];
    if (!deepEqual(next, before)) await this.#write(pod, next);
  }

  async #write(pod: Pod, next: readonly PodVolumeHealth[]): Promise<void> {
    const { uid, resourceVersion } = pod.metadata;
    // why with its version: lists are replaced as a whole
    const body = { metadata: { uid, resourceVersion }, status: { volumeHealth: next.length === 0 ? null : next } };
    try {
      await this.#options.client.patch(pods, { key: keyOf(pod), patch: { type: 'merge', body } }, { subresource: 'status' });
    } catch (thrown) {
      // why no more: the next look compares with what is written then
      this.#options.log.debug('the health of volumes is not written', { name: pod.metadata.name, err: PlatformError.from(thrown) });
    }
  }

  #record(
    { pod, claim, name }: Use,
    { said, ...event }: { readonly type: 'Normal' | 'Warning'; readonly reason: string; readonly said: string },
  ): void {
    const about: readonly KubeObject[] = [pod, ...(claim === undefined ? [] : [claim])];
    for (const object of about) this.#options.events.record({ about: object, ...event, message: `Volume ${name}: ${said}` });
  }
}

/** external-health-monitor's words. */
const WELL = 'The Volume returns to the healthy state';
