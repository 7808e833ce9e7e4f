import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { readTextIfAny } from '#linux/small-files.ts';

/** What the node needs of its machine, found out once at start. */
export interface Machine {
  /** Root with the right to mount and to make namespaces. */
  readonly canMount: boolean;
  /** Absolute paths of the programs that are there. */
  readonly programs: Readonly<Partial<Record<Program, string>>>;
}

/** A program that pods need. */
export type Program = 'runc' | 'busybox' | 'ip' | 'mount';

const PROGRAMS: Readonly<Record<Program, string>> = { runc: 'runc', busybox: 'busybox-static', ip: 'iproute2', mount: 'mount' };
const SEARCH_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
/** Bits of CAP_SYS_ADMIN and CAP_NET_ADMIN (linux/capability.h): mounts and namespaces need both. */
const NEEDED_CAPABILITIES = (1n << 21n) | (1n << 12n);

/** Looks at the machine; changes nothing. */
export async function observeMachine(): Promise<Machine> {
  const programs: Partial<Record<Program, string>> = {};
  for (const name of ['runc', 'busybox', 'ip', 'mount'] as const) {
    const path = await findProgram(name);
    if (path !== undefined) programs[name] = path;
  }
  return { canMount: ((await effectiveCapabilities()) & NEEDED_CAPABILITIES) === NEEDED_CAPABILITIES, programs };
}

/** Why pods can't run here, as a condition's reason and message; undefined where they can. Pure. */
export function whyNotReady(machine: Machine): { readonly reason: string; readonly message: string } | undefined {
  if (!machine.canMount) {
    return {
      reason: 'NotPrivileged',
      message:
        'pods can not run here: mounts and namespaces need root, and this platform was started by an ordinary user. Start it as root (for example with sudo).',
    };
  }
  const missing = Object.keys(PROGRAMS).filter((name): name is Program => isProgram(name) && machine.programs[name] === undefined);
  if (missing.length === 0) return undefined;
  const packages = missing.map((name) => PROGRAMS[name]).join(' ');
  return {
    reason: 'ContainerRuntimeMissing',
    message: `pods can not run here: ${missing.join(', ')} not found on this machine. Install with: apt-get install ${packages}`,
  };
}

/** The capabilities that this process may hand to containers: its bounding set, as a bit mask. */
export async function boundingCapabilities(): Promise<bigint> {
  return statusMask('CapBnd');
}

function effectiveCapabilities(): Promise<bigint> {
  return statusMask('CapEff');
}

async function statusMask(field: string): Promise<bigint> {
  const status = (await readTextIfAny('/proc/self/status')) ?? '';
  const match = new RegExp(`^${field}:\\s*([0-9a-f]+)$`, 'm').exec(status);
  return BigInt(`0x${match?.[1] ?? '0'}`);
}

/** The absolute path of a program of this machine; undefined where it is not there. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const dir of SEARCH_PATH) {
    const path = join(dir, name);
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // why: not in this directory, the next one may have it
    }
  }
  return undefined;
}

function isProgram(name: string): name is Program {
  return Object.hasOwn(PROGRAMS, name);
}
