import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';

/** What this process may do on this machine. */
export interface Machine {
  /** Bind mounts and mounts; else why not, for people. */
  readonly mounting: Ability;
  /** Loop devices; else why not. */
  readonly loopDevices: Ability;
}

/** Something can be done, or it is said what is missing. */
export type Ability = { readonly isPossible: true } | { readonly isPossible: false; readonly missing: string };

/** Bit of CAP_SYS_ADMIN, which mount(2) asks for (capabilities(7)). */
const CAP_SYS_ADMIN = 21n;

/** Looks at this process and this machine; changes nothing. */
export async function observeMachine(): Promise<Machine> {
  const mounting = mountingAbility(await readFile('/proc/self/status', 'utf8').catch(() => ''));
  const loopDevices = mounting.isPossible ? await loopAbility() : mounting;
  return { mounting, loopDevices };
}

/** Whether the effective capabilities in the text of `/proc/self/status` allow mounting. */
export function mountingAbility(status: string): Ability {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  const isPossible = effective !== undefined && ((BigInt(`0x${effective}`) >> CAP_SYS_ADMIN) & 1n) === 1n;
  return isPossible ? { isPossible } : { isPossible, missing: 'this process may not mount (CAP_SYS_ADMIN is missing)' };
}

async function loopAbility(): Promise<Ability> {
  try {
    await access('/dev/loop-control', constants.R_OK | constants.W_OK);
    return { isPossible: true };
  } catch {
    return { isPossible: false, missing: 'there are no loop devices here (/dev/loop-control cannot be opened)' };
  }
}
