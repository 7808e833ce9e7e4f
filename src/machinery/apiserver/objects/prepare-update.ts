import { apiVersionOf } from '#api/meta/resource.ts';
import { deepEqual, isRecord, trusted } from '#kit/json.ts';
import type { ApiError } from '../../client/api-error.ts';
import type { WriteRequest } from '../contract/request.ts';
import { badRequest, conflict, MODIFIED, versionNeeded } from '../contract/status-error.ts';
import { type AnyObject, type BodyObject, type MutableMeta, specificationOf } from './json-object.ts';
import { checkTypeMeta } from './prepare-create.ts';

/**
 * The next state of `current` from what a client sent: only the part that the (sub)resource owns changes, and what only the server sets stays.
 * @throws ApiError `InvalidArgument` where the body contradicts the path, `Aborted` where it was made from an older state
 */
export function prepareUpdate(request: WriteRequest, current: AnyObject, body: BodyObject): AnyObject {
  checkTypeMeta(request, body);
  checkIdentity(request, current, body);
  const owned = ownedParts(request, current, body);
  const next = { ...owned, apiVersion: apiVersionOf(request.kind.resource), kind: request.kind.resource.kind };
  return { ...next, metadata: carryMetadata(owned.metadata, current) };
}

/** What admission made of `prepared`: as before only the part that the (sub)resource owns changes, and the owners of fields stay. */
export function withinSubresource(
  request: WriteRequest,
  current: AnyObject,
  change: { prepared: AnyObject; mutated: AnyObject },
): AnyObject {
  const { metadata, ...parts } = ownedParts(request, current, change.mutated);
  const owned: Partial<MutableMeta> = { ...metadata };
  putBack(owned, change.prepared, 'managedFields');
  return trusted<AnyObject>({ ...parts, metadata: owned });
}

/**
 * `next` with its generation: one more where what is asked for changed.
 * To be called with all defaults filled, so that a field that a client left to its default is no change.
 */
export function withGeneration(next: AnyObject, current: AnyObject): AnyObject {
  const { generation } = current.metadata;
  if (generation === undefined || deepEqual(specificationOf(next), specificationOf(current))) return next;
  return { ...next, metadata: { ...next.metadata, generation: generation + 1 } };
}

function checkIdentity(request: WriteRequest, current: AnyObject, body: BodyObject): void {
  const { resource } = request.kind;
  const { name = '', namespace = '', uid = '', resourceVersion = '' } = body.metadata;
  const { uid: currentUid, resourceVersion: currentVersion } = current.metadata;
  if (name === '') throw nameMissing(request.name);
  if (differs(name, request.name)) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${request.name})`);
  }
  if (resource.isNamespaced && differs(namespace, request.namespace)) {
    throw badRequest(`the namespace of the object (${namespace}) does not match the namespace on the URL (${request.namespace})`);
  }
  if (differs(uid, currentUid)) {
    throw conflict(resource, request.name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${currentUid}`);
  }
  checkVersion(request, resourceVersion, currentVersion);
}

/** What an object without a name is answered, that was sent to the place of one. */
export function nameMissing(name: string): ApiError {
  return badRequest(`the name of the object (${name} based on URL) was undeterminable: name must be provided`);
}

function checkVersion({ kind, name }: WriteRequest, given: string, current: string): void {
  if (given === '' || given === '0') {
    if (kind.needsVersionForUpdate === true) throw versionNeeded(kind.resource, name);
  } else if (given !== current) throw conflict(kind.resource, name, MODIFIED);
}

/** True where a client named something else; what it left out does not count. */
function differs(given: string, expected: string): boolean {
  return given !== '' && given !== expected;
}

function ownedParts(request: WriteRequest, current: AnyObject, body: BodyObject): BodyObject {
  switch (request.subresource) {
    case 'status':
      return { ...withField(current, 'status', body['status']), metadata: metadataOfStatus(request, current, body) };
    case 'ephemeralcontainers':
      return withField(current, 'spec', {
        ...record(current['spec']),
        ephemeralContainers: record(body['spec'])['ephemeralContainers'] ?? [],
      });
    case 'finalize': {
      const spec = { ...record(current['spec']), finalizers: record(body['spec'])['finalizers'] ?? [] };
      return { ...withField(current, 'spec', spec), metadata: body.metadata };
    }
    default:
      return withKeptFields(
        request,
        current,
        request.kind.subresources.includes('status') ? withField(body, 'status', current['status']) : body,
      );
  }
}

function metadataOfStatus({ kind }: WriteRequest, current: AnyObject, body: BodyObject): BodyObject['metadata'] {
  const { metadataKeptByStatus: kept = [] } = kind;
  if (kept === 'all') return current.metadata;
  const metadata: Partial<MutableMeta> = { ...body.metadata };
  for (const field of kept) putBack(metadata, current, field);
  return metadata;
}

/** What the kind keeps on ordinary updates, for example a namespace its finalizers. */
function withKeptFields({ kind }: WriteRequest, current: AnyObject, body: BodyObject): BodyObject {
  // why: the hook only moves fields of the stored object, whatever else the body lacks
  return kind.prepareForUpdate === undefined ? body : trusted<BodyObject>(kind.prepareForUpdate(trusted<AnyObject>(body), current));
}

function withField(object: BodyObject, field: string, value: unknown): BodyObject {
  if (value !== undefined) return { ...object, [field]: value };
  const { [field]: _dropped, ...rest } = object;
  return trusted<BodyObject>(rest);
}

/** Server-owned metadata stays as it was; the rest is the writer's. */
function carryMetadata(given: BodyObject['metadata'], current: AnyObject): AnyObject['metadata'] {
  const old = current.metadata;
  const metadata: Partial<MutableMeta> = {
    ...given,
    name: old.name,
    uid: old.uid,
    resourceVersion: old.resourceVersion,
    creationTimestamp: old.creationTimestamp,
  };
  for (const field of SERVER_OWNED) putBack(metadata, current, field);
  return trusted<AnyObject['metadata']>(metadata);
}

function putBack(metadata: Partial<MutableMeta>, { metadata: old }: AnyObject, field: keyof MutableMeta): void {
  if (old[field] === undefined) delete metadata[field];
  else Object.assign(metadata, { [field]: old[field] });
}

const SERVER_OWNED = [
  'namespace',
  'generateName',
  'generation',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'managedFields',
  'selfLink',
] as const;

function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
