import type { Pod } from '#api/generated/kubernetes.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import type { Exec } from '#kit/exec.ts';
import { PlatformError } from '#kit/errors.ts';
import type { Logger } from '#kit/log.ts';
import type { Client } from '#machinery/client/client.ts';
import type { ContainerRuntime } from '../containers/container-runtime.ts';
import type { NodePaths, PodPaths } from '../node-paths.ts';
import { evictPod } from './evict-pod.ts';
import { readPodRecord } from '../pod-record.ts';
import type { NodeEvents } from '../status/pod-events.ts';
import { evictionThresholdMet } from '../registration/node-events.ts';
import type { NodeFinding } from '../registration/node-object.ts';
import { containerUses, scratchUse } from './container-usage.ts';
import { evictionMessage, type PodUse, rankPods } from './rank-pods.ts';
import { CONDITION_OF, type Readings, RESOURCE_OF, type Shortage, shortagesOf, type Threshold } from './thresholds.ts';

/** What looking after the node's own resources needs. */
export interface NodePressureOptions {
  readonly nodeName: string;
  readonly thresholds: readonly Threshold[];
  readonly read: () => Promise<Readings>;
  /** What a container takes of memory, bytes, or of process numbers. */
  readonly readCgroup: (cgroup: string, what: 'memory' | 'pids') => Promise<bigint>;
  readonly client: Client;
  readonly clock: Clock;
  readonly exec: Exec;
  readonly log: Logger;
  readonly events: NodeEvents;
  readonly paths: NodePaths;
  readonly runtime: ContainerRuntime;
  readonly pods: () => Iterable<Pod>;
  /** Removes images that nobody uses; true where there were some. */
  readonly removeImages: () => Promise<boolean>;
  /** Told when conditions changed. */
  readonly onChange: () => void;
}

/** Kubelet's eviction-monitoring period. */
const PERIOD_MS = 10_000;
/** How long the end of an evicted pod is waited for (kubelet eviction_manager.go `podCleanupTimeout`). */
const PATIENCE_MS = 30_000;
/** A condition holds for this long after its cause is gone (kubelet `--eviction-pressure-transition-period`). */
const TRANSITION_MS = 300_000;
const TYPES = ['MemoryPressure', 'DiskPressure', 'PIDPressure'] as const;
type PressureType = (typeof TYPES)[number];

const WORDS: Readonly<
  Record<PressureType, { readonly has: Omit<NodeFinding, 'type' | 'status'>; readonly hasNot: Omit<NodeFinding, 'type' | 'status'> }>
> = {
  MemoryPressure: {
    has: { reason: 'KubeletHasInsufficientMemory', message: 'kubelet has insufficient memory available' },
    hasNot: { reason: 'KubeletHasSufficientMemory', message: 'kubelet has sufficient memory available' },
  },
  DiskPressure: {
    has: { reason: 'KubeletHasDiskPressure', message: 'kubelet has disk pressure' },
    hasNot: { reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
  },
  PIDPressure: {
    has: { reason: 'KubeletHasInsufficientPID', message: 'kubelet has insufficient PID available' },
    hasNot: { reason: 'KubeletHasSufficientPID', message: 'kubelet has sufficient PID available' },
  },
};

/** Sees when memory, disk, inodes or process numbers run short, says so of the node, and ends one pod after the other until they don't. */
export class NodePressure {
  readonly #options: NodePressureOptions;
  readonly #untilMs = new Map<PressureType, number>();
  /** Since when an evicted pod is waited for. */
  #endingSinceMs: number | undefined;
  #announced = '';

  constructor(options: NodePressureOptions) {
    this.#options = options;
  }

  /** The conditions that hold, as admission asks. */
  pressures(): readonly PressureType[] {
    return TYPES.filter((type) => (this.#untilMs.get(type) ?? 0) > this.#options.clock.nowMs());
  }

  findings(): readonly NodeFinding[] {
    const holding = new Set<string>(this.pressures());
    return TYPES.map((type) =>
      holding.has(type) ? { type, status: 'True', ...WORDS[type].has } : { type, status: 'False', ...WORDS[type].hasNot },
    );
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    while (!signal.aborted) {
      try {
        await this.look();
      } catch (error) {
        if (!signal.aborted) log.warn('the resources of the node could not be looked at', { err: PlatformError.from(error) });
      }
      await sleep(clock, PERIOD_MS, signal).catch(() => {});
    }
  }

  /** One look; ends at most one pod, so that the next look sees what that gave. */
  async look(): Promise<void> {
    const { thresholds, read, clock, events, nodeName, onChange } = this.#options;
    const shortages = shortagesOf(thresholds, await read());
    for (const { signal } of shortages) this.#untilMs.set(CONDITION_OF[signal], clock.nowMs() + TRANSITION_MS);
    const now = this.pressures().join(' ');
    if (now !== this.#announced) {
      this.#announced = now;
      onChange();
    }
    for (const shortage of shortages) {
      events.record(evictionThresholdMet(nodeName, `Attempting to reclaim ${RESOURCE_OF[shortage.signal]}`));
      if (await this.#reclaim(shortage)) return;
    }
  }

  async #reclaim(shortage: Shortage): Promise<boolean> {
    const { clock } = this.#options;
    // why: what an evicted pod gives back comes when it has ended, and nobody else is to go for it
    if (await this.#isWaitedFor()) return true;
    if (CONDITION_OF[shortage.signal] === 'DiskPressure' && (await this.#options.removeImages())) return true;
    const uses: PodUse[] = [];
    for (const pod of this.#options.pods()) if (isActive(pod)) uses.push(await this.#useOf(pod, shortage));
    const [first] = rankPods(uses, shortage);
    if (first === undefined) return false;
    await evictPod(this.#options, { pod: first.pod, message: evictionMessage(shortage, first), disruptedAtMs: clock.nowMs() });
    this.#endingSinceMs = undefined;
    return true;
  }

  /** While an evicted pod ends, but not for ever: what it uses may not let go of it. */
  async #isWaitedFor(): Promise<boolean> {
    const nowMs = this.#options.clock.nowMs();
    this.#endingSinceMs = (await this.#isOneEnding()) ? (this.#endingSinceMs ?? nowMs) : undefined;
    return this.#endingSinceMs !== undefined && nowMs - this.#endingSinceMs < PATIENCE_MS;
  }

  async #isOneEnding(): Promise<boolean> {
    for (const pod of this.#options.pods()) {
      if (pod.status?.reason !== 'Evicted') continue;
      const record = await readPodRecord(this.#options.paths.pod(pod.metadata.uid));
      if (record !== undefined && !record.isFinished) return true;
    }
    return false;
  }

  async #useOf(pod: Pod, { signal }: Shortage): Promise<PodUse> {
    const { exec, paths, runtime } = this.#options;
    const places = paths.pod(pod.metadata.uid);
    if (signal === 'memory.available' || signal === 'pid.available') return this.#useByCgroup(pod, places, signal);
    const on = { pod, paths: places, observed: await runtime.observe(places) };
    const measure = signal === 'nodefs.inodesFree' ? 'inodes' : 'bytes';
    const containers = await containerUses(exec, on, measure);
    const used = containers.reduce((sum, use) => sum + use.used, 0n) + (await scratchUse(exec, on, measure));
    return { pod, used, containers };
  }

  async #useByCgroup(pod: Pod, places: PodPaths, signal: 'memory.available' | 'pid.available'): Promise<PodUse> {
    const what = signal === 'memory.available' ? 'memory' : 'pids';
    const reading = pod.spec.containers.map(async ({ name }) => ({
      name,
      used: await this.#options.readCgroup(places.run(name, 0).cgroup, what),
    }));
    const containers = await Promise.all(reading);
    return { pod, used: containers.reduce((sum, { used }) => sum + used, 0n), containers };
  }
}

function isActive({ status }: Pod): boolean {
  return status?.phase === 'Running' || status?.phase === 'Pending';
}
