import type { Pod, Toleration } from '#api/generated/kubernetes.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { pods } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../contract/admission.ts';

/** How long a pod bears that its node is silent (kube-apiserver `--default-not-ready-toleration-seconds` and `--default-unreachable-toleration-seconds`). */
const TOLERATION_SEC = 300;
const KEYS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'] as const;

/** The admission plugin `DefaultTolerationSeconds`: a pod that does not say otherwise bears a node that is not ready, or not reached, for five minutes. */
export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  // why updates too: a client may send the tolerations that it wants, without these
  mutate({ verb, kind, subresource, object }: AdmissionRequest): KubeObject | undefined {
    if (verb === 'delete' || kind.resource !== pods || subresource !== '' || object === undefined) return undefined;
    // why trusted: the server has checked the object against the schema of the resource that was just compared
    const pod = trusted<Pod>(object);
    const own = pod.spec.tolerations ?? [];
    const missing = KEYS.filter((key) => !own.some((toleration) => covers(toleration, key)));
    if (missing.length === 0) return undefined;
    const added = missing.map((key): Toleration => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: TOLERATION_SEC }));
    return trusted<KubeObject>({ ...pod, spec: { ...pod.spec, tolerations: [...own, ...added] } });
  },
};

function covers({ key = '', effect = '' }: Toleration, wanted: string): boolean {
  return (key === '' || key === wanted) && (effect === '' || effect === 'NoExecute');
}
