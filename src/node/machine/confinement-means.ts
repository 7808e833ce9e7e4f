import { arch } from 'node:os';
import { join } from 'node:path';
import type { Exec } from '#kit/exec.ts';
import { isRecord } from '#kit/json.ts';
import { isPresent, readTextIfAny } from '#linux/small-files.ts';

/** Names of the OCI runtime for this machine's architecture and those that it runs beside it. */
const ARCHITECTURES: Readonly<Record<string, readonly string[]>> = {
  x64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
  arm: ['SCMP_ARCH_ARM'],
  ppc64: ['SCMP_ARCH_PPC64LE'],
  s390x: ['SCMP_ARCH_S390X', 'SCMP_ARCH_S390'],
  riscv64: ['SCMP_ARCH_RISCV64'],
};

/** What of confinement this machine can do. */
export interface ConfinementMeans {
  readonly hasSeccomp: boolean;
  /** Profiles that the kernel has; undefined where AppArmor is not enabled. */
  readonly appArmorProfiles: ReadonlySet<string> | undefined;
  readonly hasCgroupNamespaces: boolean;
  /** The OCI runtime can make a mount read-only with all that is mounted inside. */
  readonly hasRecursiveReadOnly: boolean;
  /** Holds the profiles that `localhostProfile` names. */
  readonly seccompDir: string;
  /** The OCI runtime's architecture names. */
  readonly architectures: readonly string[];
}

/** Looks at what the kernel and the OCI runtime can do to confine containers; `root` is the node's directory. */
export async function observeConfinementMeans(exec: Exec, runc: string | undefined, root: string): Promise<ConfinementMeans> {
  const status = (await readTextIfAny('/proc/self/status')) ?? '';
  const architectures = ARCHITECTURES[arch()] ?? [];
  const canFilter = /^Seccomp:/m.test(status) && architectures.length > 0;
  const features = await featuresOf(exec, runc);
  return {
    hasSeccomp: canFilter && features.hasSeccomp,
    hasRecursiveReadOnly: features.hasRecursiveReadOnly,
    appArmorProfiles: await appArmorProfiles(),
    hasCgroupNamespaces: await isPresent('/proc/self/ns/cgroup'),
    seccompDir: join(root, 'seccomp'),
    architectures,
  };
}

type Features = Pick<ConfinementMeans, 'hasSeccomp' | 'hasRecursiveReadOnly'>;

async function featuresOf(exec: Exec, runc: string | undefined): Promise<Features> {
  const said = runc === undefined ? undefined : await exec.run([runc, 'features']).catch(() => undefined);
  // why: a runtime that does not tell of its features (before 1.1) knows seccomp, or refuses the container itself
  return said === undefined ? { hasSeccomp: runc !== undefined, hasRecursiveReadOnly: false } : featuresIn(said.stdout);
}

/** What the text of `runc features` says. Pure. */
export function featuresIn(text: string): Features {
  const features: unknown = JSON.parse(text);
  const { linux, mountOptions } = isRecord(features) ? features : {};
  const seccomp = isRecord(linux) ? linux['seccomp'] : undefined;
  return {
    hasSeccomp: isRecord(seccomp) && seccomp['enabled'] === true,
    hasRecursiveReadOnly: Array.isArray(mountOptions) && mountOptions.includes('rro'),
  };
}

async function appArmorProfiles(): Promise<ReadonlySet<string> | undefined> {
  if ((await readTextIfAny('/sys/module/apparmor/parameters/enabled'))?.trim() !== 'Y') return undefined;
  const text = (await readTextIfAny('/sys/kernel/security/apparmor/profiles')) ?? '';
  return new Set(text.split('\n').map((line) => line.replace(/ \([a-z]+\)$/, '')));
}
