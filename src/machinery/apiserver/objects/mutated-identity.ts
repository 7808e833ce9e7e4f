import { invalid as invalidField } from '#api/meta/field-error.ts';
import type { KubeObject } from '#api/meta/object.ts';
import type { ApiRequest } from '../contract/request.ts';
import { badRequest, conflict, invalid, MODIFIED } from '../contract/status-error.ts';

const IMMUTABLE = ['name', 'uid'] as const;

/** A new object as admission left it: it may have another name, but is where it was to be made, and its uid is the server's. @throws ApiError 400 for another namespace */
export function newIdentity<T extends KubeObject>(request: ApiRequest, mutated: T): T {
  const { namespace, ...others } = mutated.metadata;
  if (request.kind.resource.isNamespaced) requireNamespace(request, mutated);
  else if (namespace !== undefined) return { ...mutated, metadata: others };
  return mutated;
}

/** An object that admission changed has to stay the one that it was. @throws ApiError */
export function requireSameIdentity(request: ApiRequest, before: KubeObject, mutated: KubeObject): void {
  const { resource } = request.kind;
  if (resource.isNamespaced) requireNamespace(request, mutated);
  if (mutated.metadata.resourceVersion !== before.metadata.resourceVersion) throw conflict(resource, request.name, MODIFIED);
  const faults = IMMUTABLE.filter((field) => mutated.metadata[field] !== before.metadata[field]).map((field) =>
    invalidField(`metadata.${field}`, mutated.metadata[field], 'field is immutable'),
  );
  if (faults.length > 0) throw invalid(resource, request.name, faults);
}

function requireNamespace({ namespace }: ApiRequest, { metadata }: KubeObject): void {
  if (metadata.namespace !== namespace)
    throw badRequest(
      `the namespace of the provided object does not match the namespace sent on the request: ${JSON.stringify(metadata.namespace ?? '')} and ${JSON.stringify(namespace)}`,
    );
}
