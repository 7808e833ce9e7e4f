import { formatQuantity, parseQuantity } from '#kit/quantity.ts';
import type {
  ConfigMapKeySelector,
  DownwardAPIVolumeFile,
  EnvFromSource,
  EnvVarSource,
  ObjectFieldSelector,
  ResourceFieldSelector,
} from '../generated/kubernetes.ts';
import { invalid, notSupported, required } from '../meta/field-error.ts';
import type { FieldError } from '../meta/kind.ts';
import { configMapKey, dns1123Subdomain, environmentName, qualifiedName } from '../meta/validate-name.ts';

/** Fields of a pod that a variable may have (core validation `validEnvDownwardAPIFieldPathExpressions`), and a file of a volume. */
const OF_VARIABLE = [
  'metadata.name',
  'metadata.namespace',
  'metadata.uid',
  'spec.nodeName',
  'spec.serviceAccountName',
  'status.hostIP',
  'status.hostIPs',
  'status.podIP',
  'status.podIPs',
];
const OF_FILE = ['metadata.annotations', 'metadata.labels', 'metadata.name', 'metadata.namespace', 'metadata.uid'];
/** All that a reference may name, for one or the other (core pods helper `ConvertDownwardAPIFieldLabel`). */
const FIELDS = new Set([...OF_VARIABLE, ...OF_FILE, 'spec.restartPolicy', 'spec.schedulerName', 'status.phase', 'spec.host']);
const SUBSCRIPTED = ['metadata.annotations', 'metadata.labels'];
const AMOUNTS = ['cpu', 'ephemeral-storage', 'memory'];
const RESOURCES = ['limits', 'requests'].flatMap((list) => AMOUNTS.map((name) => `${list}.${name}`));
const DIVISORS = ['1', '1k', '1M', '1G', '1T', '1P', '1E', '1Ki', '1Mi', '1Gi', '1Ti', '1Pi', '1Ei'];
const CPU_DIVISORS = ['1m', '1'];

/** Faults of where a variable's value comes from, at `field`. */
export function validateValueSource(source: EnvVarSource, field: string): readonly FieldError[] {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = source;
  return [
    ...(fieldRef === undefined ? [] : validateFieldRef(fieldRef, { field: `${field}.fieldRef`, fields: OF_VARIABLE })),
    ...(resourceFieldRef === undefined ? [] : validateResourceRef(resourceFieldRef, `${field}.resourceFieldRef`)),
    ...(configMapKeyRef === undefined ? [] : validateKeyRef(configMapKeyRef, `${field}.configMapKeyRef`)),
    ...(secretKeyRef === undefined ? [] : validateKeyRef(secretKeyRef, `${field}.secretKeyRef`)),
  ];
}

/** Faults of objects whose keys become variables, at `field`. */
export function validateEnvFrom(sources: readonly EnvFromSource[], field: string): readonly FieldError[] {
  return sources.flatMap(({ prefix = '', configMapRef, secretRef }, index) => {
    const at = `${field}[${index}]`;
    const refs = Object.entries({ configMapRef, secretRef }).flatMap(([key, ref]) =>
      ref === undefined ? [] : [{ key, name: ref.name ?? '' }],
    );
    return [
      ...(prefix === '' ? [] : environmentName(prefix).map((fault) => invalid(`${at}.prefix`, prefix, fault))),
      ...refs.flatMap(({ key, name }) => (name === '' ? [required(`${at}.${key}.name`)] : validateName(name, `${at}.${key}.name`))),
      ...(refs.length === 0 ? [invalid(field, '', 'must specify one of: `configMapRef` or `secretRef`')] : []),
      ...(refs.length > 1 ? [invalid(field, '', 'may not have more than one field specified at a time')] : []),
    ];
  });
}

/** Faults of what a file of a volume says of its pod, at `field`; its path and mode are looked at as those of other files. */
export function validateDownwardFile({ fieldRef, resourceFieldRef }: DownwardAPIVolumeFile, field: string): readonly FieldError[] {
  if (fieldRef !== undefined) {
    const both =
      resourceFieldRef === undefined
        ? []
        : [invalid(field, 'resource', 'fieldRef and resourceFieldRef can not be specified simultaneously')];
    return [...validateFieldRef(fieldRef, { field: `${field}.fieldRef`, fields: OF_FILE }), ...both];
  }
  if (resourceFieldRef === undefined) return [required(field, 'one of fieldRef and resourceFieldRef is required')];
  const at = `${field}.resourceFieldRef`;
  return (resourceFieldRef.containerName ?? '') === ''
    ? [required(`${at}.containerName`), ...validateDivisor(resourceFieldRef, at)]
    : validateResourceRef(resourceFieldRef, at);
}

interface FieldPlace {
  readonly field: string;
  readonly fields: readonly string[];
}

function validateFieldRef(
  { apiVersion = '', fieldPath = '' }: Partial<ObjectFieldSelector>,
  { field, fields }: FieldPlace,
): readonly FieldError[] {
  const at = `${field}.fieldPath`;
  if (apiVersion === '') return [required(`${field}.apiVersion`)];
  if (fieldPath === '') return [required(at)];
  const { path = fieldPath, subscript } = /^(?<path>[^[]*)\['(?<subscript>.*)'\]$/.exec(fieldPath)?.groups ?? {};
  const wrong = whyNoField({ apiVersion, path, fieldPath, isPart: subscript !== undefined });
  if (wrong !== undefined) return [invalid(at, fieldPath, `error converting fieldPath: ${wrong}`)];
  if (subscript === undefined) return validateWhole(path === 'spec.host' ? 'spec.nodeName' : path, at, fields);
  const key = path === 'metadata.annotations' ? subscript.toLowerCase() : subscript;
  return qualifiedName(key).map((fault) => invalid(field, key, fault));
}

function validateWhole(path: string, field: string, fields: readonly string[]): readonly FieldError[] {
  return fields.includes(path) ? [] : [notSupported(field, path, fields)];
}

/** Why a reference names no field of a pod at all. */
function whyNoField(named: {
  readonly apiVersion: string;
  readonly path: string;
  readonly fieldPath: string;
  readonly isPart: boolean;
}): string | undefined {
  const { apiVersion, path, fieldPath, isPart } = named;
  if (apiVersion !== 'v1') return `unsupported pod version: ${apiVersion}`;
  if (isPart) return SUBSCRIPTED.includes(path) ? undefined : `field label does not support subscript: ${fieldPath}`;
  return FIELDS.has(path) ? undefined : `field label not supported: ${fieldPath}`;
}

function validateResourceRef(reference: ResourceFieldSelector, field: string): readonly FieldError[] {
  const resource: string | undefined = reference.resource;
  const at = `${field}.resource`;
  const isHuge = /^(?:limits|requests)\.hugepages-/.test(resource ?? '');
  if ((resource ?? '') === '') return [required(at), ...validateDivisor(reference, field)];
  const isKnown = isHuge || RESOURCES.includes(resource);
  return [...(isKnown ? [] : [notSupported(at, resource, RESOURCES)]), ...validateDivisor(reference, field)];
}

function validateDivisor({ resource, divisor }: Partial<ResourceFieldSelector>, field: string): readonly FieldError[] {
  const parsed = parseQuantity(divisor ?? '0');
  if (!parsed.ok || parsed.value.mantissa === 0n) return [];
  const isCpu = resource === 'limits.cpu' || resource === 'requests.cpu';
  const allowed = isCpu ? CPU_DIVISORS : DIVISORS;
  if (allowed.includes(formatQuantity(parsed.value))) return [];
  const name = resource?.replace(/^\w+\./, '') ?? '';
  return [invalid(`${field}.divisor`, resource, `only divisor's values ${allowed.join(', ')} are supported with the ${name} resource`)];
}

function validateKeyRef(reference: ConfigMapKeySelector, field: string): readonly FieldError[] {
  // why: a body may lack its key, whatever the type says
  const key: string | undefined = reference.key;
  return [
    ...validateName(reference.name ?? '', `${field}.name`),
    ...((key ?? '') === '' ? [required(`${field}.key`)] : configMapKey(key).map((fault) => invalid(`${field}.key`, key, fault))),
  ];
}

function validateName(name: string, field: string): readonly FieldError[] {
  return dns1123Subdomain(name).map((fault) => invalid(field, name, fault));
}
