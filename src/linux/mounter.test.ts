import { beforeEach, describe, expect, it } from 'vitest';
import { CommandFailed, CommandTimedOut, type Exec } from '#kit/exec.ts';
import { type Mount, parseMountTable } from './mount-table.ts';
import { Mounter } from './mounter.ts';

let commands: string[];
let fail: (argv: readonly string[]) => Error | undefined;
let table: readonly Mount[];
beforeEach(() => {
  commands = [];
  fail = () => undefined;
  table = [];
});

const exec: Exec = {
  run: async (argv) => {
    commands.push(argv.join(' '));
    const error = fail(argv);
    if (error !== undefined) throw error;
    table = argv[0] === 'umount' ? table.filter(({ mountPoint }) => mountPoint !== argv.at(-1)) : table;
    return { stdout: '', stderr: '', exitCode: 0 };
  },
};
class TableMounter extends Mounter {
  override async table(): Promise<readonly Mount[]> {
    return table;
  }
}
const mounter = new TableMounter(exec);
const failing = (exitCode: number, stderr: string) => (argv: readonly string[]) =>
  new CommandFailed(argv, { stdout: '', stderr, exitCode });
const mountsAt = (...lines: readonly string[]) =>
  parseMountTable(
    lines.map((line, index) => `${index + 30} 20 0:${index} / ${line.split(' ')[0]} rw - ${line.split(' ')[1]} source rw`).join('\n'),
  );

describe('Mounter', () => {
  it.each<{ name: string; act: () => Promise<void>; want: string }>([
    { name: 'binds', act: () => mounter.bind('/a', '/b'), want: 'mount --no-canonicalize --bind /a /b' },
    { name: 'binds for reading', act: () => mounter.bindReadOnly('/a', '/b'), want: 'mount --no-canonicalize -o bind,ro /a /b' },
    { name: 'takes writing away', act: () => mounter.remountReadOnly('/b'), want: 'mount -o remount,bind,ro /b' },
    {
      name: 'mounts an image',
      act: () => mounter.mountImage('/v.img', '/b', { fsType: 'ext4', options: ['noatime'] }),
      want: 'mount -t ext4 -o loop,noatime /v.img /b',
    },
    {
      name: 'mounts a device',
      act: () => mounter.mountDevice('/dev/loop1', '/b', { fsType: 'xfs', options: ['discard', 'noatime'] }),
      want: 'mount -t xfs -o discard,noatime /dev/loop1 /b',
    },
    {
      name: 'mounts a device as it is',
      act: () => mounter.mountDevice('/dev/loop1', '/b', { fsType: 'xfs', options: [] }),
      want: 'mount -t xfs /dev/loop1 /b',
    },
    { name: 'unmounts', act: () => mounter.unmount('/b'), want: 'umount /b' },
  ])('$name', async ({ act, want }) => {
    await act();
    expect(commands).toEqual([want]);
  });

  it('takes "not mounted" for done and nothing else', async () => {
    fail = failing(32, 'umount: /t: not mounted.');
    await expect(mounter.unmount('/t')).resolves.toBeUndefined();
    fail = failing(32, 'umount: /t: target is busy.');
    await expect(mounter.unmount('/t')).rejects.toThrow('target is busy');
    fail = failing(1, 'umount: /t: not mounted.');
    await expect(mounter.unmount('/t')).rejects.toThrow('exit code 1');
  });

  it('unmounts a tree from the inside, and nothing beside it', async () => {
    table = mountsAt('/pods/a ext4', '/pods/a/x tmpfs', '/pods/a/x/y tmpfs', '/pods/ab ext4');
    await mounter.unmountInside('/pods/a');
    expect(commands).toEqual(['umount /pods/a/x/y', 'umount /pods/a/x']);
    await mounter.unmountBelow('/pods/a');
    expect(commands.slice(2)).toEqual(['umount /pods/a']);
  });

  it('lets go of a file server that does not answer, and of nothing else', async () => {
    table = mountsAt('/pods/a nfs4');
    fail = (argv) => (argv.includes('-l') ? undefined : new CommandTimedOut(argv, 30_000));
    await mounter.unmountBelow('/pods/a');
    expect(commands).toEqual(['umount /pods/a', 'umount -f -l /pods/a']);
    table = mountsAt('/pods/a ext4');
    await expect(mounter.unmountBelow('/pods/a')).rejects.toThrow(CommandTimedOut);
  });
});
