import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { PlatformError } from '#kit/errors.ts';
import { type Exec, isCommandFailed } from '#kit/exec.ts';
import type { Mounter } from '#linux/mounter.ts';
import { mountNfs, type NfsShare } from '#linux/nfs-mount.ts';
import type { NfsSettings } from './settings.ts';
import type { NfsVolume } from './volume-id.ts';

/** What directories on servers are made and removed with. */
export interface ShareFilesOptions {
  readonly exec: Exec;
  readonly mounter: Mounter;
  /** Where shares are mounted while something is done in them. */
  readonly workDir: string;
  readonly settings: () => NfsSettings;
}

/** A server that is away holds up whoever touches its files: a program of its own, which is killed after this long. */
const STEP_MS = 60_000;
/** Removing a large volume takes as long as the server needs; what is left is removed by the next call. */
const REMOVE_MS = 10 * 60_000;

/** The server does not let this node write into the share. */
class ShareUnwritable extends PlatformError {
  constructor({ server, path: share }: NfsShare, cause: PlatformError) {
    const remedy = `the server takes root of this node for nobody: export ${share} with no_root_squash, or let everybody write there`;
    const message = `${server}:${share} can not be written: ${cause.message}; ${remedy}`;
    super({ code: 'PermissionDenied', reason: 'NfsShareUnwritable', message, cause, retry: 'backoff' });
  }
}

/** The directories of volumes on their servers. Each share is mounted for as long as something is done in it. */
export class ShareFiles {
  readonly #options: ShareFilesOptions;

  constructor(options: ShareFilesOptions) {
    this.#options = options;
  }

  /** Makes the directory of a volume; one that is there is its own, from an earlier try. @throws NfsMountFailed, CommandFailed */
  async make(
    volume: NfsVolume,
    { mode, mountOptions }: { readonly mode: string | undefined; readonly mountOptions: readonly string[] },
  ): Promise<void> {
    await this.#within({ ...shareOf(volume), mountOptions }, async (root) => {
      const dir = path.join(root, volume.subDir);
      await this.#run(['mkdir', '-p', '--', dir]);
      if (mode !== undefined) await this.#run(['chmod', mode, '--', dir]);
    });
  }

  /** Removes the directory of a volume with all that is in it, or puts it aside; one that is gone is no failure. @throws NfsMountFailed, CommandFailed */
  async remove(volume: NfsVolume): Promise<void> {
    if (volume.onDelete === 'retain') return;
    await this.#within(shareOf(volume), async (root) => {
      const dir = path.join(root, volume.subDir);
      if (volume.onDelete === 'delete') await this.#run(['rm', '-rf', '--one-file-system', '--', dir], REMOVE_MS);
      else if (await this.#isThere(dir)) await this.#run(['mv', '-T', '--', dir, path.join(root, `archived-${volume.subDir}`)]);
    });
  }

  /** Takes away what is mounted for work on shares, and the folder of it. */
  async close(): Promise<void> {
    const { mounter, workDir } = this.#options;
    await mounter.unmountBelow(workDir);
    await rm(workDir, { recursive: true, force: true });
  }

  async #within(share: NfsShare, work: (root: string) => Promise<void>): Promise<void> {
    const { exec, mounter, workDir, settings } = this.#options;
    const { mountOptions, mountTimeoutSec } = settings();
    const root = path.join(workDir, createHash('sha256').update(JSON.stringify(share)).digest('hex').slice(0, 16));
    const whole = { ...share, mountOptions: [...mountOptions, ...share.mountOptions] };
    await mkdir(root, { recursive: true, mode: 0o700 });
    // why looked at: a process that ended in the middle left it mounted
    if (!(await mounter.isMountPoint(root))) await mountNfs(exec, whole, { target: root, timeoutMs: mountTimeoutSec * 1_000 });
    try {
      await work(root);
    } catch (thrown) {
      throw isCommandFailed(thrown) && /Permission denied/.test(thrown.stderr) ? new ShareUnwritable(share, thrown) : thrown;
    } finally {
      await mounter.unmountBelow(root);
    }
  }

  async #isThere(dir: string): Promise<boolean> {
    try {
      await this.#run(['test', '-e', dir]);
      return true;
    } catch (thrown) {
      if (isCommandFailed(thrown) && thrown.exitCode === 1) return false;
      throw thrown;
    }
  }

  async #run(argv: readonly string[], timeoutMs = STEP_MS): Promise<void> {
    await this.#options.exec.run(argv, { timeoutMs });
  }
}

function shareOf({ server, share }: NfsVolume): NfsShare {
  return { server, path: share, isReadOnly: false, mountOptions: [] };
}
