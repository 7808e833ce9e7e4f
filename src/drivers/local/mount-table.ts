/** One line of `/proc/self/mountinfo` (proc_pid_mountinfo(5)). */
export interface MountEntry {
  /** `major:minor` of the filesystem's device. */
  readonly device: string;
  /** Path inside the filesystem that is mounted; `/loop3` for a bind mount of that device node. */
  readonly root: string;
  readonly mountPoint: string;
  readonly isReadOnly: boolean;
  /** The filesystem itself takes no writes, however it is mounted: asked for so, or after a fault below it. */
  readonly refusesWrites: boolean;
  readonly fsType: string;
  readonly source: string;
}

/** Where something lies, whatever it is mounted as: two paths with the same place show the same files. */
export interface Place {
  readonly device: string;
  readonly root: string;
}

/** Reads the text of mountinfo; lines that are none are left out. */
export function parseMountInfo(text: string): readonly MountEntry[] {
  const entries: MountEntry[] = [];
  for (const line of text.split('\n')) {
    const separator = line.indexOf(' - ');
    if (separator < 0) continue;
    const [, , device, root, mountPoint, options] = line.slice(0, separator).split(' ');
    const [fsType, source, superOptions = ''] = line.slice(separator + 3).split(' ');
    if (
      device === undefined ||
      root === undefined ||
      mountPoint === undefined ||
      options === undefined ||
      fsType === undefined ||
      source === undefined
    )
      continue;
    entries.push({
      device,
      root: unescapeOctal(root),
      mountPoint: unescapeOctal(mountPoint),
      isReadOnly: options.split(',').includes('ro'),
      refusesWrites: superOptions.split(',').some((option) => option === 'ro' || option === 'emergency_ro' || option === 'shutdown'),
      fsType,
      source: unescapeOctal(source),
    });
  }
  return entries;
}

/** `\040` and its like become the character they stand for. */
export function unescapeOctal(text: string): string {
  return text.includes('\\') ? text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8))) : text;
}

/** What is seen at `path`, where it is a mount point: the topmost of stacked mounts. */
export function mountAt(mounts: readonly MountEntry[], path: string): MountEntry | undefined {
  return mounts.findLast((entry) => entry.mountPoint === path);
}

/** The place of `path`: that of the mount which shows it. */
export function placeOf(mounts: readonly MountEntry[], path: string): Place | undefined {
  let best: MountEntry | undefined;
  for (const entry of mounts) {
    if (isInside(path, entry.mountPoint) && (best === undefined || entry.mountPoint.length >= best.mountPoint.length)) best = entry;
  }
  if (best === undefined) return undefined;
  const below = best.mountPoint === '/' ? path : path.slice(best.mountPoint.length);
  return { device: best.device, root: best.root === '/' ? below || '/' : `${best.root}${below}` };
}

/** True where both show the same files. */
export function isSamePlace(a: Place, b: Place): boolean {
  return a.device === b.device && a.root === b.root;
}

/** True for `dir` itself and everything under it. */
export function isInside(path: string, dir: string): boolean {
  return dir === '/' || path === dir || path.startsWith(`${dir}/`);
}
