import { type Explanation, type Words, wordsText } from '#api/explanation.ts';
import type { PersistentVolumeClaim, Pod } from '#api/generated/kubernetes.ts';
import { wantsGrowth } from '#api/storage/growth.ts';
import { targetAttributesClassOf } from '#api/storage/modification.ts';
import { keyOf } from '#api/meta/object.ts';
import { explainClaim } from './explain-claim.ts';
import { explainPod } from './explain-pod.ts';
import type { Cluster } from './explanation.ts';

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

/** All claims and pods that wait, of those that are `wanted`, by what they wait for. Pure. */
export function waitingObjects(cluster: Cluster, wanted: (object: PersistentVolumeClaim | Pod) => boolean = () => true): Waiting {
  const claims = cluster.claims
    .filter((claim) => wanted(claim) && mayWait(claim))
    .map((claim) => ({ name: nameOf('pvc', claim), explain: () => explainClaim(keyOf(claim), cluster) }));
  const pods = cluster.pods
    .filter((pod) => wanted(pod) && mayBeUnwell(pod))
    .map((pod) => ({ name: nameOf('pod', pod), explain: () => explainPod(keyOf(pod), cluster) }));
  // why a share for each: thousands of claims are not to hide the pods
  const podShare = Math.min(pods.length, Math.max(MAX_LOOKED_AT / 2, MAX_LOOKED_AT - claims.length));
  const looked = [...claims.slice(0, MAX_LOOKED_AT - podShare), ...pods.slice(0, podShare)];
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
  return { groups: ordered, unlooked: claims.length + pods.length - looked.length };
}

/** What an explanation says beside whom it is about. */
function causeOf(summary: Words): Words {
  const { why } = summary.values;
  return typeof why === 'object' && 'code' in why ? why : { ...summary, values: { ...summary.values, object: '…' } };
}

function mayWait(claim: PersistentVolumeClaim): boolean {
  const { metadata, status } = claim;
  const isChanging = (status?.conditions ?? []).length > 0 || wantsGrowth(claim) || targetAttributesClassOf(claim) !== '';
  return status?.phase !== 'Bound' || metadata.deletionTimestamp !== undefined || isChanging;
}

function mayBeUnwell({ metadata, status }: Pod): boolean {
  if (metadata.deletionTimestamp !== undefined) return true;
  const { phase = 'Pending', conditions = [] } = status ?? {};
  // why not Failed: it is over, and who made it makes another where one is wanted
  return phase !== 'Succeeded' && phase !== 'Failed' && conditions.find(({ type }) => type === 'Ready')?.status !== 'True';
}

function nameOf(type: 'pvc' | 'pod', object: PersistentVolumeClaim | Pod): string {
  const { namespace, name } = keyOf(object);
  return `${type}/${name} -n ${namespace}`;
}
