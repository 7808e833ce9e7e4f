import type { Exec } from '#kit/exec.ts';
import { Mounter } from '#linux/mounter.ts';
import { LockedNode } from '#protocols/csi/locked-services.ts';
import { VolumeLocks } from '#protocols/csi/volume-locks.ts';
import type { ControllerService, IdentityService, NodeService } from '#protocols/csi/generated/messages.ts';
import { NfsController } from './controller.ts';
import { NfsIdentity } from './identity.ts';
import { NfsNode } from './node.ts';
import type { NfsSettings } from './settings.ts';
import { ShareFiles } from './share-files.ts';

/** What the driver of one node is made of. */
export interface NfsDriverOptions {
  readonly nodeName: string;
  readonly version: string;
  /** Where shares are mounted while something is done in them. */
  readonly workDir: string;
  readonly exec: Exec;
  readonly mounter?: Mounter;
  /** As of now: they may change. */
  readonly settings: () => NfsSettings;
}

/** The services of one node's driver. */
export interface NfsDriver {
  readonly identity: IdentityService;
  readonly controller: ControllerService;
  readonly node: NodeService;
  /** Lets go of what it has mounted for its own work. */
  release(): Promise<void>;
}

/** The driver `nfs.csi.k8s.io` on one node. */
export function createNfsDriver(options: NfsDriverOptions): NfsDriver {
  const mounter = options.mounter ?? new Mounter(options.exec);
  const files = new ShareFiles({ ...options, mounter });
  return {
    identity: new NfsIdentity(options.version),
    controller: new NfsController({ ...options, files, locks: new VolumeLocks() }),
    node: new LockedNode(new NfsNode({ ...options, mounter }), new VolumeLocks()),
    release: () => files.close(),
  };
}
