import { describe, expect, it } from 'vitest';
import { readDescription } from './description.ts';

describe('CAP-1: what a description says', () => {
  it.each([
    {
      name: 'the present form',
      value: {
        snapshot: true,
        volumeMode: ['Filesystem', 'Block'],
        accessModes: ['ReadWriteOnce', 'ReadOnlyMany'],
        blockAccessModes: ['ReadWriteOnce'],
      },
      says: {
        snapshot: true,
        volumeModes: ['Filesystem', 'Block'],
        accessModes: ['ReadWriteOnce', 'ReadOnlyMany'],
        blockAccessModes: ['ReadWriteOnce'],
      },
    },
    {
      name: 'the earlier form',
      value: { type: 'Filesystem', volumeMode: ['Filesystem'], accessModes: ['ReadWriteOnce', 'ReadWriteOncePod'] },
      says: { type: 'Filesystem', volumeModes: ['Filesystem'], accessModes: ['ReadWriteOnce', 'ReadWriteOncePod'] },
    },
    { name: 'a kind of storage that is not known', value: { type: 'Object' }, says: { type: 'unknown' } },
    { name: 'nothing', value: {}, says: {} },
    { name: 'empty values', value: { snapshot: null, accessModes: null }, says: {} },
  ])('$name', ({ value, says }) => {
    expect(readDescription(value)).toEqual({ description: says, faults: [] });
  });

  it.each([
    { name: 'no map', value: 'yes', field: '', keeps: {} },
    { name: 'another field', value: { snapshots: true, snapshot: false }, field: 'snapshots', keeps: { snapshot: false } },
    { name: 'a word for true', value: { snapshot: 'true', volumeMode: ['Block'] }, field: 'snapshot', keeps: { volumeModes: ['Block'] } },
    { name: 'no list', value: { accessModes: 'ReadWriteOnce' }, field: 'accessModes', keeps: {} },
    {
      name: 'one of several',
      value: { accessModes: ['ReadWriteOnce', 'RWX', 'ReadOnlyMany'] },
      field: 'accessModes[1]',
      keeps: { accessModes: ['ReadWriteOnce', 'ReadOnlyMany'] },
    },
    { name: 'a volume mode', value: { volumeMode: ['File', 'Block'] }, field: 'volumeMode[0]', keeps: { volumeModes: ['Block'] } },
    { name: 'a mode of block devices', value: { blockAccessModes: [true] }, field: 'blockAccessModes[0]', keeps: {} },
    {
      name: 'an empty list',
      value: { blockAccessModes: [], accessModes: ['ReadWriteOnce'] },
      field: 'blockAccessModes',
      keeps: { accessModes: ['ReadWriteOnce'] },
    },
  ])('and $name is told and ignored, and the rest counts', ({ value, field, keeps }) => {
    const { description, faults } = readDescription(value);
    expect(description).toEqual(keeps);
    expect(faults.map((fault) => fault.field)).toEqual([field]);
    expect(faults[0]?.remedy).not.toBe('');
  });
});
