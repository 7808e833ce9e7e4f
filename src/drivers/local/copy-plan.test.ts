import { describe, expect, it } from 'vitest';
import { planCopy } from './copy-plan.ts';
import { copyImagesCommand, frozenCommand, frozenSec } from '#linux/freeze-command.ts';

const MOUNTED = { device: '/dev/loop1', mountPoint: '/staging', words: '/dev/loop1 is attached to it' };
const RAW = { device: '/dev/loop1', words: '/dev/loop1 is attached to it' };

describe('planCopy', () => {
  it.each([
    { name: 'nobody uses it', type: 'file', use: undefined, sharing: 'full', plan: {} },
    { name: 'a filesystem is mounted', type: 'file', use: MOUNTED, sharing: 'shared', plan: { freezeAt: '/staging' } },
    { name: 'a filesystem is mounted and bytes are copied', type: 'file', use: MOUNTED, sharing: 'full', plan: { freezeAt: '/staging' } },
    { name: 'a raw device is in use', type: 'file', use: RAW, sharing: 'shared', plan: { flush: '/dev/loop1' } },
    { name: 'a directory is not in use', type: 'directory', use: undefined, sharing: 'shared', plan: {} },
  ] as const)('copies as of one moment where $name', ({ type, use, sharing, plan }) => {
    expect(planCopy({ volumeId: 'v', type, use }, sharing)).toEqual(plan);
  });

  it.each([
    { name: 'a raw device, byte by byte', type: 'file', use: RAW, sharing: 'full' },
    { name: 'a directory', type: 'directory', use: { words: 'it is mounted at /x' }, sharing: 'shared' },
  ] as const)('refuses what would mix many moments: $name in use', ({ type, use, sharing }) => {
    expect(() => planCopy({ volumeId: 'v', type, use }, sharing)).toThrow(
      expect.objectContaining({ reason: 'VolumeInUse', message: expect.stringContaining('stop the pods that use it') }),
    );
  });
});

describe('frozenCommand', () => {
  it('freezes the first around the second', () => {
    const argv = frozenCommand(['/a', '/b'], ['true']);
    expect(argv.slice(5, 9)).toEqual(['8', '2', '/a', '/b']);
    expect(argv.slice(9).filter((word) => !word.includes('fsfreeze') && !word.includes('/proc/uptime'))).toEqual([
      'sh',
      '-c',
      'stowage-freeze',
      'sh',
      '-c',
      'stowage-freeze',
      '/a',
      'sh',
      '-c',
      'stowage-freeze',
      '/b',
      'true',
    ]);
  });

  it.each([
    { stderr: 'frozen 100.20 100.27\n', sec: 0.07 },
    { stderr: 'cp: slow\nfrozen 99.99 108.01\nmore\n', sec: 8.02 },
    { stderr: 'Killed\n', sec: undefined },
  ])('SNAP-8: says for how long: $sec s', ({ stderr, sec }) => {
    const found = frozenSec(stderr);
    if (sec === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(sec);
  });

  it('hands paths over as arguments, never as shell text', () => {
    expect(copyImagesCommand([{ from: '/a b', to: "/c'd" }], 'full').slice(-3)).toEqual(['--reflink=never', '/a b', "/c'd"]);
  });
});
