import type { PersistentVolume, Volume } from '#api/generated/kubernetes.ts';
import { sourceOf } from '#api/storage/volume.ts';
import { fail, ok, type Result } from '#kit/errors.ts';

/** Where a volume's data lies, as a pod mounts it. */
export type ScrubSource = Pick<Volume, 'nfs' | 'hostPath'>;

/** What may be scrubbed of `volume`, or why nothing is (upstream recycles NFS and HostPath, and trusts every path). `keptPaths`: directories that the platform lives from. Pure. */
export function scrubSourceOf(volume: PersistentVolume, keptPaths: readonly string[]): Result<ScrubSource> {
  const { nfs, hostPath } = volume.spec;
  if (nfs !== undefined) {
    const problem = systemProblem(nfs.path, 'spec.nfs.path');
    return problem === undefined ? ok({ nfs: { server: nfs.server, path: nfs.path } }) : fail(problem);
  }
  if (hostPath !== undefined) {
    const problem = systemProblem(hostPath.path, 'spec.hostPath.path') ?? hostProblem(hostPath, keptPaths);
    // why this type: a directory that is missing must not be made, and a file can't be emptied
    return problem === undefined ? ok({ hostPath: { path: normal(hostPath.path), type: 'Directory' } }) : fail(problem);
  }
  const source = sourceOf(volume) ?? 'unknown';
  return fail(`No recycler plugin found for the volume! Only nfs and hostPath volumes can be recycled, this one is ${source}: ${BY_HAND}`);
}

const BY_HAND = 'remove the data by hand and then spec.claimRef, or set persistentVolumeReclaimPolicy to Retain';

/** Trees that belong to a system, never to a volume, on this machine as on an NFS server. */
const SYSTEM_TREES = [
  '/bin',
  '/boot',
  '/dev',
  '/etc',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/proc',
  '/root',
  '/run',
  '/sbin',
  '/sys',
  '/usr',
  '/var/cache',
  '/var/log',
  '/var/run',
];
/** Directories that are never a volume as a whole; what is below them may be. */
const SYSTEM_DIRECTORIES: ReadonlySet<string> = new Set([
  '/',
  '/home',
  '/media',
  '/mnt',
  '/opt',
  '/srv',
  '/tmp',
  '/var',
  '/var/lib',
  '/var/lib/containerd',
  '/var/lib/docker',
  '/var/lib/etcd',
  '/var/lib/kubelet',
  '/var/tmp',
]);
const FILE_TYPES: ReadonlySet<string> = new Set(['File', 'FileOrCreate', 'Socket', 'CharDevice', 'BlockDevice']);

function systemProblem(path: string, field: string): string | undefined {
  if (!path.startsWith('/') || path.split('/').includes('..')) return `${field} ${JSON.stringify(path)} is not absolute: ${BY_HAND}`;
  const tree = SYSTEM_TREES.find((root) => isAtOrBelow(normal(path), root));
  return tree === undefined ? undefined : `${field} ${JSON.stringify(path)} is not emptied: ${tree} belongs to the system: ${BY_HAND}`;
}

function hostProblem({ path, type }: NonNullable<PersistentVolume['spec']['hostPath']>, keptPaths: readonly string[]): string | undefined {
  const field = 'spec.hostPath.path';
  const wanted = normal(path);
  if (FILE_TYPES.has(type ?? '')) return `spec.hostPath.type ${type ?? ''} is no directory, nothing can be emptied: ${BY_HAND}`;
  if (SYSTEM_DIRECTORIES.has(wanted))
    return `${field} ${JSON.stringify(path)} is not emptied: it is shared by more than this volume; give each volume a directory of its own below it, and ${BY_HAND}`;
  const kept = keptPaths.map(normal).find((own) => isAtOrBelow(own, wanted) || isAtOrBelow(wanted, own));
  return kept === undefined
    ? undefined
    : `${field} ${JSON.stringify(path)} is not emptied: the platform keeps its own data in ${kept}: ${BY_HAND}`;
}

function isAtOrBelow(path: string, root: string): boolean {
  return path === root || path.startsWith(root === '/' ? '/' : `${root}/`);
}

/** Without doubled, trailing or lone-dot parts. */
function normal(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.');
  return `/${parts.join('/')}`;
}
