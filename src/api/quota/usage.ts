import { compareQuantity, parseQuantity, type Quantity, quantityOfBytes, quantityToBigInt } from '#kit/quantity.ts';
import { trusted } from '#kit/json.ts';
import type { DeletedClaim } from '../generated/definitions.ts';
import type { PersistentVolumeClaim, Pod, Service } from '../generated/kubernetes.ts';
import type { KubeObject } from '../meta/object.ts';
import { type Amounts, podAmounts } from '../pod-resources.ts';

/** How much of a namespace's quotas one object takes, by the names of `spec.hard`. */
export type QuotaUsage = Amounts;

const ONE: Quantity = { mantissa: 1n, exponent: 0, format: 'DecimalSI' };
/** Resources that a quota may name without `count/` in front (quota/v1/evaluator/core). */
const PLAIN_COUNTS: ReadonlySet<string> = new Set(['configmaps', 'secrets', 'resourcequotas', 'replicationcontrollers']);
/** Claims that were deleted and can be brought back: their volumes are still there (VOL-20). */
export const DELETED_CLAIMS = 'deletedclaims.volumes.stowage.dev';
const CLAIMS = 'persistentvolumeclaims';
const CLASS_SUFFIX = '.storageclass.storage.k8s.io/';
/** Resources whose requests a quota limits under their bare name, too. */
const BARE_REQUESTS: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage']);

/** What an object of a resource (`pods`, `jobs.batch`) takes of a quota. */
export function usageOf(resource: string, object: KubeObject): QuotaUsage {
  // why trusted: the server stores under a resource only objects of its kind
  if (resource === CLAIMS) return claimUsage(trusted<PersistentVolumeClaim>(object));
  const count = { [`count/${resource}`]: ONE };
  if (resource === DELETED_CLAIMS) return { ...count, ...deletedClaimUsage(trusted<DeletedClaim>(object)) };
  switch (resource) {
    case 'pods':
      return { ...count, ...podUsage(trusted<Pod>(object)) };
    case 'services':
      return { ...count, ...serviceUsage(trusted<Service>(object)) };
    default:
      return PLAIN_COUNTS.has(resource) ? { ...count, [resource]: ONE } : count;
  }
}

/** The resources whose objects count for what a quota limits. */
export function countedResources(hardNames: readonly string[]): readonly string[] {
  return [...new Set(hardNames.flatMap(resourcesCountedBy))];
}

function resourcesCountedBy(name: string): readonly string[] {
  if (name.startsWith('count/')) return [name.slice('count/'.length)];
  if (name === CLAIMS || name === 'requests.storage' || name.includes(CLASS_SUFFIX)) return [CLAIMS, DELETED_CLAIMS];
  if (name === 'services' || name.startsWith('services.')) return ['services'];
  return [PLAIN_COUNTS.has(name) ? name : 'pods'];
}

/** True for a pod that has ended: it counts for `count/pods` only. */
export function isPodOver({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

function podUsage(pod: Pod): QuotaUsage {
  if (isPodOver(pod)) return {};
  const requests = Object.entries(podAmounts(pod, 'requests'));
  const limits = Object.entries(podAmounts(pod, 'limits'));
  return {
    pods: ONE,
    ...Object.fromEntries(requests.map(([name, amount]) => [`requests.${name}`, amount])),
    ...Object.fromEntries(requests.filter(([name]) => BARE_REQUESTS.has(name) || name.startsWith('hugepages-'))),
    ...Object.fromEntries(limits.map(([name, amount]) => [`limits.${name}`, amount])),
  };
}

function claimUsage({ spec, status }: PersistentVolumeClaim): QuotaUsage {
  const size = largerOf(spec?.resources?.requests?.['storage'], status?.allocatedResources?.['storage']);
  return { 'count/persistentvolumeclaims': ONE, ...storageUsage(size, spec?.storageClassName) };
}

function deletedClaimUsage({ spec }: DeletedClaim): QuotaUsage {
  return storageUsage(wholeBytes(spec.storage), spec.storageClassName);
}

function storageUsage(size: Quantity, className = ''): QuotaUsage {
  const all = { persistentvolumeclaims: ONE, 'requests.storage': size };
  if (className === '') return all;
  return { ...all, [`${className}${CLASS_SUFFIX}persistentvolumeclaims`]: ONE, [`${className}${CLASS_SUFFIX}requests.storage`]: size };
}

/** In whole bytes; a claim that failed to grow still holds what was given to it. */
function largerOf(asked: string | undefined, given: string | undefined): Quantity {
  const first = wholeBytes(asked ?? '0');
  if (given === undefined) return first;
  const second = wholeBytes(given);
  return compareQuantity(first, second) >= 0 ? first : second;
}

/** Sizes that were read lately, by their text: claims ask for few different ones, and each write of one reads it. */
const SIZES = new Map<string, Quantity>();
const MAX_SIZES = 1_000;

function wholeBytes(text: string): Quantity {
  const known = SIZES.get(text);
  if (known !== undefined) return known;
  const parsed = parseQuantity(text);
  const size = quantityOfBytes(parsed.ok ? quantityToBigInt(parsed.value) : 0n);
  if (SIZES.size >= MAX_SIZES) SIZES.clear();
  SIZES.set(text, size);
  return size;
}

function serviceUsage({ spec }: Service): QuotaUsage {
  const isBalanced = spec.type === 'LoadBalancer';
  const hasNodePorts = spec.type === 'NodePort' || (isBalanced && spec.allocateLoadBalancerNodePorts !== false);
  const ports = BigInt(hasNodePorts ? (spec.ports ?? []).length : 0);
  return {
    services: ONE,
    'services.nodeports': { ...ONE, mantissa: ports },
    'services.loadbalancers': { ...ONE, mantissa: isBalanced ? 1n : 0n },
  };
}
