import { parseQuantity } from '#kit/quantity.ts';
import { ACCESS_MODES } from '../access-modes.ts';
import { forbidden, invalid, notSupported } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { dns1123Subdomain } from '../meta/validate-name.ts';

const SUPPORTED_MODES: readonly string[] = ACCESS_MODES.map(({ name }) => name).toSorted();
const VOLUME_MODES = ['Block', 'Filesystem'];

/** Faults of access modes at `field`, where there are any. */
export function validateAccessModes(modes: readonly string[], field: string): readonly FieldError[] {
  const faults = modes.filter((mode) => !SUPPORTED_MODES.includes(mode)).map((mode) => notSupported(field, mode, SUPPORTED_MODES));
  if (modes.includes('ReadWriteOncePod') && modes.length > 1)
    faults.push(forbidden(field, 'may not use ReadWriteOncePod with other access modes'));
  return faults;
}

/** Faults of a volume mode; absent counts as right (Filesystem). */
export function validateVolumeMode(mode: string | undefined, field: string): readonly FieldError[] {
  return mode === undefined || VOLUME_MODES.includes(mode) ? [] : [notSupported(field, mode, VOLUME_MODES)];
}

/** Faults of the name of a class; `''` means none. */
export function validateClassName(name: string | undefined, field: string): readonly FieldError[] {
  return name === undefined || name === '' ? [] : dns1123Subdomain(name).map((fault) => invalid(field, name, fault));
}

/** Faults of a size that must be more than nothing. */
export function validatePositive(quantity: string, field: string): readonly FieldError[] {
  const parsed = parseQuantity(quantity);
  if (!parsed.ok) return [invalid(field, quantity, parsed.error)];
  return parsed.value.mantissa > 0n ? [] : [invalid(field, quantity, 'must be greater than zero')];
}
