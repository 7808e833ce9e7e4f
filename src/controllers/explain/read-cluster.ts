import {
  csiDrivers,
  csiNodes,
  csiStorageCapacities,
  events,
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
import type { Client } from '#machinery/client/client.ts';
import type { Cluster } from './explanation.ts';

/** Everything that explanations of objects in `namespace` are made from, as the client's user may see it. @throws ApiError where he may not list something */
export async function readCluster(client: Client, namespace: string): Promise<Cluster> {
  const all = async <K extends KubeObject>(resource: Resource<K>): Promise<readonly K[]> => (await client.list(resource)).items;
  const own = async <K extends KubeObject>(resource: Resource<K>): Promise<readonly K[]> =>
    (await client.list(resource, { namespace })).items;
  const [shared, inNamespace] = await Promise.all([
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
    Promise.all([own(persistentVolumeClaims), own(pods), own(resourceQuotas), own(events)]),
  ]);
  const [volumes, classes, nodeList, csiNodeList, drivers, capacities, attachments, attributesClasses] = shared;
  const [claims, podList, quotas, eventList] = inNamespace;
  return {
    claims,
    volumes,
    classes,
    pods: podList,
    nodes: nodeList,
    csiNodes: csiNodeList,
    csiDrivers: drivers,
    capacities,
    attributesClasses,
    attachments,
    quotas,
    events: eventList,
  };
}
