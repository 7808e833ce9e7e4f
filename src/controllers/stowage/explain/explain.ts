import type { Explanation } from '#api/explanation.ts';
import type { ObjectKey } from '#api/meta/object.ts';
import type { Client } from '#machinery/client/client.ts';
import { explainClaim } from './explain-claim.ts';
import { explainPod } from './explain-pod.ts';
import { readCluster } from './read-cluster.ts';

/** What can be explained. */
export type Explainable = 'claim' | 'pod';

/** Why a claim or pod is as it is, from what the client's user may see. @throws ApiError where he may not list what it takes */
export async function explain(client: Client, kind: Explainable, key: ObjectKey): Promise<Explanation> {
  if (kind === 'claim') return explainClaim(key, await readCluster(client, key.namespace, 'namespace'));
  // why: other namespaces' pods take their part of the nodes
  return explainPod(key, await readCluster(client, key.namespace, 'cluster'));
}
