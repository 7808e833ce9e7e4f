import type { PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Logger } from '#kit/log.ts';
import type { VolumeCondition } from '#protocols/csi/generated/messages.ts';
import type { NodePaths } from '../node-paths.ts';
import type { NodeEvents } from '../status/pod-events.ts';
import { type CsiDrivers, type CsiTrace, nodeCapabilities } from './csi-volumes.ts';
import { publishedVolume } from './pod-volumes.ts';
import type { NodeClaims } from './used-claims.ts';

/** What {@link VolumeHealth} is made of. */
export interface VolumeHealthOptions {
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

/**
 * Asks drivers with VOLUME_CONDITION how the volumes of this node's pods are, and tells pod and claim of one that is not well (kubelet and
 * external-health-monitor: `VolumeConditionAbnormal`), and when it is again. A driver that hangs keeps nobody else's volumes waiting.
 */
export class VolumeHealth {
  readonly #options: VolumeHealthOptions;
  /** Users of volumes that are not well, as `pod UID/volume`; bounded by the volumes in use. */
  readonly #ill = new Set<string>();

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
    const uses = await this.#uses();
    const seen = new Set(uses.map(keyOf));
    for (const key of this.#ill) if (!seen.has(key)) this.#ill.delete(key);
    const byDriver = Map.groupBy(uses, ({ driver }) => driver);
    await Promise.all([...byDriver].map(([driver, own]) => this.#lookAt(driver, own, signal)));
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
  async #lookAt(driverName: string, uses: readonly Use[], signal: AbortSignal): Promise<void> {
    const driver = this.#options.drivers(driverName);
    if (driver === undefined) return;
    try {
      const capabilities = await nodeCapabilities(driver, AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]));
      if (!capabilities.has('VOLUME_CONDITION')) return;
      for (const use of uses) {
        const request = { volumeId: use.volumeHandle, volumePath: use.targetPath };
        const { volumeCondition } = await driver.node.nodeGetVolumeStats(request, { timeoutMs: CALL_TIMEOUT_MS, signal });
        this.#tell(use, volumeCondition);
      }
    } catch (thrown) {
      // why quiet, and no more of this driver in this round: a volume that is being unmounted has no condition, and a driver that hangs is told of elsewhere
      this.#options.log.debug('no condition of volumes', { driver: driverName, err: PlatformError.from(thrown) });
    }
  }

  #tell(use: Use, condition: VolumeCondition | undefined): void {
    if (condition === undefined) return;
    const { pod, claim, name } = use;
    const about: readonly KubeObject[] = [pod, ...(claim === undefined ? [] : [claim])];
    const key = keyOf(use);
    if (condition.abnormal === true) {
      this.#ill.add(key);
      const message = `Volume ${name}: ${condition.message ?? ''}`;
      for (const object of about)
        this.#options.events.record({ about: object, type: 'Warning', reason: 'VolumeConditionAbnormal', message });
    } else if (this.#ill.delete(key)) {
      const message = `Volume ${name}: The Volume returns to the healthy state`;
      for (const object of about) this.#options.events.record({ about: object, type: 'Normal', reason: 'VolumeConditionNormal', message });
    }
  }
}

function keyOf({ pod, name }: Use): string {
  return `${pod.metadata.uid}/${name}`;
}
