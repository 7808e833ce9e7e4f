import { invalid as fieldInvalid } from '#api/meta/field-error.ts';
import { isRecord } from '#kit/json.ts';
import { hasCode } from '#kit/errors.ts';
import type { ApiError } from '../../client/api-error.ts';
import type { Patch } from '../../client/client.ts';
import type { ServerContext } from '../contract/context.ts';
import { decodeObject } from '../objects/decode-object.ts';
import type { AnyObject, BodyObject } from '../objects/json-object.ts';
import { checkTypeMeta } from '../objects/prepare-create.ts';
import { nameMissing } from '../objects/prepare-update.ts';
import { applyJsonPatch } from '../patch/json-patch.ts';
import { applyMergePatch } from '../patch/merge-patch.ts';
import { applyStrategicMergePatch } from '../patch/strategic-merge-patch.ts';
import type { WriteRequest } from '../contract/request.ts';
import { invalid, unsupportedMediaType } from '../contract/status-error.ts';
import { updateObject } from './update.ts';
import type { Written } from './written.ts';

/** What own kinds are patched with: their schemas do not say how a strategic merge would go. */
const OWN_PATCH_TYPES = ['application/json-patch+json', 'application/merge-patch+json'];

/**
 * Changes an object by a patch, computed anew when somebody else wrote in between.
 * @throws ApiError as an update does; PatchMalformed, PatchRejected
 */
export function patchObject(ctx: ServerContext, request: WriteRequest, patch: Patch): Promise<Written> {
  return updateObject(ctx, request, (current) => decodePatched(request, current, patch));
}

/** What can't be decoded after a patch is a fault of the patch, as upstream's patch handler says. */
function decodePatched(request: WriteRequest, current: AnyObject, patch: Patch): BodyObject {
  const patched = applyPatch(request, current, patch);
  // why: what a strategic merge patch says of its version is not looked at
  if (patch.type !== 'strategic') requireVersion(request, patched, patch);
  try {
    const decoded = decodeObject(request, patched, { stored: current });
    if (patch.type !== 'strategic') checkTypeMeta(request, decoded);
    return decoded;
  } catch (thrown) {
    if (!hasCode(thrown, 'InvalidArgument')) throw thrown;
    throw wrongPatch(request, patch, thrown.message);
  }
}

/** An object without a version is none of a built-in kind, and has no name; who reads strictly is told that much. */
function requireVersion(request: WriteRequest, patched: unknown, patch: Patch): void {
  const { apiVersion, kind } = isRecord(patched) ? patched : {};
  if (!isRecord(patched) || (apiVersion ?? '') !== '') return;
  const { resource, own } = request.kind;
  const isOtherKind = (kind ?? '') !== '' && kind !== resource.kind;
  if (own !== undefined || isOtherKind || request.fieldValidation === 'Strict')
    throw wrongPatch(request, patch, 'it takes apiVersion away');
  throw nameMissing(request.name);
}

function wrongPatch({ kind, name }: WriteRequest, patch: Patch, why: string): ApiError {
  return invalid(kind.resource, name, [fieldInvalid('patch', patch.body, why)]);
}

function applyPatch(request: WriteRequest, current: AnyObject, patch: Patch): unknown {
  switch (patch.type) {
    case 'json':
      return applyJsonPatch(current, patch.body);
    case 'merge':
      return applyMergePatch(current, patch.body);
    case 'strategic':
      if (request.kind.own !== undefined) throw unsupportedMediaType(OWN_PATCH_TYPES);
      return applyStrategicMergePatch(current, patch.body, request.kind.schema);
  }
}
