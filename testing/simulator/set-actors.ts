import type { StatefulSet, StatefulSetSpec } from '#api/generated/kubernetes.ts';
import type { Draft } from '#api/meta/object.ts';
import { statefulSets } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import type { Client } from '#machinery/client/client.ts';
import { aClaim } from '#testing/builders/claim.ts';
import { aPod } from '#testing/builders/pod.ts';
import { aStatefulSet } from '#testing/builders/workloads.ts';
import { SETS, type Step } from './step.ts';

/** Where everything of tenants is. */
export const NAMESPACE = 'default';
/** Claims of a StatefulSet are called so, and then like their pod. */
export const CLAIM_OF_SET = 'data';
/** What all pods of the simulation have in common. */
export const POD_SPEC = { automountServiceAccountToken: false, terminationGracePeriodSeconds: 2 } as const;

/** Asks for what a step says of a StatefulSet. @throws ApiError */
export function requestOfSet(users: Client, step: Extract<Step, { do: 'createSet' | 'scaleSet' | 'deleteSet' }>): Promise<unknown> {
  const key = { namespace: NAMESPACE, name: step.name };
  if (step.do === 'createSet') return users.create(statefulSets, setDraft(step));
  if (step.do === 'deleteSet') return users.delete(statefulSets, key);
  return users.patch(statefulSets, { key, patch: { type: 'merge', body: { spec: { replicas: step.replicas } } } });
}

function setDraft({ name, replicas, className }: Extract<Step, { do: 'createSet' }>): Draft<StatefulSet> {
  const labels = { set: name };
  const { spec } = aPod({ container: { volumeMounts: [{ name: CLAIM_OF_SET, mountPath: '/data' }] }, spec: POD_SPEC });
  const template = aClaim({ name: CLAIM_OF_SET, storageClassName: className, size: '16Mi' });
  // why trusted: what is in a template has no metadata but its name and labels, though its type asks for it
  const parts = trusted<Pick<StatefulSetSpec, 'template' | 'volumeClaimTemplates'>>({
    template: { metadata: { labels }, spec },
    volumeClaimTemplates: [template],
  });
  const persistentVolumeClaimRetentionPolicy = SETS[name];
  const own = { replicas, serviceName: name, selector: { matchLabels: labels }, persistentVolumeClaimRetentionPolicy };
  return aStatefulSet({ name, spec: { ...own, ...parts } });
}
