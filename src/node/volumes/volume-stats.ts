import type { Pod } from '#api/generated/kubernetes.ts';
import type { Clock } from '#kit/clock.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Logger } from '#kit/log.ts';
import type { Gauge, Metrics } from '#kit/metrics.ts';
import type { VolumeUsage } from '#protocols/csi/generated/messages.ts';
import type { NodePaths } from '../node-paths.ts';
import { type CsiDrivers, nodeCapabilities } from './csi-volumes.ts';
import { publishedVolume } from './pod-volumes.ts';

/** What {@link VolumeStats} is made of. */
export interface VolumeStatsOptions {
  readonly clock: Clock;
  readonly log: Logger;
  readonly paths: NodePaths;
  readonly drivers: CsiDrivers;
  /** Those of this node. */
  readonly pods: () => Iterable<Pod>;
}

/** Drivers are asked at most this often, and only while somebody scrapes. */
const FRESH_MS = 30_000;
const CALL_TIMEOUT_MS = 10_000;
const LABELS = ['namespace', 'persistentvolumeclaim'] as const;
const FIGURES = [
  { name: 'capacity_bytes', help: 'Capacity in bytes of the volume.', unit: 'BYTES', field: 'total' },
  { name: 'available_bytes', help: 'Bytes that can still be written to the volume.', unit: 'BYTES', field: 'available' },
  { name: 'used_bytes', help: 'Bytes that are used of the volume.', unit: 'BYTES', field: 'used' },
  { name: 'inodes', help: 'Inodes of the volume.', unit: 'INODES', field: 'total' },
  { name: 'inodes_free', help: 'Inodes that are free in the volume.', unit: 'INODES', field: 'available' },
  { name: 'inodes_used', help: 'Inodes that are used in the volume.', unit: 'INODES', field: 'used' },
] as const;

interface Use {
  readonly labels: readonly [namespace: string, claim: string];
  readonly usage: readonly VolumeUsage[];
}

/** How full the claims of this node's pods are, as the kubelet tells it (`kubelet_volume_stats_*`). A scrape gets what the drivers said at the one before. */
export class VolumeStats {
  readonly #options: VolumeStatsOptions;
  #askedMs = Number.NEGATIVE_INFINITY;
  #asking: Promise<void> | undefined;
  #known: readonly Use[] = [];

  constructor(options: VolumeStatsOptions) {
    this.#options = options;
  }

  /** Adds the figures to `metrics`. */
  showIn(metrics: Metrics): void {
    const gauges = FIGURES.map((figure) => ({
      ...figure,
      gauge: metrics.gauge({ name: `kubelet_volume_stats_${figure.name}`, help: figure.help, labels: LABELS }),
    }));
    metrics.beforeScrape(() => {
      this.refresh().catch(() => {});
      for (const { gauge, unit, field } of gauges) this.#show(gauge, unit, field);
    });
  }

  /** Asks the drivers, unless that was done just now. Never rejects. */
  refresh(): Promise<void> {
    const { clock } = this.#options;
    if (this.#asking !== undefined) return this.#asking;
    if (clock.nowMs() - this.#askedMs < FRESH_MS) return Promise.resolve();
    this.#askedMs = clock.nowMs();
    this.#asking = this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  #show(gauge: Gauge, unit: 'BYTES' | 'INODES', field: 'total' | 'available' | 'used'): void {
    gauge.clear();
    for (const { labels, usage } of this.#known) {
      const value = usage.find((candidate) => candidate.unit === unit)?.[field];
      if (value !== undefined) gauge.set(labels, Number(value));
    }
  }

  async #ask(): Promise<void> {
    const known: Use[] = [];
    // why one by one: nobody waits for it, and drivers have other work
    for (const pod of this.#options.pods()) {
      for (const { name, persistentVolumeClaim, ephemeral } of pod.spec.volumes ?? []) {
        const claim = persistentVolumeClaim?.claimName ?? (ephemeral === undefined ? undefined : `${pod.metadata.name}-${name}`);
        const usage = claim === undefined ? undefined : await this.#usageOf(pod, name);
        if (claim !== undefined && usage !== undefined) known.push({ labels: [pod.metadata.namespace ?? '', claim], usage });
      }
    }
    this.#known = known;
  }

  /** Undefined where the volume is not mounted, or its driver has no figures. */
  async #usageOf(pod: Pod, name: string): Promise<readonly VolumeUsage[] | undefined> {
    const { paths, drivers, log } = this.#options;
    try {
      const published = await publishedVolume(paths.pod(pod.metadata.uid), name);
      const driver = published === undefined ? undefined : drivers(published.driver);
      if (published === undefined || driver === undefined) return undefined;
      if (!(await nodeCapabilities(driver, AbortSignal.timeout(CALL_TIMEOUT_MS))).has('GET_VOLUME_STATS')) return undefined;
      const { volumeHandle: volumeId, targetPath: volumePath } = published;
      return (await driver.node.nodeGetVolumeStats({ volumeId, volumePath }, { timeoutMs: CALL_TIMEOUT_MS })).usage;
    } catch (thrown) {
      // why quiet: a volume that is being mounted or unmounted has no figures, and that is no fault
      log.debug('no figures of a volume', { name: pod.metadata.name, err: PlatformError.from(thrown) });
      return undefined;
    }
  }
}
