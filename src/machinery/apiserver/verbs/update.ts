import { formatFieldError } from '#api/meta/field-error.ts';
import { deepEqual, deepFreeze, trusted } from '#kit/json.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { MutableRequest } from '../contract/admission.ts';
import type { SentKind } from '../contract/admission.ts';
import { ownChanged, withoutIdleTimes } from '../apply/ownership.ts';
import type { ServerContext } from '../contract/context.ts';
import type { AnyObject, BodyObject } from '../objects/json-object.ts';
import { requireSameIdentity } from '../objects/mutated-identity.ts';
import { prepareUpdate, withGeneration, withinSubresource } from '../objects/prepare-update.ts';
import { isRemovable } from '#api/meta/removable.ts';
import { validateChange } from '../objects/validate.ts';
import type { WriteRequest } from '../contract/request.ts';
import { invalid } from '../contract/status-error.ts';
import { admissionRequest } from './admission-request.ts';
import { changeObject, type Plan } from './change.ts';
import type { Written } from './written.ts';

/** How a part of an object is sent where it has a kind of its own: admission is asked about that. */
export interface SentPart {
  readonly kind: SentKind;
  readonly partOf: (object: AnyObject) => KubeObject;
  /** `object` with what `part` says. @throws ApiError for a part that can't be */
  readonly withPart: (object: AnyObject, part: KubeObject) => AnyObject;
}

/**
 * Replaces an object, or the part of it that the subresource owns, by what `bodyFor` makes of the newest state; removes it where that took the last finalizer of a deleted object.
 * @throws ApiError `NotFound`, `Aborted` (conflict), `FailedPrecondition` (invalid), what admission throws
 */
export function updateObject(ctx: ServerContext, request: UpdateRequest, bodyFor: (current: AnyObject) => BodyObject): Promise<Written> {
  return changeObject(ctx, request, (current) => planUpdate(ctx, request, { current, body: bodyFor(current) }));
}

type UpdateRequest = WriteRequest & { readonly part?: SentPart };

interface Asked {
  readonly asked: Omit<MutableRequest, 'object'>;
  readonly current: AnyObject;
  readonly prepared: AnyObject;
}

async function mutatedPart(ctx: ServerContext, part: SentPart, { asked, current, prepared }: Asked): Promise<AnyObject> {
  const object = part.partOf(prepared);
  const admitted = await ctx.admission.ask({ ...asked, previous: part.partOf(current), object, sent: part.kind });
  return admitted === object ? prepared : part.withPart(prepared, admitted);
}

/** `prepared` as admission changes it; the same where it does not. */
async function mutatedBy(ctx: ServerContext, request: UpdateRequest, { asked, current, prepared }: Asked): Promise<AnyObject> {
  if (request.part !== undefined) return mutatedPart(ctx, request.part, { asked, current, prepared });
  const mutated = await ctx.admission.mutate({ ...asked, object: prepared });
  requireSameIdentity(request, prepared, mutated);
  return mutated === prepared ? prepared : withinSubresource(request, current, { prepared, mutated: trusted<AnyObject>(mutated) });
}

async function planUpdate(ctx: ServerContext, request: UpdateRequest, change: { current: AnyObject; body: BodyObject }): Promise<Plan> {
  const { kind } = request;
  const { current } = change;
  const next = trusted<AnyObject>(kind.applyDefaults(prepareUpdate(request, current, change.body)));
  const prepared = deepFreeze(ownChanged(ctx, request, { current, next, given: change.body.metadata.managedFields }));
  const asked = { ...admissionRequest(request, 'update'), previous: current };
  const mutated = await mutatedBy(ctx, request, { asked, current, prepared });
  const defaulted = mutated === prepared ? prepared : kind.applyDefaults(mutated);
  const counted = withGeneration(trusted<AnyObject>(defaulted), current);
  const object = deepFreeze(mutated === prepared ? counted : withoutIdleTimes(counted, current));
  const { faults, warnings } = validateChange(request, object, current);
  if (faults.length > 0) throw invalid(kind.resource, request.name, faults);
  for (const warning of [...warnings.map(formatFieldError), ...(kind.warnings?.(object, current) ?? [])]) request.warn(warning);
  // why not all of them: the rules of users were asked about the part that was sent
  await (request.part === undefined ? ctx.admission.validate({ ...asked, object }) : ctx.admission.validateOutcome({ ...asked, object }));
  if (isRemovable(object)) return { action: 'delete', object };
  return deepEqual(object, current) ? { action: 'keep' } : { action: 'put', object };
}
