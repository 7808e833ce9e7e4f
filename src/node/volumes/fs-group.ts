import { constants } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Exec, isCommandFailed } from '#kit/exec.ts';
import { VolumeNotReady } from './volume-error.ts';

/** A directory to hand to a group. */
export interface FsGroup {
  readonly dir: string;
  readonly gid: number;
  /** `OnRootMismatch` leaves volumes alone whose top directory is right already (core/v1 fsGroupChangePolicy). */
  readonly policy: string;
  /** Nobody may write to it: its files are only to be read by the group. */
  readonly isReadOnly: boolean;
}

/** What directories and files get (kubelet volume_linux.go: 0660 or 0440, and for directories setgid and 0110). */
const MODES = {
  writable: { directories: 0o2770, files: 0o660 },
  readOnly: { directories: 0o2550, files: 0o440 },
} as const;
/** What the group must have of a top directory that is right. */
const OF_GROUP = 0o2070;
const PROGRAM = fileURLToPath(new URL('give-tree.ts', import.meta.url));
/** Volumes with millions of files take their time. */
const CHANGE_TIMEOUT_MS = 600_000;

/** Gives the volume to the group: group owner, group may read and, where anybody may, write; new files inherit it. Links are not followed, nor is what is mounted inside. @throws VolumeNotReady */
export async function applyFsGroup(exec: Exec, { dir, gid, policy, isReadOnly }: FsGroup): Promise<void> {
  const { directories, files } = isReadOnly ? MODES.readOnly : MODES.writable;
  if (policy === 'OnRootMismatch') {
    const top = await stat(dir);
    const wanted = directories & OF_GROUP;
    if (top.gid === gid && (top.mode & wanted) === wanted) return;
  }
  if (await giveEmpty(dir, { gid, mode: directories })) return;
  try {
    await exec.run([process.execPath, PROGRAM, dir, ...[gid, directories, files].map(String)], { timeoutMs: CHANGE_TIMEOUT_MS });
  } catch (error) {
    if (!isCommandFailed(error)) throw error;
    throw new VolumeNotReady(`the volume could not be given to the group ${gid} (fsGroup): ${error.stderr}`, error);
  }
}

/** A new volume has nothing in it, and needs no program. False where there is something. */
async function giveEmpty(dir: string, { gid, mode }: { readonly gid: number; readonly mode: number }): Promise<boolean> {
  const handle = await open(dir, constants.O_DIRECTORY).catch(() => undefined);
  if (handle === undefined) return false;
  try {
    if ((await readdir(`/proc/self/fd/${handle.fd}`)).length > 0) return false;
    const before = (await handle.stat()).mode & PERMISSIONS;
    await handle.chown(-1, gid);
    await handle.chmod(before | mode);
    return true;
  } finally {
    await handle.close();
  }
}

const PERMISSIONS = 0o7777;
