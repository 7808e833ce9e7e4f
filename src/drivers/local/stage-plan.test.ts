import { describe, expect, it } from 'vitest';
import type { LoopDevice } from '#linux/host.ts';
import { aMount } from '#testing/builders/mount.ts';
import { type FilesystemStage, type ImageView, planBlockStage, planDirectoryStage, planFilesystemStage } from './stage-plan.ts';

const GIB = 1n << 30n;
const LOOP: LoopDevice = { path: '/dev/loop3', device: '7:3', image: '/pool/v.img', isImageDeleted: false };
const BLANK: ImageView = { sizeBytes: GIB, isBlank: true, superblock: undefined };
const RAW: ImageView = { sizeBytes: GIB, isBlank: false, superblock: undefined };

function holding(fsType: 'ext4' | 'xfs' | 'btrfs', sizeBytes = GIB): ImageView {
  return { sizeBytes: GIB, isBlank: false, superblock: { fsType, sizeBytes } };
}
function damaged(sizeBytes = GIB): ImageView {
  return { sizeBytes: GIB, isBlank: false, superblock: { fsType: 'ext4', sizeBytes, hasErrors: true } };
}
function stage(over: Partial<FilesystemStage>): FilesystemStage {
  return {
    volumeId: 'v',
    stagingPath: '/staging',
    fsType: undefined,
    preferred: 'ext4',
    image: BLANK,
    staged: undefined,
    loop: undefined,
    ...over,
  };
}

describe('planFilesystemStage', () => {
  it.each([
    { name: 'blank image', view: stage({}), actions: ['format ext4', 'mount-image ext4'] },
    { name: 'blank image, xfs preferred', view: stage({ preferred: 'xfs' }), actions: ['format xfs', 'mount-image xfs'] },
    {
      name: 'xfs preferred, ext4 asked for',
      view: stage({ preferred: 'xfs', fsType: 'ext4' }),
      actions: ['format ext4', 'mount-image ext4'],
    },
    {
      name: 'xfs preferred, too small for it',
      view: stage({ preferred: 'xfs', image: { ...BLANK, sizeBytes: GIB / 4n } }),
      actions: ['format ext4', 'mount-image ext4'],
    },
    { name: 'blank image, xfs asked for', view: stage({ fsType: 'xfs' }), actions: ['format xfs', 'mount-image xfs'] },
    { name: 'formatted image', view: stage({ image: holding('ext4') }), actions: ['mount-image ext4'] },
    { name: 'formatted otherwise, nothing asked for', view: stage({ image: holding('xfs') }), actions: ['mount-image xfs'] },
    { name: 'ext4 smaller than its image', view: stage({ image: holding('ext4', GIB / 2n) }), actions: ['grow-ext4', 'mount-image ext4'] },
    { name: 'ext4 with errors', view: stage({ image: damaged() }), actions: ['check-ext4', 'mount-image ext4'] },
    { name: 'ext4 with errors and smaller', view: stage({ image: damaged(GIB / 2n) }), actions: ['grow-ext4', 'mount-image ext4'] },
    { name: 'xfs smaller than its image', view: stage({ image: holding('xfs', GIB / 2n) }), actions: ['mount-image xfs', 'grow-xfs'] },
    { name: 'a rest below 1 MiB', view: stage({ image: holding('ext4', GIB - 4096n) }), actions: ['mount-image ext4'] },
    { name: 'staged already', view: stage({ image: holding('ext4'), loop: LOOP, staged: aMount({}) }), actions: [] },
    {
      name: 'attached and not seen mounted',
      view: stage({ image: holding('ext4', GIB / 2n), loop: LOOP }),
      actions: ['mount-device ext4'],
    },
  ])('$name: $actions', ({ view, actions }) => {
    expect(planFilesystemStage(view).map((action) => ('fsType' in action ? `${action.type} ${action.fsType}` : action.type))).toEqual(
      actions,
    );
  });

  it.each([
    { name: 'raw data: never formatted', view: stage({ image: RAW }), reason: 'FilesystemMismatch' },
    { name: 'another filesystem than asked for', view: stage({ image: holding('ext4'), fsType: 'xfs' }), reason: 'FilesystemMismatch' },
    {
      name: 'another volume at the path',
      view: stage({ image: holding('ext4'), loop: LOOP, staged: aMount({ device: '7:4' }) }),
      reason: 'PathOccupied',
    },
    { name: 'something at the path while detached', view: stage({ staged: aMount({}) }), reason: 'PathOccupied' },
    { name: 'a blank image that is attached', view: stage({ loop: LOOP }), reason: 'VolumeInUse' },
  ])('refuses $name', ({ view, reason }) => {
    expect(() => planFilesystemStage(view)).toThrow(expect.objectContaining({ reason }));
  });
});

describe('planBlockStage', () => {
  const base = { volumeId: 'v', devicePath: '/staging/device', bound: undefined, loop: undefined, mountedAt: undefined };
  const bound = aMount({ device: '0:6', root: '/loop3', fsType: 'devtmpfs' });
  it.each([
    { name: 'nothing yet', view: base, actions: [{ type: 'attach-and-bind' }] },
    { name: 'attached by a call that died', view: { ...base, loop: LOOP }, actions: [{ type: 'bind-device', device: '/dev/loop3' }] },
    { name: 'staged already', view: { ...base, loop: LOOP, bound }, actions: [] },
  ])('$name', ({ view, actions }) => {
    expect(planBlockStage(view)).toEqual(actions);
  });

  it.each([
    { name: 'another device at the path', view: { ...base, loop: LOOP, bound: { ...bound, root: '/loop33' } }, reason: 'PathOccupied' },
    { name: 'a volume that is mounted as a filesystem', view: { ...base, loop: LOOP, mountedAt: '/staging' }, reason: 'VolumeInUse' },
  ])('refuses $name', ({ view, reason }) => {
    expect(() => planBlockStage(view)).toThrow(expect.objectContaining({ reason }));
  });
});

describe('planDirectoryStage', () => {
  const data = { device: '8:1', root: '/pool/v/data' };
  it.each([
    { name: 'not staged', staged: undefined, actions: [{ type: 'bind-directory' }] },
    { name: 'staged', staged: aMount(data), actions: [] },
  ])('$name', ({ staged, actions }) => {
    expect(planDirectoryStage({ volumeId: 'v', stagingPath: '/staging', staged, data })).toEqual(actions);
  });

  it('refuses a path where another directory is mounted', () => {
    const staged = aMount({ ...data, root: '/pool/w/data' });
    expect(() => planDirectoryStage({ volumeId: 'v', stagingPath: '/staging', staged, data })).toThrow(
      expect.objectContaining({ reason: 'PathOccupied' }),
    );
  });
});
