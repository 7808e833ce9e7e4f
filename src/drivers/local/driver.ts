import { dirname, join } from 'node:path';
import type { Clock } from '#kit/clock.ts';
import type { PlatformError } from '#kit/errors.ts';
import type { Exec } from '#kit/exec.ts';
import type { Ids } from '#kit/ids.ts';
import type { Logger } from '#kit/log.ts';
import type {
  ControllerService,
  GroupControllerService,
  IdentityService,
  NodeService,
  SnapshotMetadataService,
} from '#protocols/csi/generated/messages.ts';
import { LockedController, LockedGroupController, LockedNode } from '#protocols/csi/locked-services.ts';
import { VolumeLocks } from '#protocols/csi/volume-locks.ts';
import { CapacityLedger } from './capacity-ledger.ts';
import { ContentSources } from './content-source.ts';
import { LocalController } from './controller.ts';
import { LocalGroupController } from './group-controller.ts';
import { type Host, SystemHost } from '#linux/host.ts';
import { LocalIdentity } from './identity.ts';
import { type Inventory, takeInventory } from './inventory.ts';
import type { Machine } from './machine.ts';
import { LocalNode } from './node.ts';
import type { Pool } from './pool.ts';
import { Publishing } from './publishing.ts';
import { Readiness } from './readiness.ts';
import { type RecoveryReport, recoverPool } from './recovery.ts';
import { LocalSnapshotMetadata } from './snapshot-metadata.ts';
import { setIdOf } from './snapshot-record.ts';
import { SnapshotRpcs } from './snapshot-rpcs.ts';
import { SnapshotStore } from './snapshot-store.ts';
import { Snapshots } from './snapshots.ts';
import { Staging } from './staging.ts';
import { Tools } from '#linux/tools.ts';
import { VolumeCopier } from './volume-copier.ts';
import { volumeIdOf } from './volume-record.ts';
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
  /** Is told for how many seconds file systems were frozen for a copy, at its end. */
  readonly onFrozen?: ((seconds: number) => void) | undefined;
  /** The pool is not there: every call is answered with this, until another driver is made for the pool that is back. */
  readonly missing?: PlatformError | undefined;
}

/** The services of `local.stowage.dev`, ready for `serveCsi`. */
export interface LocalDriver {
  readonly identity: IdentityService;
  readonly controller: ControllerService;
  readonly groupController: GroupControllerService;
  readonly snapshotMetadata: SnapshotMetadataService;
  readonly node: NodeService;
  /** Call once before serving: looks at the pool and finishes or removes what a crash left. Until then calls answer `Unavailable`. */
  recover(): Promise<RecoveryReport>;
  inventory(): Promise<Inventory>;
  /** Answers `Unavailable` from now on. Volumes stay staged and the pool mounted, for pods that go on. */
  close(): void;
  /** Why nothing more is to go into the pool; undefined = all is well again. */
  distrust(problem: PlatformError | undefined): void;
}

/** Makes the driver; nothing outside happens before {@link LocalDriver.recover}. */
export function createLocalDriver(options: LocalDriverOptions): LocalDriver {
  const { pool, nodeName, machine, clock, ids, log, host = new SystemHost() } = options;
  const readiness = new Readiness(options.missing);
  const tools = new Tools(options.exec);
  const ledger = new CapacityLedger(pool.capacityBytes);
  const store = new VolumeStore({ diskDir: pool.dir, volumesDir: pool.volumesDir, ledger, clock });
  const snapshots = new SnapshotStore({ snapshotsDir: join(dirname(pool.volumesDir), 'snapshots'), ledger });
  const copier = new VolumeCopier({ sharing: pool.kind === 'plain' ? 'full' : 'shared', tools, log, onFrozen: options.onFrozen });
  const sources = new ContentSources({ store, snapshots, host, copier });
  const making = new Snapshots({ snapshots, sources, copier, clock });
  const snapshotRpcs = new SnapshotRpcs({ store: snapshots, making });
  const staging = new Staging({ store, host, tools, clock, ids, preferred: machine.fileSystem });
  const publishing = new Publishing({ host, mounter: tools.mounter, staging });
  const locks = new VolumeLocks();
  const namedIds = {
    volumeIdOf,
    snapshotIdOf: (name: string) => setIdOf(name, 'single'),
    groupIdOf: (name: string) => setIdOf(name, 'group'),
  };
  const controller = new LocalController({ nodeName, machine, store, host, ledger, sources, copier, snapshotRpcs, readiness });
  return {
    identity: new LocalIdentity({ version: options.version, machine, readiness }),
    controller: new LockedController(controller, locks, namedIds),
    groupController: new LockedGroupController(new LocalGroupController({ store: snapshots, making, readiness }), locks, namedIds),
    snapshotMetadata: new LocalSnapshotMetadata({ store: snapshots, tools, readiness }),
    node: new LockedNode(new LocalNode({ nodeName, machine, store, host, tools, staging, publishing, readiness }), locks),
    async recover() {
      const report = await recoverPool({ store, snapshots, host, tools, clock, log });
      readiness.open();
      return report;
    },
    inventory: () => takeInventory({ store, snapshots, host }),
    close: () => readiness.close(),
    distrust: (problem) => readiness.distrust(problem),
  };
}
