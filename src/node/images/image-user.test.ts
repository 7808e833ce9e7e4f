import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { groupsOfUser, resolveUser } from './image-user.ts';

let dir: string;
let rootfs: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'stowage-image-user-'));
  rootfs = join(dir, 'rootfs');
  mkdirSync(join(rootfs, 'etc'), { recursive: true });
  mkdirSync(join(rootfs, 'usr/lib'), { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const PASSWD = 'root:x:0:0::/:/bin/sh\n\napp:x:1000:1001::/:/bin/sh\ntorn:x\n';
const passwd = (path = 'etc/passwd') => writeFileSync(join(rootfs, path), PASSWD);

it.each([
  { user: '', want: { uid: 0, gid: 0 } },
  { user: 'app', want: { uid: 1000, gid: 1001 } },
  { user: '1000', want: { uid: 1000, gid: 1001 } },
  { user: '77', want: { uid: 77, gid: 0 } },
  { user: '77:88', want: { uid: 77, gid: 88 } },
  { user: 'app:staff', want: { uid: 1000, gid: 50 } },
])('$user is $want', async ({ user, want }) => {
  passwd();
  writeFileSync(join(rootfs, 'etc/group'), 'staff:x:50:\n');
  expect(await resolveUser(rootfs, user)).toEqual(want);
});

it.each(['nobody', 'torn', ':5', 'app:nobody', '99999999999'])('%j is nobody whom the image knows', async (user) => {
  passwd();
  await expect(resolveUser(rootfs, user)).rejects.toMatchObject({ reason: 'ImageUserUnknown' });
});

it.each(['/usr/lib/passwd', '../usr/lib/passwd', '../../../../usr/lib/passwd', '/usr/lib/./passwd'])(
  'a link to %s leads there inside the image',
  async (target) => {
    passwd('usr/lib/passwd');
    symlinkSync(target, join(rootfs, 'etc/passwd'));
    expect(await resolveUser(rootfs, 'app')).toEqual({ uid: 1000, gid: 1001 });
  },
);

it.each([
  { name: 'the host’s file', make: () => symlinkSync('/etc/passwd', join(rootfs, 'etc/passwd')) },
  {
    name: 'a file beside the image',
    make: () => (writeFileSync(join(dir, 'p'), PASSWD), symlinkSync('../../p', join(rootfs, 'etc/passwd'))),
  },
  { name: 'a device without end', make: () => symlinkSync('/dev/zero', join(rootfs, 'etc/passwd')) },
  { name: 'a FIFO that nobody writes to', make: () => spawnSync('mkfifo', [join(rootfs, 'etc/passwd')]) },
  { name: 'a directory', make: () => mkdirSync(join(rootfs, 'etc/passwd')) },
  { name: 'a link to itself', make: () => symlinkSync('passwd', join(rootfs, 'etc/passwd')) },
])('it reads nothing of $name', async ({ make }) => {
  make();
  await expect(resolveUser(rootfs, 'app')).rejects.toMatchObject({ reason: 'ImageUserUnknown' });
  await expect(resolveUser(rootfs, 'daemon')).rejects.toMatchObject({ reason: 'ImageUserUnknown' });
});

it.each([
  { uid: 1000, want: [50, 60] },
  { uid: 0, want: [60] },
  { uid: 77, want: [] },
])('VOL-13: the image’s own files put the user $uid in the groups $want', async ({ uid, want }) => {
  passwd();
  writeFileSync(join(rootfs, 'etc/group'), 'staff:x:50:app\nboth:x:60:root,app\nnone:x:70:\ntorn\n');
  expect(await groupsOfUser(rootfs, uid)).toEqual(want);
});
