import { type Explanation, type Words, wordsText } from '#api/explanation.ts';
import type { PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { keyOf } from '#api/meta/object.ts';
import { explainClaim } from './explain-claim.ts';
import { explainPod } from './explain-pod.ts';
import type { Cluster } from './cluster.ts';
import { EVERYWHERE } from './cluster-parts.ts';

/** Objects that wait for the same. */
export interface WaitingGroup {
  readonly state: 'busy' | 'blocked';
  /** What they wait for. */
  readonly cause: Words;
  /** `pvc/NAME -n NAMESPACE` or `pod/…`, in order. */
  readonly objects: readonly string[];
  readonly remedies: readonly Words[];
}

/** All that waits. */
export interface Waiting {
  /** What needs somebody first, then the larger groups. */
  readonly groups: readonly WaitingGroup[];
  /** So many more were not looked at. */
  readonly unlooked: number;
}

/** Objects that are looked at one by one: each look goes over what is there. */
const MAX_LOOKED_AT = 500;

/** All claims and pods of `namespace` that wait (`''` = of all), by what they wait for. */
export function waitingObjects(cluster: Cluster, namespace: string): Waiting {
  const where = namespace === '' ? EVERYWHERE : namespace;
  const claimCount = cluster.claims.countByIndex('unsettled', where);
  const podCount = cluster.pods.countByIndex('unsettled', where);
  // why a share for each: thousands of claims are not to hide the pods
  const podShare = Math.min(podCount, Math.max(MAX_LOOKED_AT / 2, MAX_LOOKED_AT - claimCount));
  const claims = cluster.claims.byIndex('unsettled', where, MAX_LOOKED_AT - podShare);
  const pods = cluster.pods.byIndex('unsettled', where, podShare);
  const looked = [
    ...claims.map((claim) => ({ name: nameOf('pvc', claim), explain: () => explainClaim(keyOf(claim), cluster) })),
    ...pods.map((pod) => ({ name: nameOf('pod', pod), explain: () => explainPod(keyOf(pod), cluster) })),
  ];
  const groups = new Map<string, { readonly first: Explanation; readonly cause: Words; readonly objects: string[] }>();
  for (const { name, explain } of looked) {
    const explanation = explain();
    if (explanation.state === 'fine') continue;
    const cause = causeOf(explanation.summary);
    // why the remedies too: what helps one may not help another that waits for the same
    const key = [explanation.state, wordsText(cause, 'en'), ...explanation.remedies.map((remedy) => wordsText(remedy, 'en'))].join('\n');
    const group = groups.get(key) ?? { first: explanation, cause, objects: [] };
    group.objects.push(name);
    groups.set(key, group);
  }
  const list = [...groups.values()].map(({ first, cause, objects }): WaitingGroup => {
    const state = first.state === 'busy' ? 'busy' : 'blocked';
    return { state, cause, objects: objects.toSorted((a, b) => a.localeCompare(b)), remedies: first.remedies };
  });
  const ordered = list.toSorted((a, b) => (a.state === b.state ? b.objects.length - a.objects.length : a.state === 'blocked' ? -1 : 1));
  return { groups: ordered, unlooked: claimCount + podCount - looked.length };
}

/** What an explanation says beside whom it is about. */
function causeOf(summary: Words): Words {
  const { why } = summary.values;
  return typeof why === 'object' && 'code' in why ? why : { ...summary, values: { ...summary.values, object: '…' } };
}

function nameOf(type: 'pvc' | 'pod', object: PersistentVolumeClaim | Pod): string {
  const { namespace, name } = keyOf(object);
  return `${type}/${name} -n ${namespace}`;
}
