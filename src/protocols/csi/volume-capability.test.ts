import { expect, it } from 'vitest';
import { csiCapabilityOf } from './volume-capability.ts';

it.each([
  { modes: ['ReadWriteOnce'], knows: false, want: 'SINGLE_NODE_WRITER' },
  { modes: ['ReadWriteOnce'], knows: true, want: 'SINGLE_NODE_MULTI_WRITER' },
  { modes: ['ReadWriteOncePod'], knows: false, want: 'SINGLE_NODE_WRITER' },
  { modes: ['ReadWriteOncePod'], knows: true, want: 'SINGLE_NODE_SINGLE_WRITER' },
  { modes: ['ReadOnlyMany'], knows: false, want: 'MULTI_NODE_READER_ONLY' },
  { modes: ['ReadWriteMany', 'ReadWriteOnce'], knows: false, want: 'MULTI_NODE_MULTI_WRITER' },
])('VOL-9: $modes is $want where newer modes are known: $knows', ({ modes, knows, want }) => {
  const volume = { accessModes: modes, csi: { fsType: 'xfs' }, mountOptions: ['noatime'] };
  expect(csiCapabilityOf(volume, { hasSingleNodeMultiWriter: knows })).toEqual({
    mount: { fsType: 'xfs', mountFlags: ['noatime'] },
    accessMode: { mode: want },
  });
});

it('a block volume has no file system', () => {
  expect(csiCapabilityOf({ volumeMode: 'Block' }, { hasSingleNodeMultiWriter: false })).toEqual({
    block: {},
    accessMode: { mode: 'SINGLE_NODE_WRITER' },
  });
});
