import { lstat } from 'node:fs/promises';
import type { Exec } from '#kit/exec.ts';

/** A directory to hand to a group. */
export interface FsGroup {
  readonly dir: string;
  readonly gid: number;
  /** `OnRootMismatch` leaves volumes alone whose top directory is right already (core/v1 fsGroupChangePolicy). */
  readonly policy: string;
  /** Nobody may write to it: its files are only to be read by the group. */
  readonly isReadOnly: boolean;
}

/** The setgid bit and read, write, search for the group; write only where anybody may. */
const WANTED_MODE = 0o2070;
const WANTED_READ_ONLY_MODE = 0o2050;
/** What directories and files get (kubelet volume_linux.go: 0660 or 0440, and for directories setgid and 0110). */
const MODES = { writable: { directories: 'ug+rwx,g+s', files: 'ug+rw' }, readOnly: { directories: 'ug+rx,g+s', files: 'ug+r' } } as const;

/** Gives the volume to the group: group owner, group may read and, where anybody may, write; new files inherit it. Links are not followed, nor is what is mounted inside. */
export async function applyFsGroup(exec: Exec, group: FsGroup): Promise<void> {
  if (group.policy === 'OnRootMismatch') {
    const top = await lstat(group.dir);
    const wanted = group.isReadOnly ? WANTED_READ_ONLY_MODE : WANTED_MODE;
    if (top.gid === group.gid && (top.mode & wanted) === wanted) return;
  }
  const options = { timeoutMs: CHANGE_TIMEOUT_MS };
  const { directories, files } = group.isReadOnly ? MODES.readOnly : MODES.writable;
  await exec.run(['find', group.dir, '-xdev', '-exec', 'chgrp', '-h', String(group.gid), '{}', '+'], options);
  const chmod = (...mode: string[]): string[] => ['-exec', 'chmod', ...mode, '{}', '+'];
  await exec.run(
    ['find', group.dir, '-xdev', '(', '-type', 'd', ...chmod(directories), ')', '-o', '(', '!', '-type', 'l', ...chmod(files), ')'],
    options,
  );
}

/** Volumes with millions of files take their time. */
const CHANGE_TIMEOUT_MS = 600_000;
