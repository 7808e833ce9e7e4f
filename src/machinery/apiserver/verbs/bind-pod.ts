import type { KubeObject } from '#api/meta/object.ts';
import { deepFreeze, isRecord, trusted } from '#kit/json.ts';
import { formatTime } from '#kit/clock.ts';
import { BINDING } from '../admission/sent-object.ts';
import type { ServerContext } from '../contract/context.ts';
import type { AnyObject } from '../objects/json-object.ts';
import type { WriteRequest } from '../contract/request.ts';
import { badRequest, conflict } from '../contract/status-error.ts';
import { admissionRequest } from './admission-request.ts';
import { changeObject } from './change.ts';

/** Which node a pod goes to, and which pod is meant. */
export interface Binding {
  readonly nodeName: string;
  /** Absent = whichever pod has the name. */
  readonly uid?: string | undefined;
  /** What the pod gets beside what it has. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Puts a pod on a node: once, and only while it is not going away (core registry/core/pod/storage). @throws ApiError `NotFound`, `Aborted` */
export async function bindPod(ctx: ServerContext, request: WriteRequest, asked: Binding): Promise<void> {
  const binding = await admitted(ctx, request, asked);
  await changeObject(ctx, request, async (current) => {
    const refuse = (why: string): never => {
      throw conflict({ group: '', plural: 'pods/binding' }, request.name, why);
    };
    const spec = isRecord(current['spec']) ? current['spec'] : {};
    if (binding.uid !== undefined && binding.uid !== '' && binding.uid !== current.metadata.uid) {
      refuse(`Precondition failed: UID in precondition: ${binding.uid}, UID in object meta: ${current.metadata.uid}`);
    }
    if (current.metadata.deletionTimestamp !== undefined) refuse(`pod ${request.name} is being deleted, cannot be assigned to a host`);
    const nodeName = spec['nodeName'];
    if (typeof nodeName === 'string' && nodeName !== '')
      refuse(`pod ${request.name} is already assigned to node ${JSON.stringify(nodeName)}`);
    const bound = deepFreeze({
      ...current,
      metadata: withMore(current.metadata, binding),
      spec: { ...spec, nodeName: binding.nodeName },
      status: scheduledStatus(current, formatTime(ctx.clock.nowMs())),
    });
    await ctx.admission.validateOutcome({ ...admissionRequest(request, 'update'), previous: current, object: bound });
    return { action: 'put', object: bound };
  });
}

/** The binding as policies and webhooks leave it. */
async function admitted(ctx: ServerContext, request: WriteRequest, { nodeName, uid, labels, annotations }: Binding): Promise<Binding> {
  const { namespace, name } = request;
  // why trusted: a binding lacks what the server fills for what it stores
  const object = trusted<KubeObject>({
    apiVersion: 'v1',
    kind: 'Binding',
    metadata: { name, namespace, ...(uid === undefined ? {} : { uid }), ...(labels && { labels }), ...(annotations && { annotations }) },
    target: { kind: 'Node', name: nodeName },
  });
  const made = await ctx.admission.ask({ ...admissionRequest(request, 'create'), object, sent: BINDING });
  if (made === object) return { nodeName, uid, ...(labels && { labels }), ...(annotations && { annotations }) };
  const { metadata, target } = trusted<KubeObject & { readonly target?: { readonly name?: string } }>(made);
  const chosen = target?.name ?? '';
  if (chosen === '') throw badRequest('target.name: Required value: name the node');
  return {
    nodeName: chosen,
    uid: metadata.uid,
    ...(metadata.labels && { labels: metadata.labels }),
    ...(metadata.annotations && { annotations: metadata.annotations }),
  };
}

/** Metadata with the labels and annotations of a binding (registry/core/pod/storage `setPodNodeAndMetadata`). */
function withMore(metadata: AnyObject['metadata'], { labels, annotations }: Binding): AnyObject['metadata'] {
  return {
    ...metadata,
    ...(labels && { labels: { ...metadata.labels, ...labels } }),
    ...(annotations && { annotations: { ...metadata.annotations, ...annotations } }),
  };
}

function scheduledStatus(pod: AnyObject, now: string): Readonly<Record<string, unknown>> {
  // why without: the node is the pod's own now (registry/core/pod/storage, ClearingNominatedNodeNameAfterBinding)
  const { nominatedNodeName: _nominated, ...status } = isRecord(pod['status']) ? pod['status'] : {};
  const conditions: readonly unknown[] = Array.isArray(status['conditions']) ? status['conditions'] : [];
  const others = conditions.filter((condition) => !isRecord(condition) || condition['type'] !== 'PodScheduled');
  return { ...status, conditions: [...others, { type: 'PodScheduled', status: 'True', lastTransitionTime: now }] };
}
