import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe } from 'vitest';
import { guestKernel } from './guest/guest.ts';

/** What a test may need of the machine, and the command that brings it. */
const REQUIREMENTS = {
  root: { isMet: () => process.getuid?.() === 0, lift: 'run the tests as root' },
  mount: { isMet: () => canMount(), lift: 'run the tests as root where root may mount (CAP_SYS_ADMIN)' },
  runc: { isMet: () => hasProgram('runc'), lift: 'apt-get install runc' },
  busybox: { isMet: () => hasProgram('busybox'), lift: 'apt-get install busybox-static' },
  xfs: { isMet: () => hasProgram('mkfs.xfs'), lift: 'apt-get install xfsprogs' },
  ext4: { isMet: () => hasProgram('mkfs.ext4'), lift: 'apt-get install e2fsprogs' },
  ip: { isMet: () => hasProgram('ip'), lift: 'apt-get install iproute2' },
  setpriv: { isMet: () => hasProgram('setpriv'), lift: 'apt-get install util-linux' },
  unzip: { isMet: () => hasProgram('unzip'), lift: 'apt-get install unzip' },
  chromium: { isMet: () => existsSync('/usr/bin/chromium'), lift: 'apt-get install chromium' },
  go: { isMet: () => hasProgram('go'), lift: 'install Go 1.24 or newer' },
  skopeo: { isMet: () => hasProgram('skopeo') && hasProgram('umoci'), lift: 'apt-get install skopeo umoci' },
  registry: { isMet: () => hasProgram('docker-registry'), lift: 'apt-get install docker-registry' },
  guest: {
    isMet: () => hasProgram('qemu-system-x86_64') && hasProgram('rpc.nfsd') && guestKernel() !== undefined,
    lift: 'apt-get install qemu-system-x86 linux-image-cloud-amd64 nfs-kernel-server cpio (on amd64)',
  },
  npm: { isMet: () => hasProgram('npm'), lift: 'install npm' },
} as const;

/** The name of a row of the table of requirements. */
export type Requirement = keyof typeof REQUIREMENTS;

/** Why tests with these needs can't run here, with the command that would lift it; undefined where they can. */
export function missing(needs: readonly Requirement[]): string | undefined {
  const unmet = needs.filter((need) => !REQUIREMENTS[need].isMet());
  if (unmet.length === 0) return undefined;
  return `needs ${unmet.join(', ')}: ${unmet.map((need) => REQUIREMENTS[need].lift).join('; ')}`;
}

/** `describe` that is skipped by name, with the reason, where the machine lacks something. In CI such a skip fails the run (tools/reporter.ts). */
export function describeWith(needs: readonly Requirement[], name: string, body: () => void): void {
  const reason = missing(needs);
  if (reason === undefined) describe(name, body);
  else describe.skip(`${name} [${reason}]`, body);
}

/** Root of a container may not be allowed to. */
function canMount(): boolean {
  if (process.getuid?.() !== 0) return false;
  const probe = mkdtempSync(path.join(tmpdir(), 'stowage-mount-'));
  const isMounted = spawnSync('mount', ['-t', 'tmpfs', 'tmpfs', probe]).status === 0;
  if (isMounted) spawnSync('umount', [probe]);
  rmdirSync(probe);
  return isMounted;
}

function hasProgram(program: string): boolean {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/local/go/bin', '/usr/local/sbin', '/usr/sbin', '/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(path.join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
