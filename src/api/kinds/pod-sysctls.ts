import type { PodSpec, Sysctl } from '../generated/kubernetes.ts';
import { duplicate, invalid, required } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';

/** Names of kernel settings, with dots or slashes between their parts (core validation `IsValidSysctlName`). */
const NAME = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;
const NAME_TEXT = String.raw`^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$`;
const MAX_NAME = 253;
const OF_IPC = ['kernel.shm', 'kernel.msg', 'kernel.sem', 'fs.mqueue.'];

/** Faults of the kernel settings that a pod asks for. */
export function validateSysctls({ securityContext, hostNetwork, hostIPC }: PodSpec, field: string): readonly FieldError[] {
  const seen = new Set<string>();
  // why partial: what is required may still be missing when it is checked
  const given: readonly Partial<Sysctl>[] = securityContext?.sysctls ?? [];
  return given.flatMap(({ name = '' }, index): readonly FieldError[] => {
    const at = `${field}[${index}].name`;
    if (name === '') return [required(at)];
    if (name.length > MAX_NAME || !NAME.test(name))
      return [invalid(at, name, `must have at most ${MAX_NAME} characters and match regex ${NAME_TEXT}`)];
    if (seen.has(name)) return [duplicate(at, name)];
    seen.add(name);
    const dotted = name.replaceAll('/', '.');
    if (hostNetwork === true && dotted.startsWith('net.')) return [invalid(at, name, "may not be specified when 'hostNetwork' is true")];
    if (hostIPC === true && OF_IPC.some((prefix) => dotted.startsWith(prefix)))
      return [invalid(at, name, "may not be specified when 'hostIPC' is true")];
    return [];
  });
}
