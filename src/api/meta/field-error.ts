import type { FieldError } from './kind.ts';

/** A value is missing. */
export function required(field: string, detail = ''): FieldError {
  return { field, type: 'Required', detail };
}

/** A value that can't be. */
export function invalid(field: string, value: unknown, detail: string): FieldError {
  return { field, type: 'Invalid', value, detail };
}

/** A value that is none of the allowed ones. */
export function notSupported(field: string, value: unknown, allowed: readonly string[]): FieldError {
  return { field, type: 'NotSupported', value, detail: `supported values: ${allowed.map((item) => JSON.stringify(item)).join(', ')}` };
}

/** A value of a JSON type that the field can't have. */
export function typeInvalid(field: string, value: unknown, detail: string): FieldError {
  return { field, type: 'TypeInvalid', value, detail };
}

/** A list or map with more than `max` items; it has `actual`. */
export function tooMany(field: string, actual: number, max: number): FieldError {
  return { field, type: 'TooMany', value: actual, detail: `must have at most ${max} items` };
}

/** A field that must not be set or changed here. */
export function forbidden(field: string, detail: string): FieldError {
  return { field, type: 'Forbidden', detail };
}

/** A value that another item already has. */
export function duplicate(field: string, value: unknown): FieldError {
  return { field, type: 'Duplicate', value, detail: '' };
}

/** A text of more than `maxBytes` bytes. */
export function tooLong(field: string, maxBytes: number): FieldError {
  return { field, type: 'TooLong', detail: `may not be more than ${maxBytes} bytes` };
}

/** A reference to something that is not there. */
export function notFound(field: string, value: unknown): FieldError {
  return { field, type: 'NotFound', value, detail: '' };
}

/** One entry of `details.causes` in the 422 answer. */
export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** Words and cause reasons of apimachinery pkg/util/validation/field/errors.go. */
const WORDS: Record<FieldError['type'], { readonly text: string; readonly reason: string; readonly showsValue: boolean }> = {
  Required: { text: 'Required value', reason: 'FieldValueRequired', showsValue: false },
  Invalid: { text: 'Invalid value', reason: 'FieldValueInvalid', showsValue: true },
  TypeInvalid: { text: 'Invalid value', reason: 'FieldValueTypeInvalid', showsValue: true },
  TooMany: { text: 'Too many', reason: 'FieldValueTooMany', showsValue: true },
  NotSupported: { text: 'Unsupported value', reason: 'FieldValueNotSupported', showsValue: true },
  Forbidden: { text: 'Forbidden', reason: 'FieldValueForbidden', showsValue: false },
  Duplicate: { text: 'Duplicate value', reason: 'FieldValueDuplicate', showsValue: true },
  TooLong: { text: 'Too long', reason: 'FieldValueTooLong', showsValue: false },
  NotFound: { text: 'Not found', reason: 'FieldValueNotFound', showsValue: true },
};

/** Longest value that a message repeats, in characters: a fault must not send a megabyte back. */
const MAX_VALUE_CHARS = 10_000;

/** The fault without its field: `Invalid value: "x": must be …`. */
export function describeFieldError(error: FieldError): string {
  const words = WORDS[error.type];
  const value = words.showsValue ? `: ${shorten(JSON.stringify(error.value ?? null))}` : '';
  return `${words.text}${value}${error.detail === '' ? '' : `: ${error.detail}`}`;
}

/** The fault as upstream prints it: `spec.accessModes: Required value: …`. */
export function formatFieldError(error: FieldError): string {
  return `${error.field}: ${describeFieldError(error)}`;
}

/** Several faults in one sentence: one stands alone, more are listed in brackets; equal ones are named once. */
export function formatFieldErrors(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map(formatFieldError))];
  return texts.length === 1 ? (texts[0] ?? '') : `[${texts.join(', ')}]`;
}

/** The fault as a cause of a Status. */
export function causeOf(error: FieldError): StatusCause {
  return { reason: WORDS[error.type].reason, message: describeFieldError(error), field: error.field };
}

function shorten(text: string): string {
  return text.length <= MAX_VALUE_CHARS ? text : `${text.slice(0, MAX_VALUE_CHARS)}…`;
}
