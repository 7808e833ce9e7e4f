import { readFile } from 'node:fs/promises';

/** One line of `/proc/self/mountinfo` (proc_pid_mountinfo(5)). */
export interface Mount {
  /** `major:minor` of the file system's device. */
  readonly device: string;
  /** Path inside the file system that is mounted; `/loop3` for a bind mount of that device node, not `/` for bind mounts of a part. */
  readonly root: string;
  readonly mountPoint: string;
  readonly isReadOnly: boolean;
  /** The file system itself takes no writes, however it is mounted: asked for so, or after a fault below it. */
  readonly refusesWrites: boolean;
  readonly fsType: string;
  readonly source: string;
  /** Options of the super block, comma separated; holds the controllers of a v1 cgroup hierarchy. */
  readonly superOptions: string;
  /** What is mounted inside appears elsewhere too (`shared`), or what is mounted elsewhere appears inside (`slave`), or neither. */
  readonly propagation: 'shared' | 'slave' | 'private';
}

/** Where something lies, whatever it is mounted as: two paths with the same place show the same files. */
export interface Place {
  readonly device: string;
  readonly root: string;
}

/** Options of a super block that mean that it takes no writes. */
const WRITELESS: ReadonlySet<string> = new Set(['ro', 'emergency_ro', 'shutdown']);

/** The mounts that this process sees now, in the order they were made. */
export async function readMountTable(): Promise<readonly Mount[]> {
  return parseMountTable(await readFile('/proc/self/mountinfo', 'utf8'));
}

/** Reads the text of mountinfo; lines that are none are left out. */
export function parseMountTable(text: string): readonly Mount[] {
  return text.split('\n').flatMap((line) => parseLine(line) ?? []);
}

function parseLine(line: string): Mount | undefined {
  const separator = line.indexOf(' - ');
  if (separator < 0) return undefined;
  const [, , device, root, mountPoint, options, ...optional] = line.slice(0, separator).split(' ');
  const [fsType, source = '', superOptions = ''] = line.slice(separator + 3).split(' ');
  const isWhole = device !== undefined && root !== undefined && mountPoint !== undefined && options !== undefined && fsType !== undefined;
  if (!isWhole) return undefined;
  return {
    device,
    root: unescapeOctal(root),
    mountPoint: unescapeOctal(mountPoint),
    isReadOnly: options.split(',').includes('ro'),
    refusesWrites: superOptions.split(',').some((option) => WRITELESS.has(option)),
    fsType,
    source: unescapeOctal(source),
    superOptions,
    propagation: propagationIn(optional),
  };
}

/** A mount may be both; then it is shared for whoever asks whether what it gets is passed on. */
function propagationIn(optional: readonly string[]): Mount['propagation'] {
  if (optional.some((field) => field.startsWith('shared:'))) return 'shared';
  return optional.some((field) => field.startsWith('master:')) ? 'slave' : 'private';
}

/** `\040` and its like become the character they stand for. */
export function unescapeOctal(text: string): string {
  return text.includes('\\') ? text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8))) : text;
}

/** What is seen at `path`, where it is a mount point: the topmost of stacked mounts. */
export function mountAt(mounts: readonly Mount[], path: string): Mount | undefined {
  return mounts.findLast((mount) => mount.mountPoint === path);
}

/** The mount that `path` lies in; of several on one place the one on top. */
export function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  let best: Mount | undefined;
  for (const mount of mounts) {
    if (isInside(path, mount.mountPoint) && (best === undefined || mount.mountPoint.length >= best.mountPoint.length)) best = mount;
  }
  return best;
}

/** The mounts at `dir` or below it. */
export function mountsBelow(mounts: readonly Mount[], dir: string): readonly Mount[] {
  return mounts.filter(({ mountPoint }) => mountPoint === dir || mountPoint.startsWith(`${dir}/`));
}

/** The place of `path`: that of the mount which shows it. */
export function placeOf(mounts: readonly Mount[], path: string): Place | undefined {
  const mount = mountOf(mounts, path);
  if (mount === undefined) return undefined;
  const below = mount.mountPoint === '/' ? path : path.slice(mount.mountPoint.length);
  return { device: mount.device, root: mount.root === '/' ? below || '/' : `${mount.root}${below}` };
}

/** True where both show the same files. */
export function isSamePlace(a: Place, b: Place): boolean {
  return a.device === b.device && a.root === b.root;
}

/** True for `dir` itself and everything under it. */
export function isInside(path: string, dir: string): boolean {
  return dir === '/' || path === dir || path.startsWith(`${dir}/`);
}
