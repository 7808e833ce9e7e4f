import type { LabelSelector, Scale } from '#api/generated/kubernetes.ts';
import { invalid as invalidField } from '#api/meta/field-error.ts';
import { formatLabelSelector } from '#api/meta/format-selector.ts';
import type { KindDefinition, ScalePaths } from '#api/meta/kind.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { apiVersionOf } from '#api/meta/resource.ts';
import { checkAgainstSchema } from '#api/schema/check.ts';
import { pruneUnknown } from '#api/schema/prune.ts';
import { isRecord, trusted } from '#kit/json.ts';
import type { Patch } from '../../client/client.ts';
import { applyTo } from '../apply/ownership.ts';
import { SCALE as ADMITTED_SCALE } from '../admission/sent-object.ts';
import type { ServerContext } from '../contract/context.ts';
import { type AnyObject, asObject, type BodyObject } from '../objects/json-object.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../patch/strategic-merge-patch.ts';
import type { ApiRequest, WriteRequest } from '../contract/request.ts';
import { badRequest, conflict, invalid, methodNotAllowed, MODIFIED } from '../contract/status-error.ts';
import { readObject } from './read.ts';
import { type SentPart, updateObject } from './update.ts';

const SCALE_SCHEMA = 'io.k8s.api.autoscaling.v1.Scale';
const SCALE = { group: 'autoscaling', kind: 'Scale' };

/** What a write of a scale sends: a whole scale, or a patch of the one that is. */
export type ScaleChange = { readonly scale: unknown } | { readonly patch: Patch } | { readonly applied: AppliedScale };

/** A scale that somebody applies: the number of replicas is to be his. */
export interface AppliedScale {
  readonly body: unknown;
  readonly manager: string;
  readonly isForced: boolean;
}

/** The scale of an object (`autoscaling/v1` Scale). @throws ApiError `NotFound` */
export function readScale(ctx: ServerContext, request: ApiRequest): Scale {
  return scaleOf(request.kind, asObject(readObject(ctx, request).object));
}

/** Writes the number of replicas that a scale asks for into its object; answers the scale after that. @throws ApiError as an update does */
export async function writeScale(ctx: ServerContext, request: WriteRequest, change: ScaleChange): Promise<Scale> {
  if ('applied' in change) return applyScale(ctx, { ...request, ownership: 'decided' }, change.applied);
  const written = await updateObject(ctx, { ...request, part: scalePart(request) }, (current) => {
    const asked = 'scale' in change ? change.scale : patched(scaleOf(request.kind, current), change.patch);
    return withReplicas(request, current, decodeScale(request, current, asked));
  });
  return scaleOf(request.kind, written.object);
}

async function applyScale(ctx: ServerContext, request: WriteRequest, { body, manager, isForced }: AppliedScale): Promise<Scale> {
  const { kind } = request;
  if (!isRecord(body) || body['apiVersion'] !== 'autoscaling/v1' || body['kind'] !== SCALE.kind)
    throw badRequest('Incorrect version specified in apply patch: apply an autoscaling/v1 Scale');
  const written = await updateObject(ctx, { ...request, part: scalePart(request) }, (current) => {
    const replicas = decodeScale(request, current, body);
    const isNamed = isRecord(body['spec']) && body['spec']['replicas'] !== undefined;
    const applied = { apiVersion: apiVersionOf(kind.resource), kind: kind.resource.kind, metadata: { name: request.name } };
    const asked = isNamed ? withValue(applied, pathsOf(kind).specReplicas, replicas) : applied;
    return trusted<BodyObject>(applyTo(ctx, request, { current, applied: trusted<BodyObject>(asked), manager, isForced }));
  });
  return scaleOf(kind, written.object);
}

/** What admission sees of a write of a scale: the scale. */
function scalePart(request: WriteRequest): SentPart {
  return {
    kind: ADMITTED_SCALE,
    // why trusted: a scale has all that an object has
    partOf: (object) => trusted<KubeObject>(scaleOf(request.kind, object)),
    withPart: (object, scale) => trusted<AnyObject>(withReplicas(request, object, decodeScale(request, object, scale))),
  };
}

function scaleOf(kind: KindDefinition, object: AnyObject): Scale {
  const paths = pathsOf(kind);
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = paths.labelSelector === undefined ? '' : selectorText(valueAt(object, paths.labelSelector), paths);
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, ...(namespace === undefined ? {} : { namespace }), uid, resourceVersion, creationTimestamp },
    spec: { replicas: countAt(object, paths.specReplicas) },
    status: { replicas: countAt(object, paths.statusReplicas), ...(selector === '' ? {} : { selector }) },
  };
}

function pathsOf({ scale }: KindDefinition): ScalePaths {
  if (scale === undefined) throw methodNotAllowed();
  return scale;
}

function selectorText(value: unknown, { selectorForm }: ScalePaths): string {
  if (typeof value === 'string') return value;
  if (selectorForm === 'labels') return formatLabelSelector({ matchLabels: trusted<Readonly<Record<string, string>>>(value ?? {}) });
  return isRecord(value) ? formatLabelSelector(trusted<LabelSelector>(value)) : '';
}

function valueAt(object: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return object;
  return isRecord(object) && Object.hasOwn(object, key) ? valueAt(object[key], rest) : undefined;
}

function countAt(object: AnyObject, path: readonly string[]): number {
  const value = valueAt(object, path);
  return typeof value === 'number' ? value : 0;
}

function patched(scale: Scale, patch: Patch): unknown {
  switch (patch.type) {
    case 'json':
      return applyJsonPatch(scale, patch.body);
    case 'merge':
      return applyMergePatch(scale, patch.body);
    case 'strategic':
      return applyStrategicMergePatch(scale, patch.body, SCALE_SCHEMA);
  }
}

/** The replicas that a scale asks for. @throws ApiError 400, 409, 422 */
function decodeScale(request: WriteRequest, current: AnyObject, body: unknown): number {
  const { errors } = checkAgainstSchema(SCALE_SCHEMA, body);
  if (errors.length > 0)
    throw badRequest(`Scale in version "v1" cannot be handled as a Scale: ${errors.map(({ message }) => message).join(', ')}`);
  const scale = trusted<Partial<Scale>>(pruneUnknown(SCALE_SCHEMA, body));
  const { resourceVersion = '', name = '' } = scale.metadata ?? {};
  if (name !== '' && name !== request.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${request.name})`);
  if (resourceVersion !== '' && resourceVersion !== current.metadata.resourceVersion)
    throw conflict(request.kind.resource, request.name, MODIFIED);
  const replicas = scale.spec?.replicas ?? 0;
  if (replicas < 0) throw invalid(SCALE, request.name, [invalidField('spec.replicas', replicas, 'must be greater than or equal to 0')]);
  return replicas;
}

function withReplicas({ kind }: WriteRequest, current: AnyObject, replicas: number): BodyObject {
  return trusted<BodyObject>(withValue(current, pathsOf(kind).specReplicas, replicas));
}

function withValue(object: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  if (key === undefined) return value;
  const members = isRecord(object) ? object : {};
  const inner = Object.hasOwn(members, key) ? members[key] : undefined;
  return { ...members, [key]: withValue(inner, rest, value) };
}
