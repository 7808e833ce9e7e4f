import { apiVersionOf } from '#api/meta/resource.ts';
import { formatTime } from '#kit/clock.ts';
import { isRecord, trusted } from '#kit/json.ts';
import type { ServerContext } from '../contract/context.ts';
import type { ApiRequest } from '../contract/request.ts';
import { badRequest } from '../contract/status-error.ts';
import { type AnyObject, type BodyObject, type MutableMeta } from './json-object.ts';

/** Random characters behind a generated name, and the longest prefix in front of them (apiserver pkg/storage/names/generate.go). */
const SUFFIX_LENGTH = 5;
const LONGEST_PREFIX = 58;

/**
 * A new object with the metadata that only the server sets: uid, creation time, generated name, namespace of the path, first generation.
 * @throws ApiError `InvalidArgument` where the body contradicts the path
 */
export function prepareCreate(ctx: ServerContext, request: ApiRequest, body: BodyObject): AnyObject {
  const { resource } = request.kind;
  checkTypeMeta(request, body);
  const given: BodyObject['metadata'] = body.metadata;
  const { generateName } = given;
  const generated =
    generateName === undefined || generateName === '' ? '' : `${generateName.slice(0, LONGEST_PREFIX)}${ctx.ids.suffix(SUFFIX_LENGTH)}`;
  const {
    resourceVersion: _version,
    selfLink: _link,
    deletionTimestamp: _deleted,
    deletionGracePeriodSeconds: _grace,
    generation: _generation,
    ...kept
  } = given;
  const metadata: Omit<AnyObject['metadata'], 'resourceVersion'> = {
    ...kept,
    name: given.name === undefined || given.name === '' ? generated : given.name,
    ...(resource.isNamespaced ? { namespace: namespaceOf(request, given.namespace) } : {}),
    uid: ctx.ids.uid(),
    creationTimestamp: formatTime(ctx.clock.nowMs()),
    ...(request.kind.own !== undefined || isRecord(body['spec']) ? { generation: 1 } : {}),
  };
  if (!resource.isNamespaced) delete trusted<Partial<MutableMeta>>(metadata).namespace;
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...rest } = body;
  return trusted<AnyObject>({ apiVersion: apiVersionOf(resource), kind: resource.kind, metadata, ...rest });
}

/** @throws ApiError `InvalidArgument` where the body is one of an object that was stored; asked when admission had its say, as upstream's storage does */
export function requireUnstored({ metadata: { resourceVersion = '' } }: BodyObject): void {
  if (resourceVersion !== '' && resourceVersion !== '0') throw badRequest('resourceVersion should not be set on objects to be created');
}

function namespaceOf(request: ApiRequest, given: string | undefined): string {
  if (given !== undefined && given !== '' && given !== request.namespace) {
    throw badRequest(
      `the namespace of the provided object does not match the namespace sent on the request: ${JSON.stringify(given)} and ${JSON.stringify(request.namespace)}`,
    );
  }
  return request.namespace;
}

/** @throws ApiError `InvalidArgument` where the body says it is of another kind than the path */
export function checkTypeMeta(request: ApiRequest, body: BodyObject): void {
  const { resource } = request.kind;
  const expected = apiVersionOf(resource);
  if (body.apiVersion !== undefined && body.apiVersion !== '' && body.apiVersion !== expected) {
    throw badRequest(`the API version in the data (${body.apiVersion}) does not match the expected API version (${expected})`);
  }
  if (body.kind !== undefined && body.kind !== '' && body.kind !== resource.kind) {
    throw badRequest(
      `${body.kind} in version ${JSON.stringify(expected)} cannot be handled as a ${resource.kind}: the path is for ${resource.kind} objects`,
    );
  }
}
