/** One file or directory to be copied. */
export interface CopyPair {
  readonly from: string;
  readonly to: string;
}

/** How much of two copies may be the same blocks: all of it, or none where the pool's filesystem cannot share. */
export type Sharing = 'shared' | 'full';

/** Name by which a running freeze, and whoever watches over it, is found in the table of processes. */
export const FREEZER = 'stowage-freeze';
/** How long file systems may be frozen, in seconds: no longer than 10. */
interface FreezeLimits {
  /** After that what runs meanwhile is ended. */
  readonly runSec: number;
  /** After that they are thawed though nobody has ended. */
  readonly watchSec: number;
}

/** What holds unless a test says otherwise. */
export const FREEZE_LIMITS: FreezeLimits = { runSec: 8, watchSec: 9 };

/** Freezes the mount point in `$1`, runs the rest and thaws, whatever the rest did. */
const FREEZE = `trap '' HUP INT TERM; at=$1; shift; fsfreeze --freeze "$at" || exit 1; "$@"; ended=$?; fsfreeze --unfreeze "$at" || exit 1; exit $ended`;
/** Runs the rest, and says on stderr from when until when that was, in seconds since the machine's start (proc(5), `/proc/uptime`). */
const TIMED = `trap '' HUP INT TERM; read from rest </proc/uptime; "$@"; ended=$?; read to rest </proc/uptime; echo "frozen $from $to" >&2; exit $ended`;
/**
 * Flushes the `$2` mount points that follow while writes go on, then runs what follows those, within the time that it has. What it ended with goes through
 * a pipe to a watcher in a session of its own (`$1` is its text), which sees by the pipe's end that everybody has gone.
 */
const GUARD = [
  `trap '' HUP INT TERM; watch=$1; limit=$2; n=$3; shift 3; left=$n`,
  'for at do [ $left -gt 0 ] || break; sync --file-system "$at"; left=$((left-1)); done',
  // why fd 3: the pipe ends only when the last of them has
  `{ shift "$n"; timeout --signal=KILL "$limit" "$@" 3>&1 >&2; echo $?; } | setsid sh -c "$watch" ${FREEZER} "$n" "$@"`,
].join('; ');
/** Ends with the exit code that it is told within so many seconds; thaws the `$1` mount points that follow where that is not 0, where nobody is left to tell it, and where it takes too long. */
const watchFor = (seconds: number): string =>
  [
    `trap '' HUP INT TERM; n=$1; shift`,
    'thaw() { left=$n; for at do [ $left -gt 0 ] || break; fsfreeze --unfreeze "$at" 2>/dev/null; left=$((left-1)); done; }',
    `ended=$(timeout --signal=KILL ${seconds} cat); [ "$ended" = 0 ] && exit 0`,
    // why again and again: one that is left may freeze yet
    'thaw "$@"; until timeout --signal=KILL 0.2 cat >/dev/null; do thaw "$@"; done; thaw "$@"; exit "${ended:-124}"',
  ].join('; ');
/** Copies images in pairs, `$2` to `$3` and so on, with the option in `$1`; stops at the first that fails. */
const COPY = 'how=$1; shift; while [ $# -gt 1 ]; do cp "$how" --sparse=auto -- "$1" "$2" || exit 1; shift 2; done';

/**
 * The command that runs `argv` while every mount point is frozen (ioctl_fsfreeze(2), fsfreeze(8)). One program does all three steps: a freeze outlives
 * whoever asked for it, and this program outlives a driver that is killed, so that it still thaws. Where it is killed itself, or takes longer than
 * it may, another one thaws; see {@link isFrozenTooLong}.
 */
export function frozenCommand(mountPoints: readonly string[], argv: readonly string[], limits = FREEZE_LIMITS): readonly string[] {
  if (mountPoints.length === 0) return argv;
  const frozen = mountPoints.reduceRight((inner, mountPoint) => ['sh', '-c', FREEZE, FREEZER, mountPoint, ...inner], argv);
  const [watch, limit, count] = [watchFor(limits.watchSec), String(limits.runSec), String(mountPoints.length)];
  return ['sh', '-c', GUARD, FREEZER, watch, limit, count, ...mountPoints, 'sh', '-c', TIMED, FREEZER, ...frozen];
}

/** Seconds for which something was frozen, in steps of 10 ms, as a {@link frozenCommand} says it on stderr; undefined where it was ended before. */
export function frozenSec(stderr: string): number | undefined {
  const [, from, to] = /^frozen (\d+\.\d+) (\d+\.\d+)$/m.exec(stderr) ?? [];
  return from === undefined ? undefined : Math.max(0, Number(to) - Number(from));
}

/** True for the exit code of a {@link frozenCommand} that was ended because its time was over, or whose freezer has died. */
export function isFrozenTooLong(exitCode: number): boolean {
  // 128 + SIGKILL: timeout(1); 124: nobody was left to say what came of it
  return exitCode === 137 || exitCode === 124;
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
