import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { CommandFailed, CommandTimedOut, type Exec } from '#kit/exec.ts';
import { Mounter } from '#linux/mounter.ts';
import type { NfsShare } from '#linux/nfs-mount.ts';
import { ensureServed, prepareNfs } from './nfs.ts';

const SHARE: NfsShare = { server: '192.0.2.1', path: '/exports/team', isReadOnly: false, mountOptions: [] };

let target: string;
beforeEach(() => {
  target = join(mkdtempSync(join(tmpdir(), 'stowage-nfs-')), 'mount');
});
afterEach(() => rmSync(join(target, '..'), { recursive: true, force: true }));

/** Runs nothing: notes what was asked, and fails where `fail` answers an error. */
function fakeExec(fail: (argv: readonly string[]) => Error | undefined = () => undefined): Exec & { readonly asked: string[] } {
  const asked: string[] = [];
  const run: Exec['run'] = async (argv) => {
    asked.push(argv.join(' ').replace(target, 'TARGET'));
    const error = fail(argv);
    if (error !== undefined) throw error;
    return { stdout: '', stderr: '', exitCode: 0 };
  };
  return { asked, run };
}
const prepare = (exec: Exec, share: NfsShare): Promise<unknown> => prepareNfs({ exec, mounter: new Mounter(exec) }, share, target);

it.each([
  { name: 'plainly', share: SHARE, mount: 'timeout --signal=KILL 45 mount -t nfs -- 192.0.2.1:/exports/team TARGET' },
  {
    name: 'with the versions and options of the volume',
    share: { ...SHARE, mountOptions: ['nfsvers=4.1', 'noresvport'] },
    mount: 'timeout --signal=KILL 45 mount -t nfs -o nfsvers=4.1,noresvport -- 192.0.2.1:/exports/team TARGET',
  },
  {
    name: 'read-only',
    share: { ...SHARE, isReadOnly: true },
    mount: 'timeout --signal=KILL 45 mount -t nfs -o ro -- 192.0.2.1:/exports/team TARGET',
  },
  {
    name: 'from an IPv6 address',
    share: { ...SHARE, server: '2001:db8::1' },
    mount: 'timeout --signal=KILL 45 mount -t nfs -- [2001:db8::1]:/exports/team TARGET',
  },
])('VOL-2: an NFS share is mounted $name', async ({ share, mount }) => {
  const exec = fakeExec();
  expect(await prepare(exec, share)).toMatchObject({ kind: 'directory', isReadOnly: share.isReadOnly });
  expect(exec.asked).toEqual([mount, 'stat --file-system -- TARGET']);
});

it('VOL-13: ownership on NFS is preserved, fsGroup is never forced on it', async () => {
  expect(await prepare(fakeExec(), SHARE)).toMatchObject({ takesFsGroup: false });
});

it('VOL-2: a path that is not absolute is refused before anything is mounted', async () => {
  const exec = fakeExec();
  await expect(prepare(exec, { ...SHARE, path: 'exports' })).rejects.toMatchObject({
    reason: 'FailedMount',
    message: expect.stringContaining('"exports" must be absolute'),
  });
  expect(exec.asked).toEqual([]);
});

it.each([
  {
    says: 'mount: bad option; for several filesystems (e.g. nfs, cifs) you might need a /sbin/mount.<type> helper program.',
    remedy: /nfs-common/,
  },
  { says: "mount: unknown filesystem type 'nfs'", remedy: /kernel/ },
  { says: 'mount.nfs: No such device', remedy: /kernel/ },
  { says: "mount.nfs: rpc.statd is not running but is required for remote locking.\nEither use '-o nolock'", remedy: /nolock/ },
  { says: 'mount.nfs: access denied by server while mounting 192.0.2.1:/exports/team', remedy: /exportfs/ },
  { says: 'mount.nfs: mounting 192.0.2.1:/exports/team failed, reason given by server: No such file or directory', remedy: /showmount/ },
  { says: 'mount.nfs: Connection timed out', remedy: /192\.0\.2\.1 is the server's address/ },
  { says: 'mount.nfs: Failed to resolve server nowhere: Name or service not known', remedy: /server's address/ },
  { says: 'mount.nfs: Protocol not supported', remedy: /nfsvers/ },
  { says: 'mount.nfs: an incorrect mount option was specified', remedy: /hard,foo/ },
])('VOL-2: a failed mount has the words of mount and the remedy: $says', async ({ says, remedy }) => {
  const exec = fakeExec((argv) => (argv[3] === 'mount' ? new CommandFailed(argv, { stdout: '', stderr: says, exitCode: 32 }) : undefined));
  const message: unknown = await prepare(exec, { ...SHARE, mountOptions: ['hard', 'foo'] }).catch((error: unknown) =>
    error instanceof Error ? error.message : error,
  );
  expect(message).toContain(says.split('\n')[0]);
  expect(message).toMatch(remedy);
});

it('VOL-2: a mount that does not end is given up with all its processes, and says so', async () => {
  const exec = fakeExec((argv) => (argv[0] === 'timeout' ? new CommandFailed(argv, { stdout: '', stderr: '', exitCode: 137 }) : undefined));
  await expect(prepare(exec, SHARE)).rejects.toMatchObject({
    reason: 'FailedMount',
    message: expect.stringMatching(
      /^mount of 192\.0\.2\.1:\/exports\/team timed out after 45 s; check that 192\.0\.2\.1 is the server's address/,
    ),
  });
});

it('VOL-2: a server that is away holds up the pod, and the pod says so', async () => {
  const exec = fakeExec((argv) => (argv[0] === 'stat' ? new CommandTimedOut(argv, 10_000) : undefined));
  await expect(prepare(exec, SHARE)).rejects.toMatchObject({
    reason: 'FailedMount',
    message: expect.stringMatching(/192\.0\.2\.1 does not answer .* back$/),
  });
});

const mountOf = (fsType: string) => ({ mountPoint: target, root: '/', fsType, source: '192.0.2.1:/exports/team', superOptions: '' });

it.each([
  { name: 'an NFS share', table: () => [mountOf('nfs4')], asked: ['stat --file-system -- TARGET'] },
  { name: 'what lies above it', table: () => [mountOf('nfs4'), mountOf('tmpfs')], asked: [] },
  { name: 'a disk', table: () => [mountOf('xfs')], asked: [] },
  { name: 'a directory', table: () => [], asked: [] },
])('VOL-2: before a container starts on $name it asks $asked', async ({ table, asked }) => {
  const exec = fakeExec();
  await ensureServed({ exec, mounter: Object.assign(new Mounter(exec), { table: async () => table() }) }, target);
  expect(exec.asked).toEqual(asked);
});

it('VOL-2: a container on a share whose server went away waits, and says for whom', async () => {
  const exec = fakeExec((argv) => new CommandTimedOut(argv, 10_000));
  const mounter = Object.assign(new Mounter(exec), { table: async () => [mountOf('nfs4')] });
  await expect(ensureServed({ exec, mounter }, target)).rejects.toMatchObject({
    reason: 'FailedMount',
    message: expect.stringMatching(/^192\.0\.2\.1:\/exports\/team does not answer: .*wait until it does$/),
  });
});
