import type { Explanation } from '#api/explanation.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import type { Client } from '#machinery/client/client.ts';
import { explainClaim } from './explain-claim.ts';
import { explainNamespace } from './explain-namespace.ts';
import { explainNode } from './explain-node.ts';
import { explainPod } from './explain-pod.ts';
import { explainStorageClass } from './explain-storage-class.ts';
import { explainVolume } from './explain-volume.ts';
import type { Cluster } from './explanation.ts';
import { readCluster, type Scope } from './read-cluster.ts';
import { type Waiting, waitingObjects } from './waiting-objects.ts';

/** What can be explained. */
export type Explainable = 'claim' | 'pod' | 'volume' | 'class' | 'node' | 'namespace';

interface Explainer {
  readonly explain: (key: ObjectKey, cluster: Cluster) => Explanation;
  /** Of which namespace claims and pods are looked at. */
  readonly scope: Scope;
  /** Where events and quotas are looked for. */
  readonly namespaceOf: (key: ObjectKey) => string;
}

const inItsOwn = ({ namespace }: ObjectKey): string => namespace;
/** Events about what has no namespace are in `default` (kubernetes client-go tools/record). */
const inDefault = (): string => 'default';

const EXPLAINERS: Readonly<Record<Explainable, Explainer>> = {
  claim: { explain: explainClaim, scope: 'namespace', namespaceOf: inItsOwn },
  // why: other namespaces' pods take their part of the nodes
  pod: { explain: explainPod, scope: 'cluster', namespaceOf: inItsOwn },
  volume: { explain: ({ name }, cluster) => explainVolume(name, cluster), scope: 'beside', namespaceOf: inDefault },
  class: { explain: ({ name }, cluster) => explainStorageClass(name, cluster), scope: 'beside', namespaceOf: inDefault },
  node: { explain: ({ name }, cluster) => explainNode(name, cluster), scope: 'beside', namespaceOf: inDefault },
  namespace: { explain: ({ name }, cluster) => explainNamespace(name, cluster), scope: 'cluster', namespaceOf: ({ name }) => name },
};

/** Why an object is as it is, from what the client's user may see. @throws ApiError where he may not list what it takes */
export async function explain(client: Client, kind: Explainable, key: ObjectKey): Promise<Explanation> {
  const explainer = EXPLAINERS[kind];
  return explainer.explain(key, await readCluster(client, explainer.namespaceOf(key), explainer.scope));
}

/** All claims and pods that wait, in one namespace or (`''`) in all. @throws ApiError where the client's user may not list what it takes */
export async function whatWaits(client: Client, namespace: string): Promise<Waiting> {
  const cluster = await readCluster(client, namespace, 'cluster');
  if (namespace === '') return waitingObjects(cluster);
  return waitingObjects(cluster, ({ metadata }) => metadata.namespace === namespace);
}
