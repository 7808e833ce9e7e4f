/** Labels of the domains kubernetes.io and k8s.io that a node may set on itself (k8s.io/kubelet well_known_labels.go). */
const OWN_LABELS: ReadonlySet<string> = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/instance-type',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
]);
const OWN_DOMAINS = ['kubelet.kubernetes.io', 'node.kubernetes.io'];
const RESTRICTED_DOMAIN = 'node-restriction.kubernetes.io';

type Labels = Readonly<Record<string, string>>;

/** Labels that differ and that no node may change on itself: by them administrators steer who runs where. */
export function forbiddenLabels(next: Labels = {}, previous: Labels = {}): readonly string[] {
  const changed = [...new Set([...Object.keys(next), ...Object.keys(previous)])].filter((label) => next[label] !== previous[label]);
  return changed.filter(isForbidden).toSorted();
}

function isForbidden(label: string): boolean {
  const slash = label.indexOf('/');
  const domain = slash < 0 ? '' : label.slice(0, slash);
  if (isWithin(domain, RESTRICTED_DOMAIN)) return true;
  const isReserved = isWithin(domain, 'kubernetes.io') || isWithin(domain, 'k8s.io');
  return isReserved && !OWN_LABELS.has(label) && !OWN_DOMAINS.some((own) => isWithin(domain, own));
}

function isWithin(domain: string, parent: string): boolean {
  return domain === parent || domain.endsWith(`.${parent}`);
}
