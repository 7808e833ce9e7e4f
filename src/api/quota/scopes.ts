import { trusted } from '#kit/json.ts';
import type { DeletedClaim } from '../generated/definitions.ts';
import type { PersistentVolumeClaim, Pod, ResourceQuotaSpec } from '../generated/kubernetes.ts';
import type { KubeObject } from '../meta/object.ts';
import { qosClassOf } from '../pod-qos.ts';
import { DELETED_CLAIMS } from './usage.ts';

interface Requirement {
  readonly scopeName: string;
  readonly operator: string;
  readonly values?: readonly string[] | undefined;
}

/** True where the quota is for this object: all of its scopes hold (quota/v1/evaluator/core `podMatchesScopeFunc`). */
export function quotaMatches(spec: ResourceQuotaSpec, resource: string, object: KubeObject): boolean {
  if (spec.scopes === undefined && spec.scopeSelector === undefined) return true;
  const requirements: readonly Requirement[] = [
    ...(spec.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' })),
    ...(spec.scopeSelector?.matchExpressions ?? []),
  ];
  if (requirements.length === 0) return true;
  // why trusted: the server stores under a resource only objects of its kind
  switch (resource) {
    case 'pods':
      return requirements.every((requirement) => podMatches(trusted<Pod>(object), requirement));
    case 'persistentvolumeclaims':
      return requirements.every((requirement) => claimMatches(trusted<PersistentVolumeClaim>(object), requirement));
    case DELETED_CLAIMS:
      return requirements.every((requirement) => claimMatches(trusted<Pick<DeletedClaim, 'spec'>>(object), requirement));
    default:
      return false;
  }
}

/** What of a claim scopes are about. */
interface ClaimScopes {
  readonly spec: Pick<PersistentVolumeClaim['spec'], 'volumeAttributesClassName'>;
  readonly status?: PersistentVolumeClaim['status'];
}

function podMatches(pod: Pod, { scopeName, operator, values = [] }: Requirement): boolean {
  const isTerminating = pod.spec.activeDeadlineSeconds !== undefined;
  const isBestEffort = qosClassOf(pod) === 'BestEffort';
  switch (scopeName) {
    case 'Terminating':
      return isTerminating;
    case 'NotTerminating':
      return !isTerminating;
    case 'BestEffort':
      return isBestEffort;
    case 'NotBestEffort':
      return !isBestEffort;
    case 'PriorityClass':
      return namesMatch([pod.spec.priorityClassName ?? ''], operator, values);
    case 'CrossNamespacePodAffinity':
      return reachesOtherNamespaces(pod);
    default:
      return false;
  }
}

function claimMatches({ spec, status }: ClaimScopes, { scopeName, operator, values = [] }: Requirement): boolean {
  if (scopeName !== 'VolumeAttributesClass') return false;
  const names = [
    spec.volumeAttributesClassName,
    status?.currentVolumeAttributesClassName,
    status?.modifyVolumeStatus?.targetVolumeAttributesClassName,
  ];
  return namesMatch(
    names.map((name) => name ?? ''),
    operator,
    values,
  );
}

function namesMatch(names: readonly string[], operator: string, values: readonly string[]): boolean {
  const given = names.filter((name) => name !== '');
  switch (operator) {
    case 'Exists':
      return given.length > 0;
    case 'DoesNotExist':
      return given.length === 0;
    case 'In':
      return given.some((name) => values.includes(name));
    case 'NotIn':
      return !given.some((name) => values.includes(name));
    default:
      return false;
  }
}

function reachesOtherNamespaces({ spec: { affinity } }: Pod): boolean {
  return [affinity?.podAffinity, affinity?.podAntiAffinity].some((terms) =>
    [
      ...(terms?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
      ...(terms?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map(({ podAffinityTerm }) => podAffinityTerm),
    ].some(({ namespaces, namespaceSelector }) => (namespaces ?? []).length > 0 || namespaceSelector !== undefined),
  );
}
