import type { ParamKind, ParamRef } from '#api/generated/kubernetes.ts';
import { forbidden as forbiddenField } from '#api/meta/field-error.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { groupResourceOf, type Resource } from '#api/meta/resource.ts';
import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
} from '#api/resources.ts';
import { deepEqual, trusted } from '#kit/json.ts';
import type { UserInfo } from '../../contract/user.ts';
import { invalid } from '../../contract/status-error.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../../contract/admission.ts';
import { servedKind } from './policy-params.ts';
import type { PolicyParts } from './policy-subject.ts';

/** What is asked of the parameters of policies and bindings. */
interface Spec {
  readonly paramKind?: ParamKind;
  readonly policyName?: string;
  readonly paramRef?: ParamRef;
}

const POLICIES: ReadonlySet<string> = new Set([validatingAdmissionPolicies, mutatingAdmissionPolicies].map(groupResourceOf));
/** Of which policy each kind of binding is. */
const BINDINGS: ReadonlyMap<string, Resource> = new Map<string, Resource>([
  [groupResourceOf(validatingAdmissionPolicyBindings), validatingAdmissionPolicies],
  [groupResourceOf(mutatingAdmissionPolicyBindings), mutatingAdmissionPolicies],
]);

/** Who hands objects to a policy has to be let read them, else a policy would tell what they hold (registry/admissionregistration authz.go). */
export function policyParamAccess(parts: PolicyParts): AdmissionPlugin {
  return {
    name: 'PolicyParamAccess',
    validate(request) {
      if (request.object === undefined) return;
      const resource = groupResourceOf(request.kind.resource);
      if (POLICIES.has(resource)) requireParamKind(request, parts);
      const policies = BINDINGS.get(resource);
      if (policies !== undefined) requireParamRef(request, policies, parts);
    },
  };
}

function specOf(object: KubeObject | undefined): Spec {
  // why trusted: it is of one of the kinds above, and its validation passed
  return trusted<{ readonly spec?: Spec } | undefined>(object)?.spec ?? {};
}

function requireParamKind({ object, previous, kind, key, user }: AdmissionRequest, parts: PolicyParts): void {
  const { paramKind } = specOf(object);
  if (paramKind === undefined || deepEqual(paramKind, specOf(previous).paramKind)) return;
  if (mayRead(user, { verb: 'get', namespace: '*', name: '*', ...resolved(paramKind, parts) }, parts)) return;
  const { kind: name = '', apiVersion = '' } = paramKind;
  const why = `user ${user.name} must have "get" permission on all objects of the referenced paramKind (kind=${name}, apiVersion=${apiVersion})`;
  throw invalid(kind.resource, key.name, [forbiddenField('spec.paramKind', why)]);
}

function requireParamRef({ object, previous, kind, key, user }: AdmissionRequest, policies: Resource, parts: PolicyParts): void {
  const { paramRef, policyName = '' } = specOf(object);
  const before = specOf(previous);
  if (paramRef === undefined || (deepEqual(paramRef, before.paramRef) && policyName === before.policyName)) return;
  const { paramKind } = specOf(parts.view.get(policies, { namespace: '', name: policyName }));
  const { name = '', namespace = '' } = paramRef;
  const verb = name === '' ? 'list' : 'get';
  if (mayRead(user, { verb, namespace, name, ...resolved(paramKind, parts) }, parts)) return;
  const why =
    paramKind === undefined
      ? `unable to get policy ${policyName} to determine minimum required permissions and user ${user.name} does not have "${verb}" permission for all groups, versions and resources`
      : `user ${user.name} does not have "${verb}" permission on the object referenced by paramRef`;
  throw invalid(kind.resource, key.name, [forbiddenField('spec.paramRef', why)]);
}

interface Wanted {
  readonly verb: string;
  readonly namespace: string;
  readonly name: string;
  readonly resource: { readonly group: string; readonly version: string; readonly plural: string };
}

function mayRead(user: UserInfo, { verb, namespace, name, resource }: Wanted, { authorizer }: PolicyParts): boolean {
  return authorizer.authorize({ type: 'resource', user, verb, resource, subresource: '', namespace, name }).verdict === 'allow';
}

/** The resource of a kind; all resources where it is not known. */
function resolved(paramKind: ParamKind | undefined, { registry }: PolicyParts): Pick<Wanted, 'resource'> {
  if (paramKind === undefined) return { resource: { group: '*', version: '*', plural: '*' } };
  const { apiVersion = '' } = paramKind;
  const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  return { resource: servedKind(paramKind, registry)?.resource ?? { group, version, plural: '*' } };
}
