import { readFile } from 'node:fs/promises';

/** A line of `/proc/self/mountinfo`. */
export interface Mount {
  readonly mountPoint: string;
  /** What of the file system is mounted; not `/` for bind mounts of a part. */
  readonly root: string;
  readonly fsType: string;
  readonly source: string;
  /** Super block options, comma separated; holds the controllers of a v1 cgroup hierarchy. */
  readonly superOptions: string;
  /** What is mounted inside appears elsewhere too (`shared`), or what is mounted elsewhere appears inside (`slave`), or neither. */
  readonly propagation: 'shared' | 'slave' | 'private';
}

const MOUNT_POINT_FIELD = 4;
const ROOT_FIELD = 3;
const FIRST_OPTIONAL_FIELD = 6;

/** Reads mountinfo text (proc(5)); lines that make no sense are left out. */
export function parseMountTable(text: string): Mount[] {
  const mounts: Mount[] = [];
  for (const line of text.split('\n')) {
    const [left = '', right = ''] = line.split(' - ');
    const fields = left.split(' ');
    const mountPoint = fields[MOUNT_POINT_FIELD];
    const root = fields[ROOT_FIELD];
    const [fsType, source, superOptions] = right.split(' ');
    if (mountPoint === undefined || root === undefined || fsType === undefined) continue;
    mounts.push({
      mountPoint: unescape(mountPoint),
      root: unescape(root),
      fsType,
      source: unescape(source ?? ''),
      superOptions: superOptions ?? '',
      propagation: propagationIn(fields.slice(FIRST_OPTIONAL_FIELD)),
    });
  }
  return mounts;
}

/** The mounts that this process sees now, in the order they were made. */
export async function readMountTable(): Promise<Mount[]> {
  return parseMountTable(await readFile('/proc/self/mountinfo', 'utf8'));
}

/** The mounts at `dir` or below it. */
export function mountsBelow(table: readonly Mount[], dir: string): Mount[] {
  return table.filter((mount) => mount.mountPoint === dir || mount.mountPoint.startsWith(`${dir}/`));
}

/** The mount that `path` lies in; of several on one place the one on top. */
export function mountOf(table: readonly Mount[], path: string): Mount | undefined {
  const holds = ({ mountPoint }: Mount): boolean => mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`);
  return table
    .filter(holds)
    .reduce<Mount | undefined>((best, mount) => (mount.mountPoint.length >= (best?.mountPoint.length ?? 0) ? mount : best), undefined);
}

/** A mount may be both; then it is shared for whoever asks whether what it gets is passed on. */
function propagationIn(optional: readonly string[]): Mount['propagation'] {
  if (optional.some((field) => field.startsWith('shared:'))) return 'shared';
  return optional.some((field) => field.startsWith('master:')) ? 'slave' : 'private';
}

function unescape(text: string): string {
  return text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}
