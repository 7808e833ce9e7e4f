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

/** Whose claims and pods are looked at. */
export type Scope = 'namespace' | 'cluster' | 'beside';

/**
 * Everything that explanations of objects in `namespace` are made from, as far as the client's user may see it. `scope` `cluster` asks for the claims and pods
 * of all namespaces too, `beside` the same where they are not what it is about: what he may not list of them is left out. @throws ApiError where he may not list claims, pods, quotas or events of that namespace
 */
export async function readCluster(client: Client, namespace: string, scope: Scope): Promise<Cluster> {
  const unseen = new Set<string>();
  const all = async <K extends KubeObject>(resource: Resource<K>): Promise<readonly K[] | undefined> => {
    try {
      return (await client.list(resource)).items;
    } catch (thrown) {
      if (!hasCode(thrown, 'PermissionDenied')) throw thrown;
      unseen.add(resource.plural);
      return undefined;
    }
  };
  const own = async <K extends KubeObject>(resource: Resource<K>): Promise<readonly K[]> => {
    try {
      return (await client.list(resource, { namespace })).items;
    } catch (thrown) {
      if (scope !== 'beside' || !hasCode(thrown, 'PermissionDenied')) throw thrown;
      unseen.add(resource.plural);
      return [];
    }
  };
  const visible = async <K extends KubeObject>(resource: Resource<K>): Promise<readonly K[]> =>
    (scope === 'namespace' ? undefined : await all(resource)) ?? own(resource);
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
    scope === 'namespace' ? undefined : all(namespaces),
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
