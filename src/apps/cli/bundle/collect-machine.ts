import { readFileSync, statfsSync } from 'node:fs';
import { arch, cpus, freemem, loadavg, release, totalmem, uptime, version } from 'node:os';
import type { Exec } from '#kit/exec.ts';
import { PlatformError } from '#kit/errors.ts';
import type { BundleFile } from './collect-objects.ts';

const TIMEOUT_MS = 20_000;

/** What the machine says of itself and of what the platform has on it. A part that can't be had says why. */
export async function machineFiles(dataDir: string, exec: Exec): Promise<readonly BundleFile[]> {
  const say = async (argv: readonly string[]): Promise<string> => {
    try {
      return (await exec.run(argv, { timeoutMs: TIMEOUT_MS, okCodes: [0, 1] })).stdout;
    } catch (thrown) {
      return `${argv.join(' ')}: ${PlatformError.from(thrown).message}\n`;
    }
  };
  const versions = await Promise.all(
    [
      ['runc', '--version'],
      ['mkfs.xfs', '-V'],
      ['losetup', '--version'],
    ].map(say),
  );
  return [
    { name: 'machine/system.txt', content: systemText() },
    { name: 'machine/programs.txt', content: versions.join('') },
    { name: 'machine/mounts.txt', content: read('/proc/self/mountinfo') },
    { name: 'machine/loop-devices.txt', content: await say(['losetup', '--list', '--output-all']) },
    { name: 'machine/disk.txt', content: `${diskText(dataDir)}\n${await say(['du', '-x', '-k', '-d', '2', dataDir])}` },
  ];
}

function systemText(): string {
  return [
    `${version()} ${release()} ${arch()}`,
    `processors ${cpus().length} ${cpus()[0]?.model ?? ''}`,
    `memory ${totalmem()} bytes, free ${freemem()}`,
    `load ${loadavg().join(' ')}, up ${uptime()} s`,
    read('/etc/os-release'),
    read('/proc/meminfo'),
  ].join('\n');
}

function diskText(dataDir: string): string {
  const { bsize, blocks, bavail, files, ffree, type } = statfsSync(dataDir);
  return [
    `filesystem of ${dataDir}: type 0x${type.toString(16)}`,
    `bytes ${blocks * bsize}, available ${bavail * bsize}`,
    `inodes ${files}, free ${ffree}`,
    'used below it, in KiB:',
  ].join('\n');
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    return `${PlatformError.from(thrown).message}\n`;
  }
}
