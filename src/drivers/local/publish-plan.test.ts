import { describe, expect, it } from 'vitest';
import type { Mount } from '#linux/mount-table.ts';
import { aMount } from '#testing/builders/mount.ts';
import { type PublishView, planPublish } from './publish-plan.ts';

const mount = (mountPoint: string, over: Partial<Mount> = {}): Mount => aMount({ mountPoint, ...over });
function view(mounts: readonly Mount[], over: Partial<PublishView> = {}): PublishView {
  return { volumeId: 'v', mounts, source: '/staging', target: '/target', access: 'rw', isExclusive: false, ...over };
}
const staged = mount('/staging');

describe('planPublish', () => {
  it.each([
    { name: 'staged', seen: view([staged]), action: 'bind' },
    { name: 'published', seen: view([staged, mount('/target')]), action: 'none' },
    { name: 'published elsewhere too', seen: view([staged, mount('/other')]), action: 'bind' },
    { name: 'published read-only', seen: view([staged, mount('/target', { isReadOnly: true })], { access: 'ro' }), action: 'none' },
    {
      name: 'left writable by a crash between bind and read-only',
      seen: view([staged, mount('/target')], { access: 'ro' }),
      action: 'remount-read-only',
    },
    { name: 'exclusive, published here', seen: view([staged, mount('/target')], { isExclusive: true }), action: 'none' },
    {
      name: 'exclusive, a subPath of it mounted elsewhere',
      seen: view([staged, mount('/sub', { root: '/sub' })], { isExclusive: true }),
      action: 'bind',
    },
  ])('$name: $action', ({ seen, action }) => {
    expect(planPublish(seen)).toBe(action);
  });

  it.each([
    { name: 'what is not staged', seen: view([]), reason: 'VolumeNotStaged' },
    { name: 'a target with another volume', seen: view([staged, mount('/target', { device: '7:4' })]), reason: 'PathOccupied' },
    { name: 'writable where it is read-only', seen: view([staged, mount('/target', { isReadOnly: true })]), reason: 'PathOccupied' },
    {
      name: 'a second target of an exclusive volume',
      seen: view([staged, mount('/other')], { isExclusive: true }),
      reason: 'SingleWriterConflict',
    },
  ])('refuses $name', ({ seen, reason }) => {
    expect(() => planPublish(seen)).toThrow(expect.objectContaining({ reason }));
  });
});
