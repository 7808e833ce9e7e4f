import { expect, it } from 'vitest';
import { parseMountTable } from '#linux/mount-table.ts';
import { isDeeplyReadOnly, propagationOf } from './mount-access.ts';

const TABLE = parseMountTable(
  [
    '22 1 8:1 / / rw - ext4 /dev/sda1 rw',
    '23 22 8:2 / /shared rw shared:1 - ext4 /dev/sda2 rw',
    '24 22 8:3 / /slave rw master:1 - ext4 /dev/sda3 rw',
    '25 22 8:3 / /both rw shared:4 master:1 - ext4 /dev/sda3 rw',
  ].join('\n'),
);

it.each([
  { mountPropagation: undefined, source: '/private/a', want: 'rprivate' },
  { mountPropagation: 'None', source: '/shared/a', want: 'rprivate' },
  { mountPropagation: 'HostToContainer', source: '/shared/a', want: 'rslave' },
  { mountPropagation: 'HostToContainer', source: '/slave', want: 'rslave' },
  { mountPropagation: 'Bidirectional', source: '/shared', want: 'rshared' },
  { mountPropagation: 'Bidirectional', source: '/both/a/b', want: 'rshared' },
])('VOL-11: $mountPropagation of $source is $want', ({ mountPropagation, source, want }) => {
  expect(propagationOf({ name: 'v', mountPath: '/v', mountPropagation }, source, TABLE)).toBe(want);
});

it.each([
  { mountPropagation: 'HostToContainer', source: '/a', says: 'path "/a" is mounted on "/" but it is not a shared or slave mount' },
  { mountPropagation: 'Bidirectional', source: '/slave/a', says: 'path "/slave/a" is mounted on "/slave" but it is not a shared mount' },
  { mountPropagation: 'Bidirectional', source: '/sharedish', says: 'path "/sharedish" is mounted on "/" but it is not a shared mount' },
])('VOL-11: $mountPropagation of $source is refused', ({ mountPropagation, source, says }) => {
  expect(() => propagationOf({ name: 'v', mountPath: '/v', mountPropagation }, source, TABLE)).toThrow(says);
});

it.each([
  { recursiveReadOnly: undefined, has: true, want: false },
  { recursiveReadOnly: 'IfPossible', has: true, want: true },
  { recursiveReadOnly: 'IfPossible', has: false, want: false },
  { recursiveReadOnly: 'Enabled', has: true, want: true },
])('read-only in depth: $recursiveReadOnly where the runtime can: $has', ({ recursiveReadOnly, has, want }) => {
  const mount = { name: 'v', mountPath: '/v', readOnly: true, recursiveReadOnly };
  expect(isDeeplyReadOnly(mount, { hasRecursiveReadOnly: has })).toBe(want);
  expect(() => isDeeplyReadOnly({ ...mount, recursiveReadOnly: 'Enabled' }, { hasRecursiveReadOnly: false })).toThrow('recursiveReadOnly');
});
