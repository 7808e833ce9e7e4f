import { type Exec, isCommandFailed } from '#kit/exec.ts';
import { PlatformError } from '#kit/errors.ts';

/** A directory that an NFS server exports. */
export interface NfsShare {
  readonly server: string;
  /** Absolute, on the server. */
  readonly path: string;
  readonly isReadOnly: boolean;
  /** As mount(8) and nfs(5) know them, for example `nfsvers=4.1`. */
  readonly mountOptions: readonly string[];
}

/** The server or the kernel did not mount a share; the message has their own words, and the remedy where it is known. */
export class NfsMountFailed extends PlatformError {
  constructor(message: string, cause: unknown) {
    super({ code: 'Unavailable', reason: 'NfsMountFailed', message, cause });
  }
}

/** mount.nfs itself tries for up to two minutes; who waits learns sooner what is wrong. */
export const MOUNT_TIMEOUT_MS = 45_000;
/** Exit code of timeout(1) after it has killed. */
const GIVEN_UP = 137;
/** Time that timeout(1) has beyond its own limit. */
const SLACK_MS = 10_000;

/** Mounts the share at the directory `target`, where nothing is mounted. @throws NfsMountFailed */
export async function mountNfs(
  exec: Exec,
  share: NfsShare,
  { target, timeoutMs }: { readonly target: string; readonly timeoutMs: number },
): Promise<void> {
  const options = [...share.mountOptions, ...(share.isReadOnly ? ['ro'] : [])];
  const flags = options.length === 0 ? [] : ['-o', options.join(',')];
  try {
    // why timeout(1): mount has mount.nfs do the work, which would outlive it and mount when nobody expects it any more
    const limit = ['timeout', '--signal=KILL', String(timeoutMs / 1_000)];
    const argv = [...limit, 'mount', '-t', 'nfs', ...flags, '--', sourceOf(share), target];
    await exec.run(argv, { timeoutMs: timeoutMs + SLACK_MS });
  } catch (thrown) {
    throw new NfsMountFailed(mountFault(thrown, share, timeoutMs), thrown);
  }
}

/** Mount's words, and what to do about them. */
function mountFault(thrown: unknown, share: NfsShare, timeoutMs: number): string {
  const { message } = PlatformError.from(thrown);
  if (!isCommandFailed(thrown)) return `${message}${remedyFor(message, share)}`;
  if (thrown.exitCode !== GIVEN_UP) return `${message}${remedyFor(thrown.stderr, share)}`;
  const words = `mount of ${sourceOf(share)} timed out after ${timeoutMs / 1_000} s`;
  return `${words}${remedyFor(words, share)}`;
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
