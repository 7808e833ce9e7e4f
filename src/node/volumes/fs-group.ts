import { lstat } from 'node:fs/promises';
import type { Exec } from '#kit/exec.ts';

/** A directory to hand to a group. */
export interface FsGroup {
  readonly dir: string;
  readonly gid: number;
  /** `OnRootMismatch` leaves volumes alone whose top directory is right already (core/v1 fsGroupChangePolicy). */
  readonly policy: string;
}

/** The setgid bit and read, write, search for the group. */
const WANTED_MODE = 0o2070;

/** Gives the volume to the group: group owner, group may read and write, new files inherit it. Links are not followed. */
export async function applyFsGroup(exec: Exec, group: FsGroup): Promise<void> {
  if (group.policy === 'OnRootMismatch') {
    const top = await lstat(group.dir);
    if (top.gid === group.gid && (top.mode & WANTED_MODE) === WANTED_MODE) return;
  }
  const options = { timeoutMs: CHANGE_TIMEOUT_MS };
  await exec.run(['chgrp', '-hR', String(group.gid), group.dir], options);
  await exec.run(['chmod', '-R', 'g+rwX', group.dir], options);
  await exec.run(['find', group.dir, '-xdev', '-type', 'd', '-exec', 'chmod', 'g+s', '{}', '+'], options);
}

/** Volumes with millions of files take their time. */
const CHANGE_TIMEOUT_MS = 600_000;
