import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  validatingAdmissionPolicies,
  validatingAdmissionPolicyBindings,
} from '#api/resources.ts';
import type { Attributes, Authorizer } from '../../contract/authorizer.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';

let api: TestApi;
let asked: string[];
/** Lets ann write policies and bindings, and read ConfigMaps of one namespace. */
const authorizer: Authorizer = {
  name: 'test',
  authorize: (attributes: Attributes) => {
    if (attributes.type === 'path' || attributes.user.name !== 'ann') return { verdict: 'no-opinion' };
    const { verb, namespace, name, resource } = attributes;
    if (resource.group === 'admissionregistration.k8s.io') return { verdict: 'allow' };
    asked.push(`${verb} ${resource.group}/${resource.plural} ${namespace}/${name}`);
    return { verdict: resource.plural === 'configmaps' && namespace === 'hers' ? 'allow' : 'no-opinion' };
  },
  rulesFor: () => [],
};
beforeEach(async () => {
  asked = [];
  api = await startTestApi({ authorizers: [authorizer] });
});
afterEach(() => api.close());

const matchConstraints = { resourceRules: [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }] };
const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' };
const metadata = { name: 'p' };
const mutating = {
  matchConstraints,
  paramKind,
  reinvocationPolicy: 'Never',
  mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{}' } }],
};
const validating = { matchConstraints, paramKind, validations: [{ expression: 'params != null' }] };

it('API-4: who may not read the kind of the parameters can not make a policy that does', async () => {
  const ann = api.server.clientFor({ name: 'ann', groups: [] });
  const says =
    'spec.paramKind: Forbidden: user ann must have "get" permission on all objects of the referenced paramKind (kind=ConfigMap, apiVersion=v1)';
  await expect(ann.create(mutatingAdmissionPolicies, { metadata, spec: mutating })).rejects.toThrow(says);
  await expect(ann.create(validatingAdmissionPolicies, { metadata, spec: validating })).rejects.toThrow(says);
  const other = { ...mutating, paramKind: { apiVersion: 'x.y/v1', kind: 'Other' } };
  await expect(ann.create(mutatingAdmissionPolicies, { metadata, spec: other })).rejects.toThrow('(kind=Other, apiVersion=x.y/v1)');
  expect(asked).toEqual(['get /configmaps */*', 'get /configmaps */*', 'get x.y/* */*']);
  const { paramKind: _kind, ...without } = mutating;
  await expect(ann.create(mutatingAdmissionPolicies, { metadata, spec: without })).resolves.toBeDefined();
});

it('API-4: who may not read parameters can not hand them to a policy', async () => {
  await api.client.create(mutatingAdmissionPolicies, { metadata, spec: mutating });
  await api.client.create(validatingAdmissionPolicies, { metadata, spec: validating });
  const ann = api.server.clientFor({ name: 'ann', groups: [] });
  const bind = (namespace: string, policyName = 'p'): Promise<unknown> =>
    ann.create(mutatingAdmissionPolicyBindings, {
      metadata: { name: `${policyName}-${namespace}` },
      spec: { policyName, paramRef: { name: 'x', namespace, parameterNotFoundAction: 'Deny' } },
    });
  const says = 'spec.paramRef: Forbidden: user ann does not have "get" permission on the object referenced by paramRef';
  await expect(bind('others')).rejects.toThrow(says);
  await expect(bind('hers')).resolves.toBeDefined();
  await expect(bind('hers', 'none')).rejects.toThrow('unable to get policy none to determine minimum required permissions');
  const spec = { policyName: 'p', validationActions: ['Deny'], paramRef: { selector: {}, parameterNotFoundAction: 'Deny' } };
  await expect(ann.create(validatingAdmissionPolicyBindings, { metadata, spec })).rejects.toThrow('does not have "list" permission');
});
