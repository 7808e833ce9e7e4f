import { chmodSync, chownSync, closeSync, constants, fstatSync, lchownSync, openSync, readdirSync, type Stats } from 'node:fs';
import { PlatformError } from '#kit/errors.ts';
import { isErrno } from '#linux/small-files.ts';

/** What everything below a directory gets. */
export interface GroupChange {
  readonly gid: number;
  /** Permissions that directories and files get beside those that they have. */
  readonly directoryMode: number;
  readonly fileMode: number;
}

/** open(2) O_PATH; Node has no name for it. */
const O_PATH = 0o10000000;
const PERMISSIONS = 0o7777;
/** chown(2): the owner stays. */
const KEEP = -1;

/** A directory that is worked on, and what is still to be done in it. */
interface Level {
  readonly stats: Stats;
  /** Bytes of the names, as latin1. */
  readonly directories: string[];
}

/**
 * Gives `top` and everything below it to the group. Who may write there may swap any name for a link at any moment, so that no path is ever followed:
 * each name is opened without following links, relative to the open directory that it lies in, and what is changed is what was opened.
 * What is mounted inside is left alone. Blocks while it works; holds two descriptors however deep the tree is. @throws Error of the system
 */
export function giveTree(top: string, change: GroupChange): void {
  const walk = new Walk(openSync(top, O_PATH), change);
  try {
    walk.run();
  } finally {
    walk.close();
  }
}

class Walk {
  /** The directory that is worked on. */
  #current: number;
  readonly #change: GroupChange;
  readonly #device: number;

  constructor(top: number, change: GroupChange) {
    this.#current = top;
    this.#change = change;
    this.#device = fstatSync(top).dev;
  }

  close(): void {
    closeSync(this.#current);
  }

  run(): void {
    const stats = fstatSync(this.#current);
    this.#give(this.#current, stats);
    const levels: Level[] = stats.isDirectory() ? [this.#enter(stats)] : [];
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      const name = level.directories.pop();
      if (name === undefined) {
        levels.pop();
        const above = levels.at(-1);
        if (above !== undefined) this.#returnTo(above.stats);
      } else {
        const below = this.#goInto(name);
        if (below !== undefined) levels.push(this.#enter(below));
      }
    }
  }

  /** Gives what lies in the current directory but other directories: they are for later. */
  #enter(stats: Stats): Level {
    const directories: string[] = [];
    for (const name of readdirSync(pathOf(this.#current), 'latin1')) {
      const entry = this.#open(name);
      if (entry === undefined) continue;
      try {
        if (entry.stats.isDirectory()) directories.push(name);
        else if (entry.stats.isSymbolicLink()) this.#giveLink(name, entry.stats);
        else this.#give(entry.fd, entry.stats);
      } finally {
        closeSync(entry.fd);
      }
    }
    return { stats, directories };
  }

  /** Undefined where it is no directory any more. */
  #goInto(name: string): Stats | undefined {
    const next = this.#open(name);
    if (next === undefined) return undefined;
    if (!next.stats.isDirectory()) {
      closeSync(next.fd);
      return undefined;
    }
    this.#moveTo(next.fd);
    this.#give(next.fd, next.stats);
    return next.stats;
  }

  /** Undefined where the name is gone, or something else is mounted there. */
  #open(name: string): { readonly fd: number; readonly stats: Stats } | undefined {
    let fd: number;
    try {
      fd = openSync(pathOf(this.#current, name), O_PATH | constants.O_NOFOLLOW);
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined;
      throw error;
    }
    const stats = fstatSync(fd);
    if (stats.dev === this.#device) return { fd, stats };
    closeSync(fd);
    return undefined;
  }

  #give(fd: number, stats: Stats): void {
    const { gid, directoryMode, fileMode } = this.#change;
    const mode = stats.mode & PERMISSIONS;
    const wanted = mode | (stats.isDirectory() ? directoryMode : fileMode);
    if (stats.gid !== gid) chownSync(pathOf(fd), KEEP, gid);
    // why also after a change of the group: that takes the setuid bit away
    if (stats.gid !== gid || wanted !== mode) chmodSync(pathOf(fd), wanted);
  }

  /** The name itself is changed, whatever it is by now; nothing is followed. */
  #giveLink(name: string, { gid }: Stats): void {
    try {
      if (gid !== this.#change.gid) lchownSync(pathOf(this.#current, name), KEEP, this.#change.gid);
    } catch (error) {
      if (!isErrno(error, 'ENOENT')) throw error;
    }
  }

  #moveTo(fd: number): void {
    closeSync(this.#current);
    this.#current = fd;
  }

  /** Back to the directory above, which must be the one that was come from. */
  #returnTo({ dev, ino }: Stats): void {
    this.#moveTo(openSync(pathOf(this.#current, '..'), O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW));
    const now = fstatSync(this.#current);
    if (now.dev === dev && now.ino === ino) return;
    throw new PlatformError({
      code: 'Aborted',
      reason: 'FailedMount',
      message: 'a directory of the volume was moved while the volume was given to the group; it is tried again',
    });
  }
}

/** A descriptor, or a name in its directory, as a path whose other names nobody can swap. */
function pathOf(fd: number, name?: string): Buffer {
  return Buffer.from(name === undefined ? `/proc/self/fd/${fd}` : `/proc/self/fd/${fd}/${name}`, 'latin1');
}
