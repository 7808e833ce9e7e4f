import { type Exec, type ExecOptions, type ExecResult, isCommandFailed } from '#kit/exec.ts';
import { Limiter } from '#kit/limiter.ts';
import type { ForeignMount } from './device-holders.ts';
import { type Extent, parseExtents } from './extents.ts';
import { copyDirectoryCommand, copyImagesCommand, type CopyPair, frozenCommand, frozenSec, type Sharing } from './freeze-command.ts';
import { Mounter } from './mounter.ts';

/** A filesystem that the driver makes. */
export type MadeFilesystem = 'ext4' | 'xfs';

/** Programs that run at the same time for one driver. */
const MAX_PROCESSES = 8;
/** A check of a large filesystem may read all of it. */
const FSCK_TIMEOUT_MS = 30 * 60_000;
/** e2fsck(8): 1 = errors were corrected. */
const FSCK_CORRECTED = 1;
/** Copies that run at the same time; apart from the rest, because a full copy of a large volume takes as long as its disk needs. */
const MAX_COPIES = 2;
/** After this long a copy is given up: nothing that a disk of this kind holds takes longer. */
const COPY_TIMEOUT_MS = 24 * 60 * 60_000;

/** The programs of the machine that a driver runs beside mounts, each with its way to fail. No command is stopped when a caller gives up: the next call looks and goes on. */
export class Tools {
  readonly #exec: Exec;
  readonly #limiter = new Limiter(MAX_PROCESSES);
  readonly #copies = new Limiter(MAX_COPIES);

  /** Mounts within the same bound. */
  readonly mounter: Mounter = new Mounter({ run: (argv, options) => this.#run(argv, options) });

  constructor(exec: Exec) {
    this.#exec = exec;
  }

  /** Attaches an image to a free loop device and returns the device's path. */
  async attach(image: string, access: 'ro' | 'rw'): Promise<string> {
    const { stdout } = await this.#run(['losetup', ...(access === 'ro' ? ['--read-only'] : []), '--find', '--show', image]);
    return stdout.trim();
  }

  /** Detaches at once, or, where something holds the device open, as soon as that lets go: look afterwards. A device without image is no failure. */
  async detach(device: string): Promise<void> {
    try {
      await this.#run(['losetup', '--detach', device]);
    } catch (thrown) {
      if (!(isCommandFailed(thrown) && thrown.stderr.includes('No such device'))) throw thrown;
    }
  }

  /** Takes a mount off that only another mount namespace shows. The program is found here, since that namespace may have none. A mount that is gone is no failure. */
  async unmountIn({ pid, namespace, device, mountPoint }: ForeignMount): Promise<void> {
    // why looked at again: the process may have ended, and another have its number, or the device be gone from there
    const isSame = '[ "$(readlink /proc/$1/ns/mnt)" = "$3" ] && grep -q " $4 " /proc/$1/mountinfo';
    const script = `${isSame} && exec nsenter --target "$1" --mount --wd="$(dirname "$(command -v busybox)")" ./busybox umount -l "$2"`;
    try {
      await this.#run(['sh', '-c', script, 'sh', String(pid), mountPoint, namespace, device]);
    } catch (thrown) {
      // why: whoever still holds the device is looked for afterwards, and named
      if (!isCommandFailed(thrown)) throw thrown;
    }
  }

  /** Tells a loop device that its image has grown. */
  async refreshSize(device: string): Promise<void> {
    await this.#run(['losetup', '--set-capacity', device]);
  }

  /** Makes a filesystem on a file that has never been written to. */
  async makeFilesystem(fsType: MadeFilesystem, image: string): Promise<void> {
    // why: a sparse file reads as zeros, so ext4's journal need not be written (64 MiB less per volume); -m0: nothing is reserved for root
    if (fsType === 'ext4') await this.#run(['mkfs.ext4', '-q', '-F', '-m0', '-E', 'lazy_journal_init=1', image]);
    else await this.#run(['mkfs.xfs', '-q', '-f', '-m', 'reflink=1', image]);
  }

  /** Checks an unmounted ext4 and mends what it finds. */
  async checkExt4(device: string): Promise<void> {
    await this.#run(['e2fsck', '-f', '-y', device], { timeoutMs: FSCK_TIMEOUT_MS, okCodes: [0, FSCK_CORRECTED] });
  }

  /** Checks and grows an unmounted ext4 to its device. */
  async growExt4Offline(device: string): Promise<void> {
    // why: resize2fs refuses a filesystem that was not checked since its last mount
    await this.checkExt4(device);
    await this.#run(['resize2fs', device], { timeoutMs: FSCK_TIMEOUT_MS });
  }

  async growExt4Online(device: string): Promise<void> {
    await this.#run(['resize2fs', device], { timeoutMs: FSCK_TIMEOUT_MS });
  }

  async growXfs(mountPoint: string): Promise<void> {
    await this.#run(['xfs_growfs', mountPoint]);
  }

  /** Copies images while the mount points of `frozen` are frozen; answers for how many seconds they were, undefined where none was. Whatever happens, they are thawed when it ends. */
  async copyImages(
    pairs: readonly CopyPair[],
    how: { readonly sharing: Sharing; readonly frozen: readonly string[] },
  ): Promise<number | undefined> {
    const argv = frozenCommand(how.frozen, copyImagesCommand(pairs, how.sharing));
    try {
      return frozenSec((await this.#copies.run(() => this.#exec.run(argv, { timeoutMs: COPY_TIMEOUT_MS }))).stderr);
    } catch (thrown) {
      // why all: one that can't be thawed leaves the others frozen else, and what failed first is what to tell
      await Promise.allSettled(how.frozen.map((mountPoint) => this.thaw(mountPoint)));
      throw thrown;
    }
  }

  /** Copies what is in a directory into one that exists, and waits until it is on the disk. */
  async copyDirectory(pair: CopyPair, sharing: Sharing): Promise<void> {
    await this.#copies.run(() => this.#exec.run(copyDirectoryCommand(pair, sharing), { timeoutMs: COPY_TIMEOUT_MS }));
    await this.#run(['sync', '--file-system', pair.to]);
  }

  /** Lets writes go on; one that is not frozen is no failure. */
  async thaw(mountPoint: string): Promise<void> {
    await this.#run(['fsfreeze', '--unfreeze', mountPoint], { okCodes: [0, 1] });
  }

  /** Bytes on the disk behind everything in a directory. */
  async diskUsage(path: string): Promise<bigint> {
    const { stdout } = await this.#run(['du', '--summarize', '--block-size=1', '--one-file-system', path], { timeoutMs: FSCK_TIMEOUT_MS });
    return BigInt(/^\d+/.exec(stdout)?.[0] ?? '0');
  }

  /** The pieces of a file that hold data, in order; `path` must be on the disk already. @throws BlockMapUnreadable */
  async extents(path: string): Promise<readonly Extent[]> {
    return parseExtents((await this.#run(['filefrag', '-v', '-b1', path])).stdout, path);
  }

  #run(argv: readonly string[], options?: ExecOptions): Promise<ExecResult> {
    return this.#limiter.run(() => this.#exec.run(argv, options));
  }
}

/** True where resize2fs was refused by the kernel's permission check (EXT4_IOC_RESIZE_FS wants CAP_SYS_RESOURCE). */
export function isOnlineGrowthRefused(thrown: unknown): boolean {
  return isCommandFailed(thrown) && thrown.exitCode === 1 && /Permission denied to resize|Operation not permitted/.test(thrown.stderr);
}
