import type { Container, ObjectFieldSelector, Pod, ResourceFieldSelector } from '#api/generated/kubernetes.ts';
import { PlatformError } from '#kit/errors.ts';
import { parseQuantity, quantityToBigInt } from '#kit/quantity.ts';

/** What of the node the downward API may show. */
export interface NodeFacts {
  readonly hostIp: string;
  readonly cpus: number;
  readonly memoryBytes: bigint;
}

/** The text of a `fieldRef`. Pure. @throws FieldNotSupported for a path that the downward API does not have */
export function fieldValue(pod: Pod, selector: ObjectFieldSelector, node: NodeFacts): string {
  const path = selector.fieldPath;
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path);
  if (keyed !== null) return pod.metadata[keyed[1] === 'labels' ? 'labels' : 'annotations']?.[keyed[2] ?? ''] ?? '';
  const simple = SIMPLE_FIELDS[path];
  if (simple === undefined) throw new FieldNotSupported(path);
  return simple(pod, node);
}

const SIMPLE_FIELDS: Readonly<Record<string, (pod: Pod, node: NodeFacts) => string>> = {
  'metadata.name': (pod) => pod.metadata.name,
  'metadata.namespace': (pod) => pod.metadata.namespace ?? '',
  'metadata.uid': (pod) => pod.metadata.uid,
  'metadata.labels': (pod) => formatMap(pod.metadata.labels),
  'metadata.annotations': (pod) => formatMap(pod.metadata.annotations),
  'spec.nodeName': (pod) => pod.spec.nodeName ?? '',
  'spec.serviceAccountName': (pod) => pod.spec.serviceAccountName ?? '',
  'status.hostIP': (_, node) => node.hostIp,
  'status.hostIPs': (_, node) => node.hostIp,
  'status.podIP': (pod, node) => (pod.spec.hostNetwork === true ? node.hostIp : (pod.status?.podIP ?? '')),
  'status.podIPs': (pod, node) => (pod.spec.hostNetwork === true ? node.hostIp : (pod.status?.podIP ?? '')),
};

/** The number of a `resourceFieldRef` in units of its divisor, rounded up; a missing limit means what the node has. Pure. */
export function resourceValue(pod: Pod, container: Container, selector: ResourceFieldSelector & { readonly node: NodeFacts }): string {
  const all = [...pod.spec.containers, ...(pod.spec.initContainers ?? [])];
  const source = selector.containerName === undefined ? container : all.find((other) => other.name === selector.containerName);
  const [group, name] = selector.resource.split('.');
  if (source === undefined || name === undefined || (group !== 'limits' && group !== 'requests'))
    throw new FieldNotSupported(selector.resource);
  const text = source.resources?.[group]?.[name] ?? nodeDefault(name, selector.node);
  const divisor = selector.divisor === undefined || selector.divisor === '0' ? '1' : selector.divisor;
  return String(divideUp(nano(text), nano(divisor)));
}

function nodeDefault(name: string, node: NodeFacts): string {
  if (name === 'cpu') return String(node.cpus);
  return name === 'memory' ? String(node.memoryBytes) : '0';
}

/** Units of 10^-9, the finest that the API keeps, so that the division is exact. */
function nano(text: string): bigint {
  const parsed = parseQuantity(text);
  if (!parsed.ok) throw new FieldNotSupported(text);
  return quantityToBigInt({ ...parsed.value, exponent: parsed.value.exponent + 9 });
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return divisor === 0n ? 0n : (dividend + divisor - 1n) / divisor;
}

/** `key="value"` lines in order of keys, as the downward API writes maps. */
function formatMap(map: Readonly<Record<string, string>> | undefined): string {
  const keys = Object.keys(map ?? {}).sort();
  return keys.map((key) => `${key}=${JSON.stringify(map?.[key] ?? '')}`).join('\n');
}

class FieldNotSupported extends PlatformError {
  constructor(path: string) {
    super({
      code: 'FailedPrecondition',
      reason: 'CreateContainerConfigError',
      message: `the field ${JSON.stringify(path)} is not one that a pod can see; use for example metadata.name, metadata.labels['KEY'], spec.nodeName, limits.memory`,
    });
  }
}
