import { expect, it } from 'vitest';
import { CommandFailed, CommandMissing, type Exec } from '#kit/exec.ts';
import { nfsPreflight } from './preflight.ts';

const ROOT = 'CapEff:\t000001ffffffffff\n';
const WITH_NFS = 'nodev\tsysfs\nnodev\tnfs4\n';

/** A machine with these programs; modprobe fails where there is no such module. */
function look(programs: readonly string[], { status = ROOT, filesystems = 'nodev\tsysfs\nnodev\tnfsd\n', hasModule = false } = {}) {
  const exec: Exec = {
    run: async (argv) => {
      if (!programs.includes(argv[0] ?? '')) throw new CommandMissing(argv[0] ?? '', undefined);
      if (argv[0] === 'modprobe' && !hasModule) throw new CommandFailed(argv, { stdout: '', stderr: 'not found', exitCode: 1 });
      return { stdout: '', stderr: '', exitCode: 0 };
    },
  };
  return nfsPreflight({ exec, read: async (path) => (path === '/proc/filesystems' ? filesystems : status) });
}

it.each([
  { name: 'has all', lacks: look(['mount.nfs'], { filesystems: WITH_NFS }), says: [] },
  { name: 'can load the module', lacks: look(['mount.nfs', 'modprobe'], { hasModule: true }), says: [] },
  { name: 'has no program', lacks: look(['modprobe'], { hasModule: true }), says: [/^mount\.nfs is missing: apt-get install nfs-common/] },
  {
    name: 'has a server and no client',
    lacks: look(['mount.nfs', 'modprobe']),
    says: [/^the kernel has no NFS client: load the module nfs/],
  },
  { name: 'has no modprobe', lacks: look(['mount.nfs']), says: [/^the kernel has no NFS client/] },
  {
    name: 'is not root’s',
    lacks: look(['mount.nfs'], { filesystems: WITH_NFS, status: 'CapEff:\t0000000000000000\n' }),
    says: [/run it as root$/],
  },
])('PLUG-1: a node that $name', async ({ lacks, says }) => {
  expect(await lacks).toEqual(says.map((text) => expect.stringMatching(text)));
});
