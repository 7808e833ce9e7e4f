import { mkdir } from 'node:fs/promises';
import { type Exec, isCommandFailed } from '#kit/exec.ts';
import { PlatformError } from '#kit/errors.ts';
import { type Mounter, NETWORK_TYPES } from '#linux/mounter.ts';
import { type PreparedVolume, preparedDirectory } from './prepared-volume.ts';
import { VolumeNotReady } from './volume-error.ts';

/** A directory that an NFS server exports. */
export interface NfsShare {
  readonly server: string;
  /** Absolute, on the server. */
  readonly path: string;
  readonly isReadOnly: boolean;
  /** As mount(8) and nfs(5) know them, for example `nfsvers=4.1`. */
  readonly mountOptions: readonly string[];
}

/** mount.nfs itself tries for up to two minutes; a pod learns sooner what is wrong, and the next try comes with the pod's back-off. */
const MOUNT_TIMEOUT_MS = 45_000;
/** Exit code of timeout(1) after it has killed. */
const GIVEN_UP = 137;
/** A server that answers at all answers within this time. */
const ANSWER_TIMEOUT_MS = 10_000;

/**
 * Mounts the share at `target` where it is not mounted yet. Files keep their owners: access is granted by the server, to the pod's user and
 * supplemental groups, so fsGroup is not applied. @throws VolumeNotReady with the server's or the kernel's own words, and the remedy where it is known
 */
export async function prepareNfs(
  { exec, mounter }: { readonly exec: Exec; readonly mounter: Mounter },
  share: NfsShare,
  target: string,
): Promise<PreparedVolume> {
  if (!share.path.startsWith('/'))
    throw new VolumeNotReady(`nfs.path ${JSON.stringify(share.path)} must be absolute: it is a path on the server`);
  if (!(await mounter.isMountPoint(target))) {
    await mkdir(target, { recursive: true, mode: 0o700 });
    await mount(exec, share, target);
  }
  await ensureAnswers(exec, share, target);
  return preparedDirectory(target, { isReadOnly: share.isReadOnly });
}

async function mount(exec: Exec, share: NfsShare, target: string): Promise<void> {
  const options = [...share.mountOptions, ...(share.isReadOnly ? ['ro'] : [])];
  const flags = options.length === 0 ? [] : ['-o', options.join(',')];
  try {
    // why timeout(1): mount has mount.nfs do the work, which would outlive it and mount when nobody expects it any more
    const limit = ['timeout', '--signal=KILL', String(MOUNT_TIMEOUT_MS / 1_000)];
    const argv = [...limit, 'mount', '-t', 'nfs', ...flags, '--', sourceOf(share), target];
    await exec.run(argv, { timeoutMs: MOUNT_TIMEOUT_MS + ANSWER_TIMEOUT_MS });
  } catch (thrown) {
    throw new VolumeNotReady(mountFault(thrown, share), thrown);
  }
}

/** Mount's words, and what to do about them. */
function mountFault(thrown: unknown, share: NfsShare): string {
  const { message } = PlatformError.from(thrown);
  if (!isCommandFailed(thrown)) return `${message}${remedyFor(message, share)}`;
  if (thrown.exitCode !== GIVEN_UP) return `${message}${remedyFor(thrown.stderr, share)}`;
  const words = `mount of ${sourceOf(share)} timed out after ${MOUNT_TIMEOUT_MS / 1_000} s`;
  return `${words}${remedyFor(words, share)}`;
}

async function ensureAnswers(exec: Exec, share: NfsShare, target: string): Promise<void> {
  try {
    await touch(exec, target);
  } catch (thrown) {
    throw new VolumeNotReady(
      `the NFS server ${share.server} does not answer for ${share.path}: ${PlatformError.from(thrown).message}. Pods wait until it is back`,
      thrown,
    );
  }
}

/** Makes sure that whoever serves the network volume at `dir`, if it is one, answers. @throws VolumeNotReady */
export async function ensureServed({ exec, mounter }: { readonly exec: Exec; readonly mounter: Mounter }, dir: string): Promise<void> {
  const mount = (await mounter.table()).findLast(({ mountPoint }) => mountPoint === dir);
  if (mount === undefined || !NETWORK_TYPES.has(mount.fsType)) return;
  try {
    await touch(exec, dir);
  } catch (thrown) {
    const { message } = PlatformError.from(thrown);
    throw new VolumeNotReady(`${mount.source} does not answer: ${message}. Containers that use it wait until it does`, thrown);
  }
}

/** Asked in a process of its own: a server that is away holds up whoever touches its files, and must not hold up the node. */
async function touch(exec: Exec, dir: string): Promise<void> {
  await exec.run(['stat', '--file-system', '--', dir], { timeoutMs: ANSWER_TIMEOUT_MS });
}

/** `server:/path`; an IPv6 address stands in brackets. Pure. */
function sourceOf({ server, path }: NfsShare): string {
  return `${server.includes(':') && !server.startsWith('[') ? `[${server}]` : server}:${path}`;
}

const REMEDIES: readonly { readonly sign: RegExp; readonly remedy: (share: NfsShare) => string }[] = [
  { sign: /mount\.<type>|helper program/, remedy: () => 'install the NFS client on the node (apt-get install nfs-common)' },
  {
    sign: /unknown filesystem type|No such device|not supported by the (?:system|kernel)|Unknown error 38/i,
    remedy: () => 'the kernel of the node has no NFS client (module nfs)',
  },
  { sign: /rpc\.statd/, remedy: () => 'start rpc.statd on the node, or give the volume the mount option nolock' },
  {
    sign: /access denied/i,
    remedy: ({ path }) => `export ${path} to this node's address on the server (/etc/exports, exportfs -ra)`,
  },
  { sign: /No such file or directory/, remedy: ({ path }) => `the server exports no ${path}: showmount -e names what it exports` },
  {
    sign: /timed out|Connection refused|No route|unreachable|killed after|Name or service not known|Failed to resolve/i,
    remedy: ({ server }) => `check that ${server} is the server's address, that it is up, and that its port (2049) is open to this node`,
  },
  {
    sign: /Protocol not supported|requested NFS version/i,
    remedy: () => 'the server does not speak this version: change the mount option nfsvers',
  },
  { sign: /incorrect mount option|Invalid argument/i, remedy: ({ mountOptions }) => `check the mount options (${mountOptions.join(',')})` },
];

/** What to do about mount's words; empty where nothing is known. Pure. */
function remedyFor(words: string, share: NfsShare): string {
  const found = REMEDIES.find(({ sign }) => sign.test(words));
  return found === undefined ? '' : `; ${found.remedy(share)}`;
}
