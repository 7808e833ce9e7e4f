import type { Mount } from '#linux/mount-table.ts';

/** An ext4 on a loop device, or what `over` makes of it. */
export function aMount(over: Partial<Mount> = {}): Mount {
  return {
    device: '7:3',
    root: '/',
    mountPoint: '/staging',
    isReadOnly: false,
    refusesWrites: false,
    fsType: 'ext4',
    source: '/dev/loop3',
    superOptions: 'rw',
    propagation: 'private',
    ...over,
  };
}
