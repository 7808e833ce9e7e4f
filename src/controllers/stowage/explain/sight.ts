import { deletedClaims } from '#api/generated/definitions.ts';
import type { Resource } from '#api/meta/resource.ts';
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
import { hasCode } from '#kit/errors.ts';

/** What of the objects of one kind may be looked at. */
export type Reach = 'all' | 'none' | { readonly namespace: string };

/** What a user may see of a cluster, for one question. */
export interface Sight {
  /** What he may not list, by plural name. Claims and pods: those of other namespaces, which tell what is taken of the nodes. */
  readonly unseen: ReadonlySet<string>;
  readonly reachOf: (resource: Resource) => Reach;
  /** Where events and quotas are looked for; `''` = everywhere. */
  readonly namespace: string;
}

/** Nothing is hidden: for what is handed out to nobody as it is. */
export const WHOLE: Sight = { unseen: new Set(), namespace: '', reachOf: () => 'all' };

/** Whose claims and pods are looked at. */
export type Scope = 'namespace' | 'cluster' | 'beside';

/** What the question takes. */
export interface SightOptions {
  readonly namespace: string;
  readonly scope: Scope;
}

/** Resolves where the user may list the objects, in all namespaces where that is `''`. @throws ApiError `PermissionDenied` where he may not */
export type Look = (resource: Resource, namespace: string) => Promise<void>;

/** Of these the namespace's own are enough, and claims and pods of others say more. */
const OWN: readonly Resource[] = [resourceQuotas, events];
const OWN_AND_OTHERS: readonly Resource[] = [persistentVolumeClaims, pods];
/** Of these nothing is said where the user may not list them, or an API has no such kind. */
const BESIDE: readonly Resource[] = [deletedClaims];
const SHARED: readonly Resource[] = [
  persistentVolumes,
  storageClasses,
  nodes,
  csiNodes,
  csiDrivers,
  csiStorageCapacities,
  volumeAttachments,
  volumeAttributesClasses,
];

/**
 * What the user may see of what explanations of objects in `namespace` are made from. `scope` `cluster` asks for the claims and pods of all namespaces too,
 * `beside` the same where they are not what it is about: what he may not list of them is left out.
 * @throws ApiError where he may not list claims, pods, quotas or events of that namespace
 */
export async function takeSight(look: Look, { namespace, scope }: SightOptions): Promise<Sight> {
  const unseen = new Set<string>();
  const reaches = new Map<Resource, Reach>();
  const all = async (resource: Resource): Promise<boolean> => {
    const isSeen = await isAllowed(look(resource, ''));
    if (!isSeen) unseen.add(resource.plural);
    reaches.set(resource, isSeen ? 'all' : 'none');
    return isSeen;
  };
  const own = async (resource: Resource): Promise<void> => {
    const asked = look(resource, namespace);
    if (scope !== 'beside') await asked;
    const isSeen = await isAllowed(asked);
    if (!isSeen) unseen.add(resource.plural);
    reaches.set(resource, isSeen ? reachInto(namespace) : 'none');
  };
  const visible = async (resource: Resource): Promise<void> => {
    if (scope === 'namespace' || !(await all(resource))) await own(resource);
  };
  const shared = scope === 'namespace' ? SHARED : [...SHARED, namespaces];
  const beside = async (resource: Resource): Promise<void> => {
    reaches.set(resource, (await isAllowed(look(resource, namespace), 'NotFound')) ? reachInto(namespace) : 'none');
  };
  await Promise.all([...OWN_AND_OTHERS.map(visible), ...OWN.map(own), ...shared.map(all), ...BESIDE.map(beside)]);
  return { unseen, namespace, reachOf: (resource) => reaches.get(resource) ?? 'none' };
}

function reachInto(namespace: string): Reach {
  return namespace === '' ? 'all' : { namespace };
}

async function isAllowed(asked: Promise<void>, ...others: readonly 'NotFound'[]): Promise<boolean> {
  try {
    await asked;
    return true;
  } catch (thrown) {
    if (!hasCode(thrown, 'PermissionDenied', ...others)) throw thrown;
    return false;
  }
}
