import type { Pod } from '#api/generated/kubernetes.ts';
import type { KubeObject, ObjectKey, ObjectMeta, OwnerReference } from '#api/meta/object.ts';
import type { Resource } from '#api/meta/resource.ts';
import { daemonSets, deployments, jobs, pods, replicaSets, replicationControllers, statefulSets } from '#api/resources.ts';
import { hasCode } from '#kit/errors.ts';
import { isRecord, trusted } from '#kit/json.ts';
import type { Ctx } from '#machinery/runtime/controller.ts';

/** On a workload that is stopped: the UID of the job that starts it again. */
const STOPPED_BY = 'volumes.stowage.dev/stopped-by';

/** One who was stopped, and how it was. */
export interface Consumer {
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly replicas?: number | undefined;
  /** A pod of nobody, as it is made again. */
  readonly pod?: Readonly<Record<string, unknown>> | undefined;
}

/** How workloads of a kind are stopped, and started as they were. */
interface Brake {
  readonly resource: Resource;
  /** True where its spec says already that it is to run nothing. */
  readonly isStopped: (spec: Readonly<Record<string, unknown>>) => boolean;
  readonly stopped: (uid: string) => object;
  readonly started: (consumer: Consumer) => object;
  /** What is noted of one before it is stopped. */
  readonly note: (object: KubeObject) => Partial<Consumer>;
}

function replicasOf({ replicas }: Readonly<Record<string, unknown>>): number {
  return typeof replicas === 'number' ? replicas : 1;
}

const SCALED = {
  isStopped: (spec: Readonly<Record<string, unknown>>) => spec['replicas'] === 0,
  stopped: () => ({ replicas: 0 }),
  started: ({ replicas = 1 }: Consumer) => ({ replicas }),
  note: (object: KubeObject): Partial<Consumer> => ({ replicas: replicasOf(specOf(object)) }),
};

const BRAKES: ReadonlyMap<string, Brake> = new Map<string, Brake>([
  ['Deployment', { resource: deployments, ...SCALED }],
  ['ReplicaSet', { resource: replicaSets, ...SCALED }],
  ['ReplicationController', { resource: replicationControllers, ...SCALED }],
  ['StatefulSet', { resource: statefulSets, ...SCALED }],
  [
    'DaemonSet',
    {
      resource: daemonSets,
      isStopped: (spec) => STOPPED_BY in inside(spec, 'template', 'spec', 'nodeSelector'),
      // why so: a DaemonSet has no number of pods; no node has this label
      stopped: (uid) => ({ template: { spec: { nodeSelector: { [STOPPED_BY]: uid } } } }),
      started: () => ({ template: { spec: { nodeSelector: { [STOPPED_BY]: null } } } }),
      note: () => ({}),
    },
  ],
  [
    'Job',
    {
      resource: jobs,
      isStopped: ({ suspend }) => suspend === true,
      stopped: () => ({ suspend: true }),
      started: () => ({ suspend: false }),
      note: () => ({}),
    },
  ],
]);

/** Those who run the pods: the topmost owners that can be stopped. */
export interface Found {
  readonly consumers: readonly Consumer[];
  /** Pods of owners that nobody here can stop, in words. */
  readonly strangers: readonly string[];
}

/** Finds who runs `users`. */
export async function findConsumers(ctx: Ctx, users: readonly Pod[]): Promise<Found> {
  const consumers = new Map<string, Consumer>();
  const strangers: string[] = [];
  for (const pod of users) {
    const owner = controllerOf(pod.metadata);
    const top = owner === undefined ? undefined : await topmost(ctx, pod.metadata.namespace ?? '', owner);
    if (owner !== undefined && top === undefined) strangers.push(`pod ${pod.metadata.name} of ${owner.kind} ${owner.name}`);
    else if (top === undefined)
      consumers.set(pod.metadata.uid, { kind: 'Pod', name: pod.metadata.name, uid: pod.metadata.uid, pod: keptPod(pod) });
    else consumers.set(top.uid, top);
  }
  return { consumers: [...consumers.values()], strangers };
}

async function topmost(ctx: Ctx, namespace: string, { kind, name, uid }: OwnerReference): Promise<Consumer | undefined> {
  const brake = BRAKES.get(kind);
  const object = brake === undefined ? undefined : await read(ctx, brake.resource, { namespace, name });
  if (brake === undefined || object === undefined || object.metadata.uid !== uid) return undefined;
  const above = controllerOf(object.metadata);
  // why not above a Job: of a CronJob each run is one of its own, and the next finds its claim as it is then
  if (above !== undefined && kind !== 'Job') return topmost(ctx, namespace, above);
  return { kind, name, uid, ...brake.note(object) };
}

/** Stops one; true where it was stopped before. */
export async function stopConsumer(
  ctx: Ctx,
  by: { readonly namespace: string; readonly uid: string },
  consumer: Consumer,
): Promise<boolean> {
  const key = { namespace: by.namespace, name: consumer.name };
  const brake = BRAKES.get(consumer.kind);
  const object = await read(ctx, brake?.resource ?? pods, key);
  if (object === undefined || object.metadata.uid !== consumer.uid) return true;
  if (brake === undefined) {
    if (object.metadata.deletionTimestamp !== undefined) return true;
    await ctx.client.delete(pods, key, { uid: consumer.uid });
    return false;
  }
  if (object.metadata.annotations?.[STOPPED_BY] === by.uid && brake.isStopped(specOf(object))) return true;
  const body = { metadata: { annotations: { [STOPPED_BY]: by.uid } }, spec: brake.stopped(by.uid) };
  await ctx.client.patch(brake.resource, { key, patch: { type: 'merge', body } });
  return false;
}

/** Starts one again as it was, unless somebody has changed or removed it meanwhile. */
export async function startConsumer(ctx: Ctx, by: { readonly namespace: string; readonly uid: string }, consumer: Consumer): Promise<void> {
  const key = { namespace: by.namespace, name: consumer.name };
  const brake = BRAKES.get(consumer.kind);
  const object = await read(ctx, brake?.resource ?? pods, key);
  if (brake === undefined) {
    if (object === undefined && consumer.pod !== undefined) await createPod(ctx, key, consumer.pod);
    return;
  }
  if (object?.metadata.uid !== consumer.uid || object.metadata.annotations?.[STOPPED_BY] !== by.uid) return;
  const isAsLeft = consumer.replicas === undefined || specOf(object)['replicas'] === 0;
  const body = { metadata: { annotations: { [STOPPED_BY]: null } }, ...(isAsLeft ? { spec: brake.started(consumer) } : {}) };
  await ctx.client.patch(brake.resource, { key, patch: { type: 'merge', body } });
}

async function createPod(ctx: Ctx, { namespace, name }: ObjectKey, pod: Readonly<Record<string, unknown>>): Promise<void> {
  // why trusted: `keptPod` wrote it, and users can't write status
  const { metadata, spec } = trusted<Pick<Pod, 'spec'> & { readonly metadata: Partial<ObjectMeta> }>(pod);
  try {
    await ctx.client.create(pods, { metadata: { ...metadata, namespace, name }, spec });
  } catch (thrown) {
    if (!hasCode(thrown, 'AlreadyExists')) throw thrown;
  }
}

/** What of a pod is kept to make it again: without the node that was chosen for it, and without what was added while it ran. */
function keptPod({ metadata, spec }: Pod): Readonly<Record<string, unknown>> {
  const { labels, annotations } = metadata;
  const { nodeName: _node, ephemeralContainers: _added, ...wanted } = spec;
  return { metadata: { labels, annotations }, spec: wanted };
}

async function read(ctx: Ctx, resource: Resource, key: ObjectKey): Promise<KubeObject | undefined> {
  try {
    return await ctx.client.get(resource, key);
  } catch (thrown) {
    if (hasCode(thrown, 'NotFound')) return undefined;
    throw thrown;
  }
}

function controllerOf({ ownerReferences = [] }: ObjectMeta): OwnerReference | undefined {
  return ownerReferences.find(({ controller }) => controller === true);
}

function specOf(object: KubeObject): Readonly<Record<string, unknown>> {
  return inside(trusted<Readonly<Record<string, unknown>>>(object), 'spec');
}

/** What stands at the end of that way; empty where nothing does. */
function inside(object: Readonly<Record<string, unknown>>, ...way: readonly string[]): Readonly<Record<string, unknown>> {
  let at: Readonly<Record<string, unknown>> = object;
  for (const name of way) {
    const next = at[name];
    at = isRecord(next) ? next : {};
  }
  return at;
}
