import type { Explanation } from '#api/explanation.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { namespaces, nodes, persistentVolumeClaims, persistentVolumes, pods, storageClasses } from '#api/resources.ts';
import type { Cluster } from './cluster.ts';
import { withDeletedClaims } from './deleted-claims.ts';
import { explainClaim } from './explain-claim.ts';
import { explainNamespace } from './explain-namespace.ts';
import { explainNode } from './explain-node.ts';
import { explainPod } from './explain-pod.ts';
import { explainStorageClass } from './explain-storage-class.ts';
import { explainVolume } from './explain-volume.ts';
import type { KindExplainer } from './explained-kind.ts';
import type { Scope } from './sight.ts';
import { withSnapshot } from './snapshot-finding.ts';

/** What it takes to explain a kind from what a user may see of the cluster. */
interface Facts {
  readonly explain: (key: ObjectKey, cluster: Cluster) => Explanation;
  /** Of which namespace claims and pods are looked at. */
  readonly scope: Scope;
  /** Where events and quotas are looked for. */
  readonly namespaceOf: (key: ObjectKey) => string;
}

const inItsOwn = ({ namespace }: ObjectKey): string => namespace;
/** Events about what has no namespace are in `default` (kubernetes client-go tools/record). */
const inDefault = (): string => 'default';

function explainer(resource: Resource, { explain, scope, namespaceOf }: Facts): KindExplainer {
  return { resource, explain: async (key, { see }) => explain(key, await see({ namespace: namespaceOf(key), scope })) };
}

/** Of claims. One that waits for its snapshot says why that is not ready; one that was deleted, how it comes back. */
export const claimExplainer: KindExplainer = {
  resource: persistentVolumeClaims,
  explain: async (key, { client, see }) => {
    const cluster = await see({ namespace: key.namespace, scope: 'namespace' });
    const explanation = withDeletedClaims(explainClaim(key, cluster), key, cluster);
    return explanation.state === 'fine' ? explanation : withSnapshot(explanation, cluster.claims.get(key), client);
  },
};

/** Of pods. Why of the whole cluster: other namespaces' pods take their part of the nodes. */
export const podExplainer = explainer(pods, { explain: explainPod, scope: 'cluster', namespaceOf: inItsOwn });

/** Of volumes. */
export const volumeExplainer = explainer(persistentVolumes, {
  explain: ({ name }, cluster) => explainVolume(name, cluster),
  scope: 'beside',
  namespaceOf: inDefault,
});

/** Of StorageClasses. */
export const classExplainer = explainer(storageClasses, {
  explain: ({ name }, cluster) => explainStorageClass(name, cluster),
  scope: 'beside',
  namespaceOf: inDefault,
});

/** Of nodes. */
export const nodeExplainer = explainer(nodes, {
  explain: ({ name }, cluster) => explainNode(name, cluster),
  scope: 'beside',
  namespaceOf: inDefault,
});

/** Of namespaces. */
export const namespaceExplainer = explainer(namespaces, {
  explain: ({ name }, cluster) => withDeletedClaims(explainNamespace(name, cluster), { namespace: name, name: '' }, cluster),
  scope: 'cluster',
  namespaceOf: ({ name }) => name,
});
