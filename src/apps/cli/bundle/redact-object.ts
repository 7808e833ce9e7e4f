import { parseExactJson } from '#kit/exact-json.ts';
import { isRecord } from '#kit/json.ts';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
/** Fields, settings and variables that hold a credential where their value is a text. */
const CREDENTIAL =
  /(?:^|[-_.]|[a-z](?=[A-Z]))(?:password|passwd|passphrase|token|secret|(?:api|access|secret|private|encryption)[-_]?key|credentials?)$/i;

/** What is hidden of an object, and the secret values that were found on the way. */
export interface Redacted {
  readonly object: unknown;
  /** In the clear, so that they can be found elsewhere. */
  readonly values: readonly string[];
}

/** A stored object without secrets: data of Secrets, literal credentials of fields and variables; also in what kubectl keeps as last applied. */
export function redactObject(object: unknown): Redacted {
  const values: string[] = [];
  return { object: redact(object, values), values };
}

function redact(object: unknown, values: string[]): unknown {
  return isRecord(object) && object['kind'] === 'Secret' ? redactSecret(object, values) : redactFields(object, values);
}

/** Keys of Secrets whose values everybody knows: they are hidden in the Secret alone, because the same words stand everywhere. */
const PUBLIC: ReadonlySet<string> = new Set(['namespace', 'ca.crt', 'tls.crt']);

function redactSecret(secret: Record<string, unknown>, values: string[]): unknown {
  const { data, stringData, ...rest } = secret;
  const keep = ([key, value]: readonly [string, unknown], decode: (text: string) => string): string => {
    const text = typeof value === 'string' ? decode(value) : '';
    if (!PUBLIC.has(key)) values.push(text);
    return `[redacted, ${Buffer.byteLength(text)} bytes]`;
  };
  const hide = (fields: unknown, decode: (text: string) => string): unknown =>
    isRecord(fields) ? Object.fromEntries(Object.entries(fields).map((entry) => [entry[0], keep(entry, decode)])) : fields;
  return {
    ...Object(redactFields(rest, values)),
    ...(data === undefined ? {} : { data: hide(data, (text) => Buffer.from(text, 'base64').toString('utf8')) }),
    ...(stringData === undefined ? {} : { stringData: hide(stringData, (text) => text) }),
  };
}

function redactFields(value: unknown, values: string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => redactFields(item, values));
  if (!isRecord(value)) return value;
  const isCredential = typeof value['name'] === 'string' && CREDENTIAL.test(value['name']);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (key === LAST_APPLIED) return [key, redactText(inner, values)];
      if (typeof inner === 'string' && (CREDENTIAL.test(key) || (key === 'value' && isCredential))) {
        values.push(inner);
        return [key, '[redacted]'];
      }
      return [key, redactFields(inner, values)];
    }),
  );
}

function redactText(text: unknown, values: string[]): string {
  try {
    return JSON.stringify(redact(parseExactJson(String(text)), values));
  } catch {
    // why: what can't be read can't be known to be harmless
    return '[redacted]';
  }
}
