import type { Clock } from '#kit/clock.ts';
import type { Exec } from '#kit/exec.ts';
import type { Ids } from '#kit/ids.ts';
import type { Logger } from '#kit/log.ts';
import type { ControllerService, IdentityService, NodeService } from '#protocols/csi/generated/messages.ts';
import { LockedController, LockedNode } from '#protocols/csi/locked-services.ts';
import { VolumeLocks } from '#protocols/csi/volume-locks.ts';
import { LocalController } from './controller.ts';
import { type Host, SystemHost } from './host.ts';
import { LocalIdentity } from './identity.ts';
import { type Inventory, takeInventory } from './inventory.ts';
import type { Machine } from './machine.ts';
import { LocalNode } from './node.ts';
import type { Pool } from './pool.ts';
import { Publishing } from './publishing.ts';
import { Readiness } from './readiness.ts';
import { type RecoveryReport, recoverPool } from './recovery.ts';
import { Staging } from './staging.ts';
import { Tools } from './tools.ts';
import { VolumeStore } from './volume-store.ts';

/** What the driver is made of. One driver owns its pool: two on the same pool would each promise all of it. */
export interface LocalDriverOptions {
  readonly pool: Pool;
  /** Becomes node_id and the topology segment. */
  readonly nodeName: string;
  /** Becomes vendor_version. */
  readonly version: string;
  readonly machine: Machine;
  readonly exec: Exec;
  readonly log: Logger;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly host?: Host;
}

/** The three services of `local.stowage.dev`, ready for `serveCsi`. */
export interface LocalDriver {
  readonly identity: IdentityService;
  readonly controller: ControllerService;
  readonly node: NodeService;
  /** Call once before serving: looks at the pool and finishes or removes what a crash left. Until then calls answer `Unavailable`. */
  recover(): Promise<RecoveryReport>;
  inventory(): Promise<Inventory>;
  /** Answers `Unavailable` from now on. Volumes stay staged and the pool mounted, for pods that go on. */
  close(): void;
}

/** Makes the driver; nothing outside happens before {@link LocalDriver.recover}. */
export function createLocalDriver(options: LocalDriverOptions): LocalDriver {
  const { pool, nodeName, machine, clock, ids, log, host = new SystemHost() } = options;
  const readiness = new Readiness();
  const tools = new Tools(options.exec);
  const store = new VolumeStore({ volumesDir: pool.volumesDir, capacityBytes: pool.capacityBytes, clock });
  const staging = new Staging({ store, host, tools, clock, ids, preferred: machine.fileSystem });
  const publishing = new Publishing({ host, tools, staging });
  const locks = new VolumeLocks();
  return {
    identity: new LocalIdentity(options.version, readiness),
    controller: new LockedController(new LocalController({ nodeName, machine, store, host, readiness }), locks),
    node: new LockedNode(new LocalNode({ nodeName, machine, store, host, tools, staging, publishing, readiness }), locks),
    async recover() {
      const report = await recoverPool({ store, host, tools, clock, log });
      readiness.open();
      return report;
    },
    inventory: () => takeInventory(store, host),
    close: () => readiness.close(),
  };
}
