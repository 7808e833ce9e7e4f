import { describe, expect, it } from 'vitest';
import { parseLoop } from './host.ts';
import { isInside, mountAt, mountsBelow, parseMountTable, placeOf } from './mount-table.ts';

const TEXT = `22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
42 22 7:0 / /pool/mnt rw,relatime shared:5 master:2 - xfs /dev/loop0 rw,discard
43 22 7:1 / /stage\\040one ro,relatime - ext4 /dev/loop1 rw
44 22 0:6 /loop1 /b rw - devtmpfs devtmpfs rw
45 22 7:1 / /stage\\040one rw - ext4 /dev/loop2 rw
46 22 254:0 /srv/x /bound rw - ext4 /dev/vda rw
47 22 7:3 / /ill rw,relatime - ext4 /dev/loop3 ro,discard
a broken line
`;
const mounts = parseMountTable(TEXT);

describe('parseMountTable', () => {
  it('reads each line, optional fields and escapes included', () => {
    expect(mounts).toHaveLength(7);
    expect(mounts[1]).toEqual({
      device: '7:0',
      root: '/',
      mountPoint: '/pool/mnt',
      isReadOnly: false,
      refusesWrites: false,
      fsType: 'xfs',
      source: '/dev/loop0',
      superOptions: 'rw,discard',
      propagation: 'shared',
    });
    expect(mounts[2]).toMatchObject({ mountPoint: '/stage one', isReadOnly: true, propagation: 'private' });
  });

  it('sees a filesystem that takes no writes any more, whatever its mount says', () => {
    expect(mountAt(mounts, '/ill')).toMatchObject({ isReadOnly: false, refusesWrites: true });
  });

  it.each([
    { optional: 'master:2 propagate_from:3', propagation: 'slave' },
    { optional: 'shared:1 master:2', propagation: 'shared' },
    { optional: '', propagation: 'private' },
  ])('reads where mounts inside it go: $optional', ({ optional, propagation }) => {
    expect(parseMountTable(`31 22 0:26 / /p rw ${optional} - tmpfs tmpfs rw`)).toMatchObject([{ propagation }]);
  });

  it.each([
    { dir: '/pool', want: ['/pool/mnt'] },
    { dir: '/pool/mnt', want: ['/pool/mnt'] },
    { dir: '/po', want: [] },
  ])('finds what is mounted at or below $dir', ({ dir, want }) => {
    expect(mountsBelow(mounts, dir).map(({ mountPoint }) => mountPoint)).toEqual(want);
  });

  it('sees the topmost of stacked mounts', () => {
    expect(mountAt(mounts, '/stage one')?.source).toBe('/dev/loop2');
    expect(mountAt(mounts, '/stage')).toBeUndefined();
  });

  it.each([
    { path: '/pool/mnt/volumes/v', place: { device: '7:0', root: '/volumes/v' } },
    { path: '/pool/mnt', place: { device: '7:0', root: '/' } },
    { path: '/pool/mntx', place: { device: '254:0', root: '/pool/mntx' } },
    { path: '/bound/y', place: { device: '254:0', root: '/srv/x/y' } },
    { path: '/', place: { device: '254:0', root: '/' } },
  ])('places $path', ({ path, place }) => {
    expect(placeOf(mounts, path)).toEqual(place);
  });
});

describe('isInside', () => {
  it.each([
    { path: '/a/b', dir: '/a', is: true },
    { path: '/a', dir: '/a', is: true },
    { path: '/ab', dir: '/a', is: false },
    { path: '/x', dir: '/', is: true },
  ])('$path in $dir: $is', ({ path, dir, is }) => {
    expect(isInside(path, dir)).toBe(is);
  });
});

describe('parseLoop', () => {
  it.each([
    { name: 'an image', text: '/pool/v.img\n', image: '/pool/v.img', isImageDeleted: false },
    { name: 'a removed image', text: '/pool/v.img (deleted)\n', image: '/pool/v.img', isImageDeleted: true },
  ])('reads $name', ({ text, image, isImageDeleted }) => {
    expect(parseLoop('loop12', text)).toEqual({ path: '/dev/loop12', device: '7:12', image, isImageDeleted });
  });
});
