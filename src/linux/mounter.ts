import { mkdir } from 'node:fs/promises';
import { CommandTimedOut, type Exec, isCommandFailed } from '#kit/exec.ts';
import { type Mount, mountsBelow, readMountTable } from './mount-table.ts';

/** A file system in memory. */
export interface MemoryMount {
  readonly path: string;
  /** Absent = the kernel's default, half of the memory. */
  readonly sizeBytes?: bigint | undefined;
  /** Permissions of its top directory. */
  readonly mode: number;
}

/** How a file system is mounted. */
export interface MountedAs {
  readonly fsType: string;
  readonly options: readonly string[];
}

/** File systems that need a server to answer. */
export const NETWORK_TYPES: ReadonlySet<string> = new Set(['nfs', 'nfs4']);
/** A server that is there lets go within this time. */
const NETWORK_TIMEOUT_MS = 30_000;

/** Mounts and unmounts on the host: pods', volumes' and pools' mounts are all made here. */
export class Mounter {
  readonly #exec: Exec;

  constructor(exec: Exec) {
    this.#exec = exec;
  }

  table(): Promise<readonly Mount[]> {
    return readMountTable();
  }

  async isMountPoint(path: string): Promise<boolean> {
    return (await this.table()).some((mount) => mount.mountPoint === path);
  }

  /** Makes sure that a tmpfs is mounted at `path`. */
  async ensureMemory(memory: MemoryMount): Promise<void> {
    await mkdir(memory.path, { recursive: true, mode: 0o700 });
    if (await this.isMountPoint(memory.path)) return;
    const options = ['nosuid', 'nodev', `mode=${memory.mode.toString(8)}`];
    if (memory.sizeBytes !== undefined) options.push(`size=${memory.sizeBytes}`);
    await this.#exec.run(['mount', '-t', 'tmpfs', '-o', options.join(','), 'tmpfs', memory.path]);
  }

  /** Binds `source` to the existing `target`. `source` may be a `/proc/PID/fd/N` link and is not resolved again. */
  async bind(source: string, target: string): Promise<void> {
    await this.#exec.run(['mount', '--no-canonicalize', '--bind', source, target]);
  }

  /** As {@link bind}, and nobody writes through `target`. */
  async bindReadOnly(source: string, target: string): Promise<void> {
    await this.#exec.run(['mount', '--no-canonicalize', '-o', 'bind,ro', source, target]);
  }

  /** Nobody writes through the mount at `target` from now on, wherever else it is mounted. */
  async remountReadOnly(target: string): Promise<void> {
    await this.#exec.run(['mount', '-o', 'remount,bind,ro', target]);
  }

  /** Mounts an image through a loop device that the kernel frees at the last unmount, so that no device can be left behind. */
  async mountImage(image: string, mountPoint: string, how: MountedAs): Promise<void> {
    await this.mountDevice(image, mountPoint, { ...how, options: ['loop', ...how.options] });
  }

  async mountDevice(device: string, mountPoint: string, { fsType, options }: MountedAs): Promise<void> {
    const asked = options.length > 0 ? ['-o', options.join(',')] : [];
    await this.#exec.run(['mount', '-t', fsType, ...asked, device, mountPoint]);
  }

  /** Takes the topmost mount off `mountPoint`; nothing mounted there is no failure. @throws CommandFailed while it is in use */
  async unmount(mountPoint: string): Promise<void> {
    try {
      await this.#exec.run(['umount', mountPoint]);
    } catch (thrown) {
      if (!isNotMounted(thrown)) throw thrown;
    }
  }

  /** A network file system whose server is away is let go of without it: what it was told last may be lost, as at its own crash. */
  async #letGo({ mountPoint, fsType }: Mount): Promise<void> {
    if (!NETWORK_TYPES.has(fsType)) return this.unmount(mountPoint);
    try {
      await this.#exec.run(['umount', mountPoint], { timeoutMs: NETWORK_TIMEOUT_MS });
    } catch (error) {
      if (!(error instanceof CommandTimedOut)) throw error;
      await this.#exec.run(['umount', '-f', '-l', mountPoint], { timeoutMs: NETWORK_TIMEOUT_MS });
    }
  }

  /** Unmounts what is mounted inside `dir` and not `dir` itself, the innermost first: a container's mounts may have come out to the host. @throws CommandFailed while something is in use */
  async unmountInside(dir: string): Promise<void> {
    const inside = mountsBelow(await this.table(), dir).filter(({ mountPoint }) => mountPoint !== dir);
    for (const { mountPoint } of inside.toReversed()) {
      // why looked at again: unmounting in one place takes the same mount away in others that share it
      const mount = (await this.table()).findLast((now) => now.mountPoint === mountPoint);
      if (mount !== undefined) await this.#letGo(mount);
    }
  }

  /** Unmounts everything at or below `dir`, the innermost first. @throws CommandFailed while something is in use */
  async unmountBelow(dir: string): Promise<void> {
    await this.unmountInside(dir);
    const own = mountsBelow(await this.table(), dir).filter(({ mountPoint }) => mountPoint === dir);
    for (const mount of own.toReversed()) await this.#letGo(mount);
  }
}

/** umount(8): 32 = the unmount failed; only the text tells that there was nothing to do. */
function isNotMounted(thrown: unknown): boolean {
  return isCommandFailed(thrown) && thrown.exitCode === 32 && /not mounted|no mount point specified/.test(thrown.stderr);
}
