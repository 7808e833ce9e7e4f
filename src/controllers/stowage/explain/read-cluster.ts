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
 * Everything that explanations of objects in `namespace` are made from, as far as the client's user may see it. `scope` `cluster` asks for the claims and pods
 * of all namespaces too. @throws ApiError where he may not list claims, pods, quotas or events of that namespace
 */
export async function readCluster(client: Client, namespace: string, scope: 'namespace' | 'cluster'): Promise<Cluster> {
  const unseen = new Set<string>();
  const own = async <K extends KubeObject>(resource: Resource<K>): Promise<readonly K[]> =>
    (await client.list(resource, { namespace })).items;
  const all = async <K extends KubeObject>(resource: Resource<K>): Promise<readonly K[] | undefined> => {
    try {
      return (await client.list(resource)).items;
    } catch (thrown) {
      if (!hasCode(thrown, 'PermissionDenied')) throw thrown;
      unseen.add(resource.plural);
      return undefined;
    }
  };
  const visible = async <K extends KubeObject>(resource: Resource<K>): Promise<readonly K[]> =>
    (scope === 'cluster' ? await all(resource) : undefined) ?? own(resource);
  const inNamespace = Promise.all([visible(persistentVolumeClaims), visible(pods), own(resourceQuotas), own(events)]);
  const shared = Promise.all([
    all(persistentVolumes),
    all(storageClasses),
    all(nodes),
    all(csiNodes),
    all(csiDrivers),
    all(csiStorageCapacities),
    all(volumeAttachments),
    all(volumeAttributesClasses),
    scope === 'cluster' ? all(namespaces) : undefined,
  ]);
  const [[claims, podList, quotas, eventList], known] = await Promise.all([inNamespace, shared]);
  const [volumes, classes, nodeList, csiNodeList, drivers, capacities, attachments, attributesClasses, namespaceList] = known;
  return {
    unseen,
    claims,
    pods: podList,
    quotas,
    events: eventList,
    volumes: volumes ?? [],
    classes: classes ?? [],
    nodes: nodeList ?? [],
    csiNodes: csiNodeList ?? [],
    csiDrivers: drivers ?? [],
    capacities: capacities ?? [],
    attachments: attachments ?? [],
    attributesClasses: attributesClasses ?? [],
    namespaces: namespaceList ?? [],
  };
}
