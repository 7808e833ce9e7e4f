import {
  csiDrivers,
  csiNodes,
  csiStorageCapacities,
  events,
  namespaces,
  nodes,
  persistentVolumeClaims,
  persistentVolumes,
  pods,
  resourceQuotas,
  storageClasses,
  volumeAttachments,
  volumeAttributesClasses,
} from '#api/resources.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { hasCode } from '#kit/errors.ts';
import type { Client } from '#machinery/client/client.ts';
import type { Cluster } from './explanation.ts';

/**
 * Everything that explanations of objects in `namespace` are made from, as the client's user may see it. `scope` `cluster` asks for the claims and pods
 * of all namespaces too, which tell what is taken of the nodes; where he may not see those, his own namespace's are read. @throws ApiError where he may not list something else
 */
export async function readCluster(client: Client, namespace: string, scope: 'namespace' | 'cluster'): Promise<Cluster> {
  const all = async <K extends KubeObject>(resource: Resource<K>): Promise<readonly K[]> => (await client.list(resource)).items;
  const own = async <K extends KubeObject>(resource: Resource<K>): Promise<readonly K[]> =>
    (await client.list(resource, { namespace })).items;
  const [shared, inNamespace, everything] = await Promise.all([
    Promise.all([
      all(persistentVolumes),
      all(storageClasses),
      all(nodes),
      all(csiNodes),
      all(csiDrivers),
      all(csiStorageCapacities),
      all(volumeAttachments),
      all(volumeAttributesClasses),
    ]),
    Promise.all([own(resourceQuotas), own(events)]),
    scope === 'cluster' ? unlessForbidden(Promise.all([all(persistentVolumeClaims), all(pods), all(namespaces)])) : undefined,
  ]);
  const [volumes, classes, nodeList, csiNodeList, drivers, capacities, attachments, attributesClasses] = shared;
  const [quotas, eventList] = inNamespace;
  const [claims, podList, namespaceList] = everything ?? [...(await Promise.all([own(persistentVolumeClaims), own(pods)])), []];
  return {
    seesEverything: everything !== undefined,
    namespaces: namespaceList,
    claims,
    volumes,
    classes,
    pods: podList,
    nodes: nodeList,
    csiNodes: csiNodeList,
    csiDrivers: drivers,
    capacities,
    attachments,
    attributesClasses,
    quotas,
    events: eventList,
  };
}

async function unlessForbidden<T>(listed: Promise<T>): Promise<T | undefined> {
  try {
    return await listed;
  } catch (thrown) {
    if (hasCode(thrown, 'PermissionDenied')) return undefined;
    throw thrown;
  }
}
