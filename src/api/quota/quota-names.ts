/** Which pods a quota may be for (core/v1 `ResourceQuotaScope`). */
export const QUOTA_SCOPES: readonly string[] = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
  'VolumeAttributesClass',
];

/** What a quota can limit beside names with a slash (core helper `IsStandardQuotaResourceName`). */
const STANDARD: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'ephemeral-storage',
  'requests.cpu',
  'requests.memory',
  'requests.storage',
  'requests.ephemeral-storage',
  'limits.cpu',
  'limits.memory',
  'limits.ephemeral-storage',
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);

/** True for a name without a slash that a quota can limit. */
export function isStandardQuotaName(name: string): boolean {
  return STANDARD.has(name) || name.startsWith('hugepages-') || name.startsWith('requests.hugepages-');
}

/** What there is only a whole number of (core helper `IsIntegerResourceName`). */
const COUNTED: ReadonlySet<string> = new Set([
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
]);

/** True for a name that stands for a number of things. */
export function isCountedQuotaName(name: string): boolean {
  return COUNTED.has(name);
}

const PODS = ['pods'];
const COMPUTE = ['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'];
const CLAIMS = ['persistentvolumeclaims', 'requests.storage'];

/** True where a quota of that scope can count the resource (core helper `IsResourceQuotaScopeValidForResource`); a scope that is none decides nothing. */
export function isCountedInScope(scope: string, name: string): boolean {
  if (!QUOTA_SCOPES.includes(scope) || !isStandardQuotaName(name)) return true;
  if (scope === 'VolumeAttributesClass') return CLAIMS.includes(name);
  return PODS.includes(name) || (scope !== 'BestEffort' && COMPUTE.includes(name));
}
