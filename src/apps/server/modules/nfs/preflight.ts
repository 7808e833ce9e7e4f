import { readFile } from 'node:fs/promises';
import { hasCode } from '#kit/errors.ts';
import { type Exec, isCommandFailed } from '#kit/exec.ts';
import { mountingAbility } from '#drivers/local/machine.ts';

/** What a node is looked at with. */
export interface NfsPreflight {
  readonly exec: Exec;
  /** The text of a file of /proc. */
  readonly read?: (path: string) => Promise<string>;
}

const TIMEOUT_MS = 10_000;

/** What this node lacks to mount NFS shares, a sentence with the remedy each. */
export async function nfsPreflight({ exec, read = (path) => readFile(path, 'utf8') }: NfsPreflight): Promise<readonly string[]> {
  const lacks: string[] = [];
  if (!mountingAbility(await read('/proc/self/status')).isPossible) lacks.push('Stowage may not mount here: run it as root');
  if (!(await succeeds(exec, ['mount.nfs', '-V'])))
    lacks.push('mount.nfs is missing: apt-get install nfs-common (nfs-utils on other systems)');
  if (!(await knowsNfs(exec, await read('/proc/filesystems'))))
    lacks.push('the kernel has no NFS client: load the module nfs (modprobe nfs), or run a kernel that has it');
  return lacks;
}

/** It is there, or can be loaded when it is first needed. */
async function knowsNfs(exec: Exec, filesystems: string): Promise<boolean> {
  return /\tnfs4?$/m.test(filesystems) || succeeds(exec, ['modprobe', '--dry-run', '--quiet', 'nfs']);
}

async function succeeds(exec: Exec, argv: readonly string[]): Promise<boolean> {
  try {
    await exec.run(argv, { timeoutMs: TIMEOUT_MS });
    return true;
  } catch (thrown) {
    if (isCommandFailed(thrown) || hasCode(thrown, 'Unavailable')) return false;
    throw thrown;
  }
}
