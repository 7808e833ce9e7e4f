/** One file or directory to be copied. */
export interface CopyPair {
  readonly from: string;
  readonly to: string;
}

/** How much of two copies may be the same blocks: all of it, or none where the pool's filesystem cannot share. */
export type Sharing = 'shared' | 'full';

/** Name by which a running freeze is found in the table of processes. */
export const FREEZER = 'stowage-freeze';

/** Freezes the mount point in `$1`, runs the rest and thaws, whatever the rest did. */
const FREEZE = `trap '' HUP INT TERM; at=$1; shift; fsfreeze --freeze "$at" || exit 1; "$@"; ended=$?; fsfreeze --unfreeze "$at" || exit 1; exit $ended`;
/** Copies images in pairs, `$2` to `$3` and so on, with the option in `$1`; stops at the first that fails. */
const COPY = 'how=$1; shift; while [ $# -gt 1 ]; do cp "$how" --sparse=auto -- "$1" "$2" || exit 1; shift 2; done';

/**
 * The command that runs `argv` while every mount point is frozen (ioctl_fsfreeze(2), fsfreeze(8)). One program does all three steps: a freeze outlives
 * whoever asked for it, and this program outlives a driver that is killed, so that it still thaws.
 */
export function frozenCommand(mountPoints: readonly string[], argv: readonly string[]): readonly string[] {
  return mountPoints.reduceRight((inner, mountPoint) => ['sh', '-c', FREEZE, FREEZER, mountPoint, ...inner], argv);
}

/** The command that copies images one after the other. */
export function copyImagesCommand(pairs: readonly CopyPair[], sharing: Sharing): readonly string[] {
  const how = sharing === 'shared' ? '--reflink=always' : '--reflink=never';
  return ['sh', '-c', COPY, 'stowage-copy', how, ...pairs.flatMap(({ from, to }) => [from, to])];
}

/** The command that copies what is in a directory, with owners, times, links and special files, into one that exists. */
export function copyDirectoryCommand({ from, to }: CopyPair, sharing: Sharing): readonly string[] {
  return ['cp', '--archive', sharing === 'shared' ? '--reflink=always' : '--reflink=never', '--no-target-directory', '--', from, to];
}
