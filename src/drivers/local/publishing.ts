import { lstat, mkdir, rmdir, unlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { PathOccupied } from './errors.ts';
import type { Host } from '#linux/host.ts';
import { planPublish } from './publish-plan.ts';
import { Staging } from './staging.ts';
import type { Mounter } from '#linux/mounter.ts';
import { isErrno } from './volume-store.ts';

/** How a volume is to be published. */
export interface PublishWish {
  readonly volumeId: string;
  readonly stagingPath: string;
  readonly targetPath: string;
  readonly kind: 'filesystem' | 'block';
  readonly access: 'ro' | 'rw';
  readonly isExclusive: boolean;
}

/** Binds staged volumes to their targets and takes them away: look, plan, apply. */
export class Publishing {
  readonly #host: Host;
  readonly #mounter: Mounter;
  readonly #staging: Staging;

  constructor(options: { readonly host: Host; readonly mounter: Mounter; readonly staging: Staging }) {
    this.#host = options.host;
    this.#mounter = options.mounter;
    this.#staging = options.staging;
  }

  /** @throws VolumeNotStaged, PathOccupied, SingleWriterConflict, CommandFailed */
  async publish(wish: PublishWish): Promise<void> {
    const { volumeId, targetPath: target, access, isExclusive } = wish;
    const source = Staging.sourceIn(wish.stagingPath, wish.kind);
    const action = planPublish({ volumeId, source, target, access, isExclusive, mounts: await this.#host.mounts() });
    if (action === 'none') return;
    if (action === 'remount-read-only') {
      await this.#mounter.remountReadOnly(target);
      return;
    }
    await makeTarget(target, wish.kind);
    await (access === 'ro' ? this.#mounter.bindReadOnly(source, target) : this.#mounter.bind(source, target));
  }

  /** Unmounts and removes the target; safe to repeat. @throws PathOccupied where the target holds files of somebody else */
  async unpublish(target: string): Promise<void> {
    await this.#staging.unmountAll(target);
    await removeTarget(target);
  }
}

/** The directory or empty file that the volume is bound to; CSI 1.13 "NodePublishVolume" leaves making it to the plugin. */
async function makeTarget(target: string, kind: 'filesystem' | 'block'): Promise<void> {
  const found = await lstat(target).catch(() => undefined);
  // why: links were followed before, so that this one leads nowhere; a file would be made behind it
  if (found?.isSymbolicLink() === true) throw new PathOccupied(target, 'it is a link to nothing; remove it');
  if (found !== undefined && found.isDirectory() !== (kind === 'filesystem'))
    throw new PathOccupied(
      target,
      kind === 'filesystem' ? 'it is no directory; remove it' : 'it is a directory and a device goes there; remove it',
    );
  if (kind === 'filesystem') {
    await mkdir(target, { recursive: true, mode: 0o750 });
    return;
  }
  await mkdir(dirname(target), { recursive: true, mode: 0o750 });
  await writeFile(target, '', { flag: 'a', mode: 0o600 });
}

async function removeTarget(target: string): Promise<void> {
  const found = await lstat(target).catch(() => undefined);
  if (found === undefined) return;
  try {
    if (found.isDirectory()) await rmdir(target);
    else if (found.isFile() && found.size === 0) await unlink(target);
    else throw new PathOccupied(target, 'it is neither an empty directory nor an empty file; it is left as it is');
  } catch (thrown) {
    if (isErrno(thrown, 'ENOTEMPTY')) throw new PathOccupied(target, 'it is not mounted and holds files; they are left as they are');
    throw thrown;
  }
}
