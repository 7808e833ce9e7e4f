import { describe, expect, it } from 'vitest';
import { aMount } from '#testing/builders/mount.ts';
import { isStraggler, isUsed } from './recovery.ts';

const loop = { path: '/dev/loop3', device: '7:3', image: '/pool/volumes/v/v.img', isImageDeleted: false };
const entry = aMount({ device: '0:6', mountPoint: '/x', fsType: 'devtmpfs', source: 'devtmpfs' });

describe('isUsed', () => {
  it.each([
    { name: 'mounted', mounts: [{ ...entry, device: '7:3', fsType: 'ext4' }], is: true },
    { name: 'bound as a device', mounts: [{ ...entry, root: '/loop3' }], is: true },
    { name: 'another device bound', mounts: [{ ...entry, root: '/loop33' }], is: false },
    { name: 'only /dev', mounts: [entry], is: false },
  ])('$name: $is', ({ mounts, is }) => {
    expect(isUsed(loop, mounts)).toBe(is);
  });
});

describe('isStraggler', () => {
  it.each([
    { name: 'a mount', argv: ['mount', '-o', 'bind', '/a', '/b'], is: true },
    { name: 'a formatter in the pool', argv: ['/usr/sbin/mkfs.ext4', '-q', '/pool/volumes/v/v.img.formatting-x'], is: true },
    { name: 'a formatter elsewhere', argv: ['mkfs.ext4', '/dev/sdb'], is: false },
    { name: 'a shell that names the pool', argv: ['sh', '/pool/volumes/v'], is: false },
    { name: 'a kernel thread', argv: [''], is: false },
  ])('$name: $is', ({ argv, is }) => {
    expect(isStraggler(argv, '/pool/volumes')).toBe(is);
  });
});
