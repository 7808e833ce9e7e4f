import { hasCode } from '#kit/errors.ts';
import { requireVerb } from './guarded.ts';
import { type AppliedBody, decodeApplied } from '../apply/decode-applied.ts';
import { applyTo } from '../apply/ownership.ts';
import type { ServerContext } from '../contract/context.ts';
import { decodeObject } from '../objects/decode-object.ts';
import type { BodyObject } from '../objects/json-object.ts';
import { storeKeyOf, type WriteRequest } from '../contract/request.ts';
import { conflict, MODIFIED } from '../contract/status-error.ts';
import { createObject } from './create.ts';
import { updateObject } from './update.ts';
import type { Written } from './written.ts';

/** What a client applies, and as whom. */
export interface ApplyOptions {
  readonly body: AppliedBody;
  readonly manager: string;
  /** Takes fields over from others. */
  readonly isForced: boolean;
}

/** What an application wrote. */
export interface AppliedWrite extends Written {
  readonly isNew: boolean;
}

/** How often an application starts anew because the object came or went meanwhile. */
const ATTEMPTS = 10;

/**
 * Server-side apply: makes the fields of a configuration the applier's, and the object where there is none; applying the same again writes nothing.
 * @throws ApiError 409 where it changes fields of others and is not forced; else as a creation or an update does
 */
export async function applyObject(ctx: ServerContext, given: WriteRequest, options: ApplyOptions): Promise<AppliedWrite> {
  const request: WriteRequest = { ...given, ownership: 'decided' };
  const step: Step = { applied: decodeApplied(request, options.body), options };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    // why: a subresource belongs to an object that is there already
    const isNew = request.subresource === '' && ctx.store.get(storeKeyOf(request)) === undefined;
    try {
      return { ...(isNew ? await applyNew(ctx, request, step) : await applyToCurrent(ctx, request, step)), isNew };
    } catch (thrown) {
      const isOverrun = isNew ? hasCode(thrown, 'AlreadyExists') : hasCode(thrown, 'NotFound') && request.subresource === '';
      if (!isOverrun) throw thrown;
    }
  }
  throw conflict(request.kind.resource, request.name, MODIFIED);
}

interface Step {
  readonly applied: BodyObject;
  readonly options: ApplyOptions;
}

async function applyNew(ctx: ServerContext, request: WriteRequest, { applied, options }: Step): Promise<Written> {
  const { kind, name } = request;
  requireVerb(ctx, request, 'create');
  const { uid, name: givenName = '' } = applied.metadata;
  if (uid !== undefined && uid !== '') {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(kind.resource, name, why);
  }
  const named = givenName === '' ? { ...applied, metadata: { ...applied.metadata, name } } : applied;
  const object = applyTo(ctx, request, { ...options, current: undefined, applied: named });
  return createObject(ctx, request, decodeObject(request, object));
}

function applyToCurrent(ctx: ServerContext, request: WriteRequest, { applied, options }: Step): Promise<Written> {
  return updateObject(ctx, request, (current) =>
    decodeObject(request, applyTo(ctx, request, { ...options, current, applied }), { stored: current }),
  );
}
