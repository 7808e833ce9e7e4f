import { invalid } from './field-error.ts';
import type { FieldError } from './kind.ts';

const PERCENT = /^[0-9]+%$/;

/** One fault for each number of `values` that is below zero (apimachinery `ValidateNonnegativeField`); what is absent is right. */
export function validateNonNegative(values: Readonly<Record<string, number | undefined>>, field: string): readonly FieldError[] {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined && value < 0)
    .map(([name, value]) => invalid(`${field}.${name}`, value, 'must be greater than or equal to 0'));
}

/** Faults of a number of things, or a share of them such as `25%` (apps validation `ValidatePositiveIntOrPercent`). */
export function validateCountOrPercent(value: number | string, field: string): readonly FieldError[] {
  if (typeof value === 'number') return value < 0 ? [invalid(field, value, 'must be greater than or equal to 0')] : [];
  if (!PERCENT.test(value)) {
    const form = "a valid percent string must be a numeric string followed by an ending '%'";
    return [invalid(field, value, `${form} (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')`)];
  }
  return [];
}

/** A fault of a share above the whole (apps validation `IsNotMoreThan100Percent`). */
export function validateAtMostAll(value: number | string, field: string): readonly FieldError[] {
  const isTooMuch = typeof value === 'string' && PERCENT.test(value) && Number(value.slice(0, -1)) > 100;
  return isTooMuch ? [invalid(field, value, 'must not be greater than 100%')] : [];
}

/** The number in front of a `%`, or the number itself; 0 for anything else. */
export function amountOf(value: number | string | undefined): number {
  const number = typeof value === 'string' ? Number.parseInt(value, 10) : (value ?? 0);
  return Number.isNaN(number) ? 0 : number;
}
