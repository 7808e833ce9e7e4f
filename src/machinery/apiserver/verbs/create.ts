import type { FieldError } from '#api/meta/kind.ts';
import { deepFreeze, trusted } from '#kit/json.ts';
import type { Decision, Entry } from '../../store/store.ts';
import { ownNew } from '../apply/ownership.ts';
import type { ServerContext } from '../contract/context.ts';
import { type AnyObject, type BodyObject, storedForm } from '../objects/json-object.ts';
import { newIdentity } from '../objects/mutated-identity.ts';
import { prepareCreate, requireUnstored } from '../objects/prepare-create.ts';
import { servedEntry, servedObject } from '../objects/served-entry.ts';
import { validateNew } from '../objects/validate.ts';
import { storeKey, type WriteRequest } from '../contract/request.ts';
import { alreadyExists, invalid } from '../contract/status-error.ts';
import { admissionRequest } from './admission-request.ts';
import { type Written, writtenEntry } from './written.ts';

/** How often a generated name that is taken is made anew (apiserver registry/generic/registry/store.go). */
const NAME_ATTEMPTS = 8;

/** Stores a new object. @throws ApiError `AlreadyExists`, `FailedPrecondition` (invalid), `NotFound` (namespace), what admission throws */
export async function createObject(ctx: ServerContext, request: WriteRequest, body: BodyObject): Promise<Written> {
  for (let attempt = 1; ; attempt += 1) {
    const object = await admitNew(ctx, request, body);
    const written = await storeNew(ctx, request, object);
    if (written !== undefined) return written;
    const isGenerated = body.metadata.name !== object.metadata.name;
    if (!isGenerated || attempt === NAME_ATTEMPTS) throw alreadyExists(request.kind.resource, object.metadata.name);
  }
}

/** Fills, changes and checks a new object; what comes back may be stored. */
async function admitNew(ctx: ServerContext, request: WriteRequest, body: BodyObject): Promise<AnyObject> {
  const { kind } = request;
  const prepared = prepareCreate(ctx, request, body);
  ctx.definitions.requireOpen(request);
  ctx.namespaces.requireOpen(request, prepared.metadata.name);
  const defaulted = deepFreeze(ownNew(ctx, request, trusted<AnyObject>(kind.applyDefaults(prepared))));
  const asked = { ...admissionRequest(request, 'create'), key: { namespace: request.namespace, name: prepared.metadata.name } };
  const mutated = newIdentity(request, await ctx.admission.mutate({ ...asked, object: defaulted }));
  const cleaned = kind.prepareForCreate(kind.applyDefaults(mutated));
  const object = deepFreeze(trusted<AnyObject>(withInitialFinalizers(cleaned, kind.initialFinalizers)));
  const faults: readonly FieldError[] = validateNew(kind, object);
  if (faults.length > 0) throw invalid(kind.resource, object.metadata.name, faults);
  for (const warning of kind.warnings?.(object, undefined) ?? []) request.warn(warning);
  await ctx.admission.validate({ ...asked, key: { ...asked.key, name: object.metadata.name }, object });
  requireUnstored(body);
  return object;
}

/** Answers undefined where the name is taken. */
async function storeNew(ctx: ServerContext, request: WriteRequest, object: AnyObject): Promise<Written | undefined> {
  const key = storeKey(request.kind, { namespace: request.namespace, name: object.metadata.name });
  if (request.isDryRun) return ctx.store.get(key) === undefined ? { object: servedObject(request.kind, object) } : undefined;
  let isTaken = false;
  const decide = (current: Entry | undefined): Decision => {
    isTaken = current !== undefined;
    if (isTaken) return { action: 'keep' };
    ctx.definitions.requireOpen(request);
    ctx.namespaces.requireOpen(request, object.metadata.name);
    return { action: 'put', object: storedForm(request.kind, object) };
  };
  const entry = await ctx.store.write(key, decide, { canWait: request.canWait });
  return isTaken || entry === undefined ? undefined : writtenEntry(servedEntry(request.kind, entry));
}

function withInitialFinalizers<T extends { readonly metadata: AnyObject['metadata'] }>(object: T, initial: readonly string[]): T {
  if (initial.length === 0) return object;
  const finalizers = [...new Set([...(object.metadata.finalizers ?? []), ...initial])];
  return { ...object, metadata: { ...object.metadata, finalizers } };
}
