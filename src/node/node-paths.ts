import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { PlatformError } from '#kit/errors.ts';

/** Where a node keeps things. Both must be absolute; neither may be shared with another node. */
export interface NodeDirs {
  /** Survives reboots: images, pods' scratch data and logs, staged volumes. */
  readonly root: string;
  /** May vanish at a reboot: state of the OCI runtime. */
  readonly runtime: string;
}

const SAFE_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,252}$/;
/** Hex digits of the hash that tells the nodes of one machine apart. */
const INSTANCE_LENGTH = 8;

/** Tells what belongs to the node of that directory from what belongs to others on the same machine. Pure. */
export function instanceOf(root: string): string {
  return createHash('sha256').update(root).digest('hex').slice(0, INSTANCE_LENGTH);
}

/** Every name and path that the node uses outside, all derived from UIDs, so that a crash can't orphan anything. */
export class NodePaths {
  readonly root: string;
  readonly runtime: string;
  /** Tells this node's namespaces and cgroups from those of another platform on the same machine. */
  readonly instance: string;

  constructor(dirs: NodeDirs) {
    this.root = dirs.root;
    this.runtime = dirs.runtime;
    this.instance = instanceOf(dirs.root);
  }

  get images(): string {
    return join(this.root, 'images');
  }

  get pods(): string {
    return join(this.root, 'pods');
  }

  /** Staged CSI volumes, one directory each. */
  get staging(): string {
    return join(this.root, 'staging');
  }

  get runcRoot(): string {
    return join(this.runtime, 'runc');
  }

  /** Name of the cgroup that holds all pods of this node. */
  get cgroupRoot(): string {
    return `stowage-${this.instance}`;
  }

  /** What every network namespace of this node starts with. */
  get networkPrefix(): string {
    return `${this.cgroupRoot}-`;
  }

  pod(uid: string): PodPaths {
    return new PodPaths(this, safe('metadata.uid', uid));
  }

  /** The directory of a staged volume; named by a hash because volume handles may hold any character. */
  stagedVolume(driver: string, volumeHandle: string): string {
    return join(this.staging, createHash('sha256').update(`${driver}\n${volumeHandle}`).digest('hex').slice(0, 40));
  }
}

/** The paths of one pod. */
export class PodPaths {
  readonly uid: string;
  readonly dir: string;
  readonly #node: NodePaths;

  constructor(node: NodePaths, uid: string) {
    this.#node = node;
    this.uid = uid;
    this.dir = join(node.pods, uid);
  }

  /** Written before anything else of the pod exists, removed after everything else is gone. */
  get record(): string {
    return join(this.dir, 'pod.json');
  }

  /** Its address in the node's network. */
  get network(): string {
    return join(this.dir, 'network.json');
  }

  get hostsFile(): string {
    return join(this.dir, 'hosts');
  }

  /** `/etc/resolv.conf` of the pod, where it has one. */
  get resolverFile(): string {
    return join(this.dir, 'resolv.conf');
  }

  get volumes(): string {
    return join(this.dir, 'volumes');
  }

  volume(name: string): string {
    return join(this.volumes, safe('volume name', name));
  }

  /** Bind mounts of parts of volumes. */
  get subPaths(): string {
    return join(this.dir, 'subpaths');
  }

  get containers(): string {
    return join(this.dir, 'containers');
  }

  container(name: string): string {
    return join(this.containers, safe('container name', name));
  }

  run(container: string, attempt: number): RunPaths {
    return {
      dir: join(this.container(container), String(attempt)),
      runtimeId: `${this.uid}.${container}.${attempt}`,
      cgroup: `/${this.cgroup}/${container}`,
    };
  }

  get cgroup(): string {
    return `${this.#node.cgroupRoot}/pod${this.uid}`;
  }

  get networkNamespace(): string {
    return `${this.#node.networkPrefix}${this.uid}`;
  }
}

/** One run (attempt) of a container. */
export interface RunPaths {
  /** The OCI bundle; log and state lie in it too. */
  readonly dir: string;
  /** The container's id in the OCI runtime. */
  readonly runtimeId: string;
  /** Below each cgroup hierarchy's mount point. */
  readonly cgroup: string;
}

function safe(field: string, name: string): string {
  if (SAFE_NAME.test(name)) return name;
  throw new PlatformError({
    code: 'InvalidArgument',
    reason: 'UnsafeName',
    message: `${field} ${JSON.stringify(name)} can't become a file name: use letters, digits, '.', '_' and '-'`,
  });
}
