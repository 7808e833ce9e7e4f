import { invalid, required, tooLong } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { dns1123Subdomain } from '../meta/validate-name.ts';

/** Most bytes of a CSI driver's name (CSI specification, GetPluginInfo). */
const MAX_DRIVER_NAME_BYTES = 63;

/** Faults of a CSI driver's name at `field`. */
export function validateDriverName(name: string | undefined, field: string): readonly FieldError[] {
  if (name === undefined || name === '') return [required(field)];
  const faults = name.length > MAX_DRIVER_NAME_BYTES ? [tooLong(field, MAX_DRIVER_NAME_BYTES)] : [];
  return [...faults, ...dns1123Subdomain(name.toLowerCase()).map((fault) => invalid(field, name, fault))];
}
