import type { KubeObject } from '#api/meta/object.ts';
import { apiVersionOf } from '#api/meta/resource.ts';
import { matchesLabelSelector } from '#api/meta/selector.ts';
import { fail, ok, type Result } from '#kit/errors.ts';
import type { KindRegistry } from '../../registry.ts';
import type { AdmissionRequest, StoreView } from '../admission.ts';
import type { BoundPolicy } from './policy-index.ts';

/**
 * The parameters with which a policy is asked, once for each; `[undefined]` where it has none, and nothing where those that a binding names are missing and that is allowed.
 * The error says what is missing.
 */
export function paramsOf(
  { policy: { paramKind, name: policyName }, binding: { paramRef } }: BoundPolicy,
  request: AdmissionRequest,
  { registry, view }: { readonly registry: KindRegistry; readonly view: StoreView },
): Result<readonly (KubeObject | undefined)[]> {
  if (paramKind === undefined || paramRef === undefined) return ok([undefined]);
  const kinds = registry.groupVersions.flatMap(({ kinds: served }) => served);
  const kind = kinds.find(({ resource }) => resource.kind === paramKind.kind && apiVersionOf(resource) === paramKind.apiVersion);
  if (kind === undefined) return fail(`failed to find resource referenced by paramKind: '${paramKind.apiVersion}, Kind=${paramKind.kind}'`);
  const { resource } = kind;
  const { name = '', selector, namespace = request.key.namespace } = paramRef;
  if (resource.isNamespaced && namespace === '')
    return fail(`the parameters of policy ${policyName} are in a namespace, and neither the binding nor the request names one`);
  const scope = resource.isNamespaced ? namespace : '';
  const found =
    name === ''
      ? view.list(resource, scope).items.filter(({ metadata }) => matchesLabelSelector(selector ?? {}, metadata.labels))
      : [view.get(resource, { namespace: scope, name })].filter((object) => object !== undefined);
  if (found.length > 0 || paramRef.parameterNotFoundAction === 'Allow') return ok(found);
  return fail('no params found for policy binding with `Deny` parameterNotFoundAction');
}
