import type { Pod, RuntimeClass, Toleration } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { pods, runtimeClasses } from '#api/resources.ts';
import { deepEqual, trusted } from '#kit/json.ts';
import { forbidden } from '../contract/status-error.ts';
import type { AdmissionPlugin, AdmissionRequest, StoreView } from '../contract/admission.ts';

/** The admission plugin `RuntimeClass`: a new pod has the overhead of its class, and goes where the class says; a class that is not there is refused. */
export const podRuntimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  mutate({ verb, kind, subresource, object, previous }: AdmissionRequest, view: StoreView): KubeObject | undefined {
    if (verb === 'delete' || kind.resource !== pods || subresource !== '' || object === undefined || previous !== undefined)
      return undefined;
    // why trusted: the server has checked the object against the schema of the resource that was just compared
    return trusted<KubeObject>(withClass(trusted<Pod>(object), view));
  },
};

function withClass(pod: Pod, view: StoreView): Pod {
  const { runtimeClassName: name = '' } = pod.spec;
  const found = name === '' ? undefined : view.get(runtimeClasses, { namespace: '', name });
  if (name !== '' && found === undefined) throw refused(pod, `RuntimeClass ${JSON.stringify(name)} not found`);
  return withScheduling(withOverhead(pod, found), found);
}

function withOverhead(pod: Pod, runtimeClass: RuntimeClass | undefined): Pod {
  const fixed = runtimeClass?.overhead?.podFixed;
  const given = pod.spec.overhead;
  const hasGiven = given !== undefined && Object.keys(given).length > 0;
  if (fixed === undefined) {
    if (hasGiven) throw refused(pod, 'Pod Overhead set without corresponding RuntimeClass defined Overhead');
    return pod;
  }
  if (hasGiven && !deepEqual(given, fixed)) throw refused(pod, "Pod's Overhead doesn't match RuntimeClass's defined Overhead");
  return { ...pod, spec: { ...pod.spec, overhead: fixed } };
}

function withScheduling(pod: Pod, runtimeClass: RuntimeClass | undefined): Pod {
  const { nodeSelector, tolerations = [] } = runtimeClass?.scheduling ?? {};
  if (nodeSelector === undefined && tolerations.length === 0) return pod;
  for (const [key, value] of Object.entries(nodeSelector ?? {})) {
    const own = pod.spec.nodeSelector?.[key];
    if (own === undefined || own === value) continue;
    throw refused(pod, `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`);
  }
  const selector = { ...pod.spec.nodeSelector, ...nodeSelector };
  return { ...pod, spec: { ...pod.spec, nodeSelector: selector, tolerations: merged(pod.spec.tolerations, tolerations) } };
}

function merged(own: readonly Toleration[] = [], more: readonly Toleration[] = []): readonly Toleration[] {
  return [...own, ...more.filter((toleration) => !own.some((other) => deepEqual(other, toleration)))];
}

function refused(pod: Pod, why: string): Error {
  return forbidden(pods, pod.metadata.name, `pod rejected: ${why}`);
}
