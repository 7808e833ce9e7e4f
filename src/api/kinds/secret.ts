import { isRecord } from '#kit/json.ts';
import type { Secret } from '../generated/kubernetes.ts';
import { invalid, required, tooLong } from '../meta/field-error.ts';
import type { FieldError, KindDefinition } from '../meta/kind.ts';
import { immutableField, validateMetadata } from '../meta/validate-metadata.ts';
import { configMapKey, dns1123Subdomain } from '../meta/validate-name.ts';
import { secrets } from '../resources.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import { without, withDefaults } from './defaulting.ts';
import { frozenDataFaults, MAX_DATA_BYTES, sizeOfBase64 } from './key-value-data.ts';

/** core/v1 Secret. */
export const secretKind: KindDefinition<Secret> = {
  resource: secrets,
  schema: 'io.k8s.api.core.v1.Secret',
  subresources: [],
  applyDefaults: (secret) => withDefaults(foldStringData(secret), { type: 'Opaque' }),
  prepareForCreate: (secret) => secret,
  validate: (secret) => [
    ...validateMetadata(secret.metadata, { isNamespaced: true, name: dns1123Subdomain }),
    ...Object.keys(secret.data ?? {}).flatMap((key) => configMapKey(key).map((fault) => invalid(`data[${key}]`, key, fault))),
    ...(sizeOfBase64(secret.data) > MAX_DATA_BYTES ? [tooLong('data', MAX_DATA_BYTES)] : []),
    ...validateType(secret),
  ],
  validateUpdate: (next, previous) => [
    ...immutableField(next.type, previous.type, 'type'),
    ...frozenDataFaults(next, previous, [['data', next.data, previous.data]]),
  ],
  selectableFields: { type: (secret) => secret.type ?? '' },
  columns: [
    nameColumn(),
    column({ name: 'Type', description: 'What the data is for; decides which keys must be there.' }, (secret) => secret.type ?? ''),
    column({ name: 'Data', type: 'integer', description: 'The number of entries.' }, (secret) => Object.keys(secret.data ?? {}).length),
    ageColumn(),
  ],
  initialFinalizers: [],
  deletionGraceSec: () => 0,
};

/** `stringData` is write-only: its texts become entries of `data` and win over them. */
function foldStringData(secret: Secret): Secret {
  const { stringData } = secret;
  if (stringData === undefined) return secret;
  const encoded = Object.entries(stringData).map(([key, text]): [string, string] => [key, encodeBase64(text)]);
  return { ...without(secret, 'stringData'), data: Object.fromEntries([...Object.entries(secret.data ?? {}), ...encoded]) };
}

function encodeBase64(text: string): string {
  const bytes = new TextEncoder().encode(text);
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** Keys that a type must have (core/v1 `SecretType…` constants). */
const REQUIRED_KEYS: ReadonlyMap<string, readonly string[]> = new Map([
  ['kubernetes.io/dockercfg', ['.dockercfg']],
  ['kubernetes.io/dockerconfigjson', ['.dockerconfigjson']],
  ['kubernetes.io/ssh-auth', ['ssh-privatekey']],
  ['kubernetes.io/tls', ['tls.crt', 'tls.key']],
]);
const SERVICE_ACCOUNT_NAME = 'kubernetes.io/service-account.name';

function validateType(secret: Secret): readonly FieldError[] {
  const type = secret.type ?? '';
  if (type === 'kubernetes.io/service-account-token') {
    const account = secret.metadata.annotations?.[SERVICE_ACCOUNT_NAME] ?? '';
    return account === '' ? [required(`metadata.annotations[${SERVICE_ACCOUNT_NAME}]`)] : [];
  }
  const has = (key: string): boolean => Object.hasOwn(secret.data ?? {}, key);
  if (type === 'kubernetes.io/basic-auth') {
    return has('username') || has('password') ? [] : [required('data[username]'), required('data[password]')];
  }
  const missing = (REQUIRED_KEYS.get(type) ?? []).filter((key) => !has(key));
  if (missing.length > 0) return missing.map((key) => required(`data[${key}]`));
  return type.startsWith('kubernetes.io/dockerc') ? validateDockerConfig(secret) : [];
}

function validateDockerConfig(secret: Secret): readonly FieldError[] {
  const [key = ''] = REQUIRED_KEYS.get(secret.type ?? '') ?? [];
  try {
    if (isRecord(JSON.parse(atob(secret.data?.[key] ?? '')))) return [];
  } catch {
    // why: anything that is no JSON object is the fault that is told below
  }
  return [invalid(`data[${key}]`, '<secret contents redacted>', 'must be a JSON object with the registries and their credentials')];
}
