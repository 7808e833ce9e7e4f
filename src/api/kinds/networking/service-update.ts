import type { Service, ServicePort, ServiceSpec } from '../../generated/kubernetes.ts';
import { deepEqual } from '#kit/json.ts';
import { without, withMember } from '../defaulting.ts';

/**
 * What was given to a service stays its own where an update says nothing of it, and goes with the type that needed it
 * (core registry service `patchAllocatedValues`, `normalizeClusterIPs`, `dropTypeDependentFields`).
 */
export function carryAllocated(next: Service, previous: Service): Service {
  const before = previous.spec;
  // why: a body may lack its spec, which says the same as an empty one
  const given: ServiceSpec | undefined = next.spec;
  const spec = dropOfType(normalizeAddresses(keepAllocated(given ?? {}, before), before), before);
  const { status } = next;
  return { ...next, spec, ...(spec.type === 'LoadBalancer' || status === undefined ? {} : { status: { ...status, loadBalancer: {} } }) };
}

type Needs = (spec: ServiceSpec) => boolean;

/** What stays where an update leaves it out, as long as the service needs it before and after. */
const KEPT: readonly (readonly [Needs, readonly (keyof ServiceSpec)[]])[] = [
  [needsAddress, ['clusterIP', 'clusterIPs', 'ipFamilyPolicy']],
  [needsHealthCheck, ['healthCheckNodePort']],
];

/** What goes once the service needs it no longer: each group together. */
const DROPPED: readonly (readonly [Needs, readonly (keyof ServiceSpec)[]])[] = [
  [needsAddress, ['clusterIP', 'clusterIPs']],
  [needsAddress, ['ipFamilies']],
  [needsAddress, ['ipFamilyPolicy']],
  [needsHealthCheck, ['healthCheckNodePort']],
  [isBalanced, ['allocateLoadBalancerNodePorts']],
  [isBalanced, ['loadBalancerClass']],
  [isReachedFromOutside, ['externalTrafficPolicy']],
];

function keepAllocated(next: ServiceSpec, before: ServiceSpec): ServiceSpec {
  const keys = KEPT.flatMap(([needs, names]) => (needs(before) && needs(next) ? names : []));
  const kept = keys.filter((key) => isEmpty(next[key]) && !isEmpty(before[key])).map((key) => [key, before[key]]);
  const spec: ServiceSpec = { ...next, ...Object.fromEntries(kept) };
  return isGivenNodePorts(before) && isGivenNodePorts(spec) ? keepNodePorts(spec, before) : spec;
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === '' || value === 0 || (Array.isArray(value) && value.length === 0);
}

/** A port keeps its port of the nodes by its name, unless another port took that one. */
function keepNodePorts(next: ServiceSpec, before: ServiceSpec): ServiceSpec {
  const ofBefore = nodePortsOf(before);
  const used = new Set([...nodePortsOf(next)].filter((port) => ofBefore.has(port)));
  const known = new Map((before.ports ?? []).map(({ name = '', nodePort = 0 }) => [name, nodePort]));
  const keep = (port: ServicePort): ServicePort => {
    const old = known.get(port.name ?? '') ?? 0;
    return (port.nodePort ?? 0) !== 0 || old === 0 || used.has(old) ? port : { ...port, nodePort: old };
  };
  return withMember(next, 'ports', (ports) => ports.map(keep));
}

/** `clusterIP` as older clients write it, which know nothing of `clusterIPs`. */
function normalizeAddresses(next: ServiceSpec, before: ServiceSpec): ServiceSpec {
  const { clusterIP = '', clusterIPs = [] } = next;
  const { clusterIP: old = '', clusterIPs: allOld = [] } = before;
  if (clusterIP === old) return clusterIPs.length === 0 && allOld.length > 0 ? { ...next, clusterIPs: allOld } : next;
  if (!deepEqual(clusterIPs, allOld)) return next;
  return clusterIP === '' ? without(next, 'clusterIPs') : { ...next, clusterIPs: [clusterIP] };
}

/** Only what is as before goes: what a client changed it means, and validation has the word. */
function dropOfType(next: ServiceSpec, before: ServiceSpec): ServiceSpec {
  const groups = DROPPED.filter(([needs]) => needs(before) && !needs(next)).map(([, names]) => names);
  const gone = groups.filter((names) => names.every((name) => deepEqual(next[name], before[name]))).flat();
  const spec = without(next, ...gone);
  const dropsPorts = hasNodePorts(before) && !hasNodePorts(next) && nodePortsOf(next).isSubsetOf(nodePortsOf(before));
  return dropsPorts ? withMember(spec, 'ports', (ports) => ports.map((port) => without(port, 'nodePort'))) : spec;
}

function nodePortsOf({ ports = [] }: ServiceSpec): ReadonlySet<number> {
  return new Set(ports.map(({ nodePort = 0 }) => nodePort).filter((nodePort) => nodePort !== 0));
}

function needsAddress({ type }: ServiceSpec): boolean {
  return type !== 'ExternalName';
}

function isBalanced({ type }: ServiceSpec): boolean {
  return type === 'LoadBalancer';
}

function hasNodePorts({ type }: ServiceSpec): boolean {
  return type === 'NodePort' || type === 'LoadBalancer';
}

function isGivenNodePorts(spec: ServiceSpec): boolean {
  return hasNodePorts(spec) && !(spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts === false);
}

/** True for a service whose balancer asks each node for its health (pkg/api/service `NeedsHealthCheck`). */
export function needsHealthCheck({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local';
}

/** pkg/api/service `ExternallyAccessible`. */
export function isReachedFromOutside(spec: ServiceSpec): boolean {
  return hasNodePorts(spec) || ((spec.type ?? 'ClusterIP') === 'ClusterIP' && (spec.externalIPs ?? []).length > 0);
}
