import { expect, it } from 'vitest';
import { describeVolumes } from './describe-volumes.ts';

const ALL = ['ReadWriteOnce', 'ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOncePod'];

it.each([
  { name: 'images', parameters: {}, volumeModes: ['Filesystem', 'Block'], blockAccessModes: ALL },
  { name: 'directories', parameters: { type: 'directory' }, volumeModes: ['Filesystem'], blockAccessModes: [] },
])('CAP-2: the driver says what $name can do', ({ parameters, volumeModes, blockAccessModes }) => {
  expect(describeVolumes(parameters)).toEqual({ snapshot: true, accessModes: ALL, volumeModes, blockAccessModes });
});

it.each([{ type: 'cloud' }, { colour: 'red' }])('CAP-2: nothing is known of a class that the driver refuses: %o', (parameters) => {
  expect(describeVolumes(parameters)).toEqual({});
});
