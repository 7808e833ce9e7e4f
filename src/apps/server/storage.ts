import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Clock } from '#kit/clock.ts';
import type { Exec } from '#kit/exec.ts';
import type { Ids } from '#kit/ids.ts';
import type { Logger } from '#kit/log.ts';
import { createLocalDriver, type LocalDriver } from '#drivers/local/driver.ts';
import { observeMachine } from '#drivers/local/machine.ts';
import { ensurePool, type Pool, releasePool } from '#drivers/local/pool.ts';
import { connectCsi, type CsiClient } from '#protocols/csi/client.ts';
import { serveCsi } from '#protocols/csi/server.ts';

/** What the embedded driver is started with. */
export interface LocalStorageOptions {
  readonly poolDir: string;
  readonly socketPath: string;
  readonly nodeName: string;
  readonly version: string;
  readonly poolSizeBytes: bigint | undefined;
  /** How many pools share the disk. */
  readonly poolShare?: number;
  readonly exec: Exec;
  readonly log: Logger;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** The embedded driver at work, reached as any driver is: over its socket. */
export interface LocalStorage {
  readonly client: CsiClient;
  readonly driver: LocalDriver;
  readonly pool: Pool;
  /** Stops serving; `isReleasing` also unmounts the pool where nothing uses it any more. */
  stop(isReleasing: boolean): Promise<void>;
}

/** Opens the pool, finishes what a crash left, and serves `local.stowage.dev` on its socket. */
export async function startLocalStorage(options: LocalStorageOptions): Promise<LocalStorage> {
  const { exec, log, clock, ids, nodeName, version, socketPath } = options;
  const machine = await observeMachine();
  const pool = await ensurePool({
    dir: options.poolDir,
    sizeBytes: options.poolSizeBytes,
    share: options.poolShare ?? 1,
    machine,
    exec,
    log,
  });
  const driver = createLocalDriver({ pool, nodeName, version, machine, exec, log, clock, ids });
  await driver.recover();
  mkdirSync(path.dirname(socketPath), { recursive: true, mode: 0o700 });
  const { identity, controller, groupController, snapshotMetadata, node } = driver;
  const server = await serveCsi({ socketPath, identity, controller, groupController, snapshotMetadata, node, log });
  const client = connectCsi({ socketPath });
  return {
    client,
    driver,
    pool,
    async stop(isReleasing) {
      driver.close();
      client.close();
      await server.close();
      if (isReleasing) await releasePool(pool, exec);
    },
  };
}
