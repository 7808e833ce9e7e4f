import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Histogram, Metrics } from '#kit/metrics.ts';
import { sleep } from '#kit/clock.ts';
import { hasCode, PlatformError } from '#kit/errors.ts';
import { createLocalDriver, type LocalDriver } from '#drivers/local/driver.ts';
import { type Host, SystemHost } from '#linux/host.ts';
import { type Machine, observeMachine } from '#drivers/local/machine.ts';
import { ensurePool, type Pool, releasePool } from '#drivers/local/pool.ts';
import { imageProblem, type PoolHistory } from '#drivers/local/pool-presence.ts';
import { connectCsi, type CsiClient } from '#protocols/csi/client.ts';
import { type CsiServer, serveCsi } from '#protocols/csi/server.ts';
import type { NodeDriver, NodeDriverOptions } from '../module.ts';

/** What the driver is started with. */
export interface LocalStorageOptions extends Omit<NodeDriverOptions, 'nodeDir' | 'client' | 'config' | 'nodeCount'> {
  /** Most bytes that all its volumes may ask for; undefined = from the free space. */
  readonly poolSizeBytes: bigint | undefined;
  /** How many pools share the disk. */
  readonly poolShare?: number;
  /** How to tell that the pool was there before; absent = it is made where it is not there. */
  readonly history?: PoolHistory | undefined;
  readonly host?: Host;
}

/** How often the pool is looked for, or after. */
const LOOK_MS = 5_000;
/** Seconds; from a single volume on a quiet disk to the longest that is let happen. */
const FREEZE_BUCKETS: readonly number[] = [0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Opens the pool, finishes what a crash left, and serves `local.stowage.dev` on its socket. A pool that is missing is waited for, and its volumes are refused with the reason. */
export async function startLocalStorage(options: LocalStorageOptions): Promise<NodeDriver> {
  const machine = await observeMachine();
  mkdirSync(path.dirname(options.socketPath), { recursive: true, mode: 0o700 });
  const storage = new WatchedStorage(options, machine);
  await storage.start();
  return storage;
}

interface Serving {
  /** Absent while it is missing. */
  readonly pool: Pool | undefined;
  readonly driver: LocalDriver;
  readonly server: CsiServer;
}

class WatchedStorage implements NodeDriver {
  readonly client: CsiClient;
  readonly #options: LocalStorageOptions;
  readonly #machine: Machine;
  readonly #host: Host;
  readonly #freezes: Histogram | undefined;
  readonly #abort = new AbortController();
  readonly #listeners: (() => void)[] = [];
  #problem: PlatformError | undefined;
  #serving: Serving | undefined;
  #watching: Promise<void> = Promise.resolve();

  constructor(options: LocalStorageOptions, machine: Machine) {
    this.#options = options;
    this.#machine = machine;
    this.#host = options.host ?? new SystemHost();
    this.#freezes = options.metrics && freezesOf(options.metrics);
    this.client = connectCsi({ socketPath: options.socketPath });
  }

  problem(): PlatformError | undefined {
    return this.#problem;
  }

  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  async start(): Promise<void> {
    try {
      await this.#serve(await this.#openPool());
      await this.#lookAfter();
    } catch (thrown) {
      if (!hasCode(thrown, 'Unavailable')) throw thrown;
      this.#note(PlatformError.from(thrown));
      await this.#serve(undefined);
    }
    this.#watching = this.#watch();
  }

  async stop(isReleasing: boolean): Promise<void> {
    this.#abort.abort();
    await this.#watching;
    this.client.close();
    await this.#close();
    const pool = this.#serving?.pool;
    if (isReleasing && pool !== undefined) await releasePool(pool, this.#options.exec, this.#host);
  }

  async #watch(): Promise<void> {
    const { clock, log } = this.#options;
    while (!this.#abort.signal.aborted) {
      try {
        await sleep(clock, LOOK_MS, this.#abort.signal);
        if (this.#serving?.pool === undefined) await this.#tryAgain();
        else await this.#lookAfter();
      } catch (thrown) {
        if (!this.#abort.signal.aborted) log.warn('the pool could not be looked at', { err: PlatformError.from(thrown) });
      }
    }
  }

  async #tryAgain(): Promise<void> {
    let pool: Pool;
    try {
      pool = await this.#openPool();
    } catch (thrown) {
      const problem = PlatformError.from(thrown);
      this.#serving?.driver.distrust(problem);
      return this.#note(problem);
    }
    await this.#close();
    await this.#serve(pool);
    this.#note(await imageProblem(pool.dir, this.#host));
  }

  /** An image that somebody unmounted by hand is looked for anew: that is how one that was saved takes its place. */
  async #lookAfter(): Promise<void> {
    const { pool, driver } = this.#serving ?? {};
    if (pool?.kind !== 'image') return;
    const problem = await imageProblem(pool.dir, this.#host);
    driver?.distrust(problem);
    this.#note(problem);
    const mountPoint = path.join(pool.dir, 'mnt');
    if ((await this.#host.mounts()).some((entry) => entry.mountPoint === mountPoint)) return;
    await this.#close();
    await this.#serve(undefined);
    await this.#tryAgain();
  }

  #openPool(): Promise<Pool> {
    const { poolDir: dir, poolSizeBytes: sizeBytes, poolShare: share = 1, exec, log, history } = this.#options;
    return ensurePool({ dir, sizeBytes, share, machine: this.#machine, exec, log, host: this.#host, history });
  }

  async #serve(pool: Pool | undefined): Promise<void> {
    const { poolDir: dir, socketPath, log } = this.#options;
    const missing = pool === undefined ? this.#problem : undefined;
    const place: Pool = pool ?? { dir, volumesDir: path.join(dir, 'mnt', 'volumes'), kind: 'image', capacityBytes: 0n };
    const onFrozen = (seconds: number): void => this.#freezes?.observe([], seconds);
    const driver = createLocalDriver({ ...this.#options, pool: place, machine: this.#machine, host: this.#host, missing, onFrozen });
    if (pool !== undefined) await driver.recover();
    const { identity, controller, groupController, snapshotMetadata, node } = driver;
    const server = await serveCsi({ socketPath, identity, controller, groupController, snapshotMetadata, node, log });
    this.#serving = { pool, driver, server };
  }

  async #close(): Promise<void> {
    this.#serving?.driver.close();
    await this.#serving?.server.close();
  }

  #note(problem: PlatformError | undefined): void {
    if (problem?.message === this.#problem?.message) return;
    this.#problem = problem;
    if (problem === undefined) this.#options.log.info('the pool is back', { path: this.#options.poolDir });
    else this.#options.log.error('the pool needs a person', { path: this.#options.poolDir, err: problem });
    for (const listener of this.#listeners) listener();
  }
}

function freezesOf(metrics: Metrics): Histogram {
  const help = 'Seconds for which file systems were frozen for one snapshot, group or clone, from the first to the last of them.';
  return metrics.histogram({ name: 'stowage_volume_freeze_seconds', help, labels: [] }, FREEZE_BUCKETS);
}
