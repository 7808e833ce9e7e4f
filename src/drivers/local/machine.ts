import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import type { MadeFilesystem } from '#linux/tools.ts';

/** What this process may do on this machine. */
export interface Machine {
  /** Bind mounts and mounts; else why not, for people. */
  readonly mounting: Ability;
  /** Loop devices; else why not. */
  readonly loopDevices: Ability;
  /** The filesystem of volumes for which nobody asks for one: ext4, but XFS where the kernel would not let us grow ext4 while it is mounted. */
  readonly fileSystem: MadeFilesystem;
}

/** Something can be done, or it is said what is missing. */
export type Ability = { readonly isPossible: true } | { readonly isPossible: false; readonly missing: string };

/** Bit of CAP_SYS_ADMIN, which mount(2) asks for (capabilities(7)). */
const CAP_SYS_ADMIN = 21n;

/** Bit of CAP_SYS_RESOURCE, which the growth of a mounted ext4 asks for (kernel fs/ext4/ioctl.c). */
const CAP_SYS_RESOURCE = 24n;
const XFS_MAKERS = ['/sbin/mkfs.xfs', '/usr/sbin/mkfs.xfs'];

/** Looks at this process and this machine; changes nothing. */
export async function observeMachine(): Promise<Machine> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '');
  const mounting = mountingAbility(status);
  const loopDevices = mounting.isPossible ? await loopAbility() : mounting;
  const fileSystem = !hasCapability(status, CAP_SYS_RESOURCE) && (await canMakeXfs()) ? 'xfs' : 'ext4';
  return { mounting, loopDevices, fileSystem };
}

/** Whether the effective capabilities in the text of `/proc/self/status` allow mounting. */
export function mountingAbility(status: string): Ability {
  const isPossible = hasCapability(status, CAP_SYS_ADMIN);
  return isPossible ? { isPossible } : { isPossible, missing: 'this process may not mount (CAP_SYS_ADMIN is missing)' };
}

function hasCapability(status: string, bit: bigint): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  return effective !== undefined && ((BigInt(`0x${effective}`) >> bit) & 1n) === 1n;
}

async function canMakeXfs(): Promise<boolean> {
  const found = await Promise.allSettled(XFS_MAKERS.map((path) => access(path, constants.X_OK)));
  return found.some(({ status }) => status === 'fulfilled');
}

async function loopAbility(): Promise<Ability> {
  try {
    await access('/dev/loop-control', constants.R_OK | constants.W_OK);
    return { isPossible: true };
  } catch {
    return { isPossible: false, missing: 'there are no loop devices here (/dev/loop-control cannot be opened)' };
  }
}
