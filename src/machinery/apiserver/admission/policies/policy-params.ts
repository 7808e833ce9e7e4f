import type { ParamKind, ParamRef } from '#api/generated/kubernetes.ts';
import type { KindDefinition } from '#api/meta/kind.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { apiVersionOf, type Resource } from '#api/meta/resource.ts';
import { matchesLabelSelector } from '#api/meta/selector.ts';
import { ok, type Result } from '#kit/errors.ts';
import type { KindRegistry } from '../../contract/registry.ts';
import type { AdmissionRequest, StoreView } from '../../contract/admission.ts';
import type { BoundPolicy } from './policy-index.ts';

/** Why a policy can't be asked. */
export interface ConfigurationFault {
  /** What is to be mended. */
  readonly at: 'policy' | 'binding';
  /** In upstream's words. */
  readonly message: string;
}

/** The kind of parameters; undefined where nothing serves it. */
export function servedKind({ apiVersion, kind }: ParamKind, registry: KindRegistry): KindDefinition | undefined {
  const { kinds = [] } = registry.groupVersions.find(({ group, version }) => apiVersionOf({ group, version }) === apiVersion) ?? {};
  return kinds.find(({ resource }) => resource.kind === kind);
}

/**
 * The parameters with which a policy is asked, once for each; `[undefined]` where it has none, and nothing where those that a binding names are missing and that is allowed.
 * The error says what is missing (apiserver policy/generic `CollectParams`).
 */
export function paramsOf(
  { policy: { paramKind }, binding: { paramRef } }: BoundPolicy,
  request: AdmissionRequest,
  { registry, view }: { readonly registry: KindRegistry; readonly view: StoreView },
): Result<readonly (KubeObject | undefined)[], ConfigurationFault> {
  if (paramKind === undefined) return ok([undefined]);
  const kind = servedKind(paramKind, registry);
  if (kind === undefined)
    return faultAt(
      'policy',
      `failed to find resource referenced by paramKind: '${paramKind.apiVersion ?? ''}, Kind=${paramKind.kind ?? ''}'`,
    );
  if (paramRef === undefined) return ok([undefined]);
  const scope = scopeOf(kind.resource, paramRef, request);
  if (!scope.ok) return scope;
  const found = findParams(kind.resource, paramRef, { namespace: scope.value, view });
  if (found.length > 0 || paramRef.parameterNotFoundAction === 'Allow') return ok(found);
  return faultAt('binding', 'no params found for policy binding with `Deny` parameterNotFoundAction');
}

/** The namespace of parameters; `''` for those that have none. */
function scopeOf({ isNamespaced }: Resource, { namespace = '' }: ParamRef, { key }: AdmissionRequest): Result<string, ConfigurationFault> {
  if (!isNamespaced)
    return namespace === '' ? ok('') : faultAt('binding', 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  const scope = namespace === '' ? key.namespace : namespace;
  return scope === ''
    ? faultAt('binding', 'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources')
    : ok(scope);
}

function findParams(
  resource: Resource,
  { name = '', selector = {} }: ParamRef,
  { namespace, view }: { readonly namespace: string; readonly view: StoreView },
): readonly KubeObject[] {
  if (name === '') return view.list(resource, namespace).items.filter(({ metadata }) => matchesLabelSelector(selector, metadata.labels));
  const found = view.get(resource, { namespace, name });
  return found === undefined ? [] : [found];
}

function faultAt(at: ConfigurationFault['at'], why: string): { readonly ok: false; readonly error: ConfigurationFault } {
  return { ok: false, error: { at, message: `failed to configure ${at}: ${why}` } };
}
