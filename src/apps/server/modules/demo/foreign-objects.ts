import type { KubeObject } from '#api/meta/object.ts';
import {
  configMaps,
  cronJobs,
  daemonSets,
  deployments,
  jobs,
  persistentVolumeClaims,
  pods,
  secrets,
  services,
  statefulSets,
} from '#api/resources.ts';
import type { UsesReader } from '#controllers/stowage/plugins/plugin.ts';
import { objectsInWords } from '#controllers/stowage/plugins/words.ts';

/** Where the sample lives. */
export const DEMO_NAMESPACE = 'demo';

const LOOKED_AT = [
  persistentVolumeClaims,
  deployments,
  statefulSets,
  daemonSets,
  jobs,
  cronJobs,
  pods,
  services,
  configMaps,
  secrets,
] as const;
/** What is in the namespace by the sample itself, and by the cluster: its set, its claims, and the certificate that each namespace has. */
const OWN = /^(?:writer|data-writer-\d+|kube-root-ca\.crt)$/;

/** What somebody else has put into the namespace of the sample, in words: it would go with the namespace. */
export async function foreignObjects({ instances }: Pick<UsesReader, 'instances'>): Promise<readonly string[]> {
  const found: string[] = [];
  for (const resource of LOOKED_AT) {
    const foreign = (await instances(resource)).filter(isForeign);
    if (foreign.length > 0) found.push(objectsInWords(resource, foreign));
  }
  return found;
}

function isForeign({ metadata: { namespace, name, ownerReferences = [] } }: KubeObject): boolean {
  // why not what has an owner: it goes with its owner, which is looked at
  return namespace === DEMO_NAMESPACE && ownerReferences.length === 0 && !OWN.test(name);
}
