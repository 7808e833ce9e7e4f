import type { KindDefinition } from '#api/meta/kind.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { apiVersionOf } from '#api/meta/resource.ts';
import { deepFreeze, isRecord, trusted } from '#kit/json.ts';
import { decodeObject } from '../../objects/decode-object.ts';
import type { WriteRequest } from '../../contract/request.ts';
import { applyJsonPatch } from '../../patch/json-patch.ts';
import type { AdmissionRequest } from '../../contract/admission.ts';
import { sentFault } from '../sent-object.ts';
import type { SentKind } from '../../contract/admission.ts';
import { WebhookFailed } from './webhook-caller.ts';
import { convert } from './webhook-matching.ts';

/** Metadata that is the server's, whatever somebody makes of it. What an object is told by (name, namespace) is looked at when all had their turn. */
const SERVER_OWNED = ['creationTimestamp', 'generation', 'deletionTimestamp', 'deletionGracePeriodSeconds'] as const;

/** An object after a webhook's patch: its types checked, and only what this write may change changed. @throws WebhookFailed, ApiError, what the patch throws */
export function patchedObject(
  object: KubeObject,
  patch: readonly unknown[],
  { kind, request }: { readonly kind: KindDefinition; readonly request: AdmissionRequest },
): KubeObject {
  if (request.sent !== undefined) return patchedSent(object, request.sent, patch);
  const patched = applyJsonPatch(convert(object, request.kind, kind), patch);
  if (!isRecord(patched) || patched['kind'] !== kind.resource.kind || patched['apiVersion'] !== apiVersionOf(kind.resource))
    throw new WebhookFailed('the patch of the webhook makes something else of the object');
  return changedObject(object, patched, { kind, request, fieldValidation: 'Ignore' });
}

function patchedSent(object: KubeObject, sent: SentKind, patch: readonly unknown[]): KubeObject {
  const patched = applyJsonPatch(object, patch);
  const fault = sentFault(sent, object, patched);
  if (fault !== undefined) throw new WebhookFailed(fault);
  return deepFreeze(trusted<KubeObject>(patched));
}

/** How an object was changed by somebody who saw it in the version of `kind`. */
interface Changed {
  readonly kind: KindDefinition;
  readonly request: AdmissionRequest;
  readonly fieldValidation: WriteRequest['fieldValidation'];
}

/** An object as somebody changed it, with its defaults: its types checked, and only what this write may change changed. @throws ApiError */
export function changedObject(object: KubeObject, changed: unknown, { kind, request, fieldValidation }: Changed): KubeObject {
  const decoded = kind.applyDefaults(trusted<KubeObject>(decodeObject({ kind, fieldValidation, warn: request.warn }, changed)));
  return deepFreeze(withinReach(object, convert(decoded, kind, request.kind), request));
}

/** Of a new object nobody was told yet. */
const NEWLY_OWNED = [...SERVER_OWNED, 'uid', 'resourceVersion'] as const;

function withinReach(before: KubeObject, after: KubeObject, { verb, kind, subresource }: AdmissionRequest): KubeObject {
  const metadata: Record<string, unknown> = { ...after.metadata };
  for (const field of verb === 'create' ? NEWLY_OWNED : SERVER_OWNED) {
    if (before.metadata[field] === undefined) delete metadata[field];
    else metadata[field] = before.metadata[field];
  }
  // why trusted: what was taken over is of the object that was there before
  const changed = trusted<KubeObject>({ ...after, metadata });
  if (subresource === 'status') return withStatusOf(before, changed);
  return verb === 'update' && kind.subresources.includes('status') ? withStatusOf(changed, before) : changed;
}

function withStatusOf(object: KubeObject, other: KubeObject): KubeObject {
  const { status: _status, ...rest } = trusted<KubeObject & { readonly status?: unknown }>(object);
  const { status } = trusted<{ readonly status?: unknown }>(other);
  return status === undefined ? rest : trusted<KubeObject>({ ...rest, status });
}
