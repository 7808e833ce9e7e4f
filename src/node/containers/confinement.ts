import { readFile } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import type { AppArmorProfile, Container, Pod, SeccompProfile } from '#api/generated/kubernetes.ts';
import { PlatformError } from '#kit/errors.ts';
import { isRecord } from '#kit/json.ts';
import { isErrno } from '#linux/small-files.ts';
import type { ConfinementMeans } from '../machine/confinement-means.ts';
import { defaultSeccompProfile } from './default-seccomp.ts';

/** What the node puts around a container beside what the container asks for by itself. */
export interface Confinement {
  /** `linux.seccomp` of the OCI configuration; undefined = every system call is let through. */
  readonly seccomp?: Readonly<Record<string, unknown>> | undefined;
  readonly appArmorProfile?: string | undefined;
  /** Processes and threads at a time; undefined = as many as the machine has. */
  readonly pidsLimit?: number | undefined;
  /** False where the kernel has no namespaces of cgroups. */
  readonly hasCgroupNamespaces: boolean;
}

/** What is planned for. */
export interface ConfinedContainer {
  readonly pod: Pod;
  readonly container: Container;
  /** As in the OCI configuration. */
  readonly capabilities: readonly string[];
}

/** A container can't be made as it is described; it waits with this reason. */
export class ContainerNotMade extends PlatformError {
  constructor(message: string) {
    super({ code: 'FailedPrecondition', reason: 'CreateContainerError', message, retry: 'backoff' });
  }
}

/** Profiles of container runtimes that an AppArmor host may have; the first that is there is the default. */
const DEFAULT_APP_ARMOR = ['cri-containerd.apparmor.d', 'crio-default', 'docker-default'];

/** @throws ContainerNotMade for a profile that this node does not have */
export async function planConfinement(on: ConfinedContainer, means: ConfinementMeans): Promise<Omit<Confinement, 'pidsLimit'>> {
  const { hasCgroupNamespaces } = means;
  // why: privileged means that nothing holds it back (kubelet, kuberuntime security_context.go)
  if (on.container.securityContext?.privileged === true) return { hasCgroupNamespaces };
  return { seccomp: await seccompFor(on, means), appArmorProfile: appArmorFor(on, means), hasCgroupNamespaces };
}

/** The container's own, else the pod's. Pure. */
export function appArmorOf({ spec }: Pod, { securityContext }: Container): AppArmorProfile | undefined {
  return securityContext?.appArmorProfile ?? spec.securityContext?.appArmorProfile;
}

async function seccompFor(on: ConfinedContainer, means: ConfinementMeans): Promise<Confinement['seccomp']> {
  const profile: SeccompProfile | undefined = on.container.securityContext?.seccompProfile ?? on.pod.spec.securityContext?.seccompProfile;
  const type = profile?.type ?? 'Unconfined';
  if (type === 'Unconfined') return undefined;
  if (!means.hasSeccomp) throw new ContainerNotMade(`seccompProfile ${type}: seccomp is not supported by the kernel or runc of this node`);
  if (type === 'RuntimeDefault') return defaultSeccompProfile(means.architectures, on.capabilities);
  return readProfile(means.seccompDir, profile?.localhostProfile ?? '');
}

async function readProfile(dir: string, name: string): Promise<Readonly<Record<string, unknown>>> {
  const path = normalize(join(dir, name));
  const where = `seccompProfile.localhostProfile ${JSON.stringify(name)}`;
  if (name === '' || !path.startsWith(`${dir}/`)) throw new ContainerNotMade(`${where}: a path below ${dir} is needed`);
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'EISDIR'))
      throw new ContainerNotMade(`cannot load seccomp profile ${path}: there is no such file on this node`);
    throw error;
  });
  const value = parsed(text);
  if (value === undefined || typeof value['defaultAction'] !== 'string')
    throw new ContainerNotMade(`cannot load seccomp profile ${path}: it is no JSON object with a defaultAction`);
  return value;
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined; // why: the file is a person's, and the refusal says what it should be
  }
}

function appArmorFor({ pod, container }: ConfinedContainer, { appArmorProfiles }: ConfinementMeans): string | undefined {
  const profile = appArmorOf(pod, container);
  if (appArmorProfiles === undefined || profile === undefined || profile.type === 'Unconfined') return undefined;
  if (profile.type === 'RuntimeDefault') {
    const found = DEFAULT_APP_ARMOR.find((name) => appArmorProfiles.has(name));
    if (found !== undefined) return found;
    throw new ContainerNotMade(
      `appArmorProfile RuntimeDefault: this node has none of the profiles ${DEFAULT_APP_ARMOR.join(', ')}; load one, or name a loaded one with type Localhost`,
    );
  }
  const { localhostProfile: name = '' } = profile;
  if (appArmorProfiles.has(name)) return name;
  throw new ContainerNotMade(`appArmorProfile.localhostProfile ${JSON.stringify(name)} is not loaded on this node`);
}
