import type { AppArmorProfile, SeccompProfile } from '../generated/kubernetes.ts';
import { invalid, notSupported, required, tooLong } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';

const TYPES = ['Localhost', 'RuntimeDefault', 'Unconfined'];
/** Longest name of a profile of the node, in bytes (core validation `maxLocalhostProfileLength`). */
const MAX_NAME_BYTES = 4095;

/** What of a security context says by which profiles of the kernel a process is bound. */
interface Bound {
  readonly seccompProfile?: SeccompProfile | undefined;
  readonly appArmorProfile?: AppArmorProfile | undefined;
}

/** Faults of the profiles of a pod's or a container's security context at `field`. */
export function validateProfiles(context: Bound | undefined, field: string): readonly FieldError[] {
  const { seccompProfile, appArmorProfile } = context ?? {};
  return [
    ...(seccompProfile === undefined ? [] : validateSeccomp(seccompProfile, `${field}.seccompProfile`)),
    ...(appArmorProfile === undefined ? [] : validateAppArmor(appArmorProfile, `${field}.appArmorProfile`)),
  ];
}

function validateSeccomp({ type, localhostProfile }: Partial<SeccompProfile>, field: string): readonly FieldError[] {
  return [
    ...validateType(type, field, 'seccompProfile'),
    ...validatePlace(type, localhostProfile, { field, name: 'seccomp' }),
    ...(type === 'Localhost' && localhostProfile !== undefined ? validateDescending(localhostProfile, `${field}.localhostProfile`) : []),
  ];
}

function validateAppArmor({ type, localhostProfile }: Partial<AppArmorProfile>, field: string): readonly FieldError[] {
  const faults = [...validateType(type, field, 'appArmorProfile'), ...validatePlace(type, localhostProfile, { field, name: 'AppArmor' })];
  if (type !== 'Localhost' || localhostProfile === undefined) return faults;
  const at = `${field}.localhostProfile`;
  if (localhostProfile !== localhostProfile.trim()) faults.push(invalid(at, localhostProfile, 'must not be padded with whitespace'));
  else if (localhostProfile === '') faults.push(required(at, 'must be set when AppArmor type is Localhost'));
  return localhostProfile.length > MAX_NAME_BYTES ? [...faults, tooLong(at, MAX_NAME_BYTES)] : faults;
}

function validateType(type: string | undefined, field: string, name: string): readonly FieldError[] {
  if (type === undefined || type === '') return [required(`${field}.type`, `type is required when ${name} is set`)];
  return TYPES.includes(type) ? [] : [notSupported(`${field}.type`, type, TYPES)];
}

/** A profile of the node has a name, and nothing else has one. */
function validatePlace(
  type: string | undefined,
  profile: string | undefined,
  { field, name }: { readonly field: string; readonly name: string },
): readonly FieldError[] {
  const at = `${field}.localhostProfile`;
  if (type === 'Localhost') return profile === undefined ? [required(at, `must be set when ${name} type is Localhost`)] : [];
  return profile === undefined ? [] : [invalid(at, profile, `can only be set when ${name} type is Localhost`)];
}

function validateDescending(path: string, field: string): readonly FieldError[] {
  return [
    ...(path.startsWith('/') ? [invalid(field, path, 'must be a relative path')] : []),
    ...(path.split('/').includes('..') ? [invalid(field, path, "must not contain '..'")] : []),
  ];
}
