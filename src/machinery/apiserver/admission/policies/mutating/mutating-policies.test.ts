import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  ConfigMap,
  Deployment,
  MutatingAdmissionPolicyBindingSpec,
  MutatingAdmissionPolicySpec,
  Mutation,
} from '#api/generated/kubernetes.ts';
import {
  configMaps,
  deployments,
  mutatingAdmissionPolicies,
  mutatingAdmissionPolicyBindings,
  namespaces,
  persistentVolumeClaims,
} from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';

const RULE = { operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] };
const apply = (...expressions: readonly string[]): readonly Mutation[] =>
  expressions.map((expression) => ({ patchType: 'ApplyConfiguration', applyConfiguration: { expression } }));
const patch = (...expressions: readonly string[]): readonly Mutation[] =>
  expressions.map((expression) => ({ patchType: 'JSONPatch', jsonPatch: { expression } }));
const SET_B = apply('Object{data: {"b": "2"}}');

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi();
});
afterEach(() => api.close());

const policy = (spec: Partial<MutatingAdmissionPolicySpec>, name = 'p'): Promise<unknown> =>
  api.client.create(mutatingAdmissionPolicies, {
    metadata: { name },
    spec: { matchConstraints: { resourceRules: [RULE] }, mutations: SET_B, reinvocationPolicy: 'Never', ...spec },
  });
const bind = (spec: Partial<MutatingAdmissionPolicyBindingSpec> = {}, policyName = 'p'): Promise<unknown> =>
  api.client.create(mutatingAdmissionPolicyBindings, { metadata: { name: `${policyName}-b` }, spec: { policyName, ...spec } });
const enforce = async (
  spec: Partial<MutatingAdmissionPolicySpec>,
  binding: Partial<MutatingAdmissionPolicyBindingSpec> = {},
): Promise<void> => {
  await policy(spec);
  await bind(binding);
};
const create = (data: Record<string, string> = { a: '1' }, name = 'x', namespace = 'default'): Promise<ConfigMap> =>
  api.client.create(configMaps, { metadata: { name, namespace, labels: { team: 'a' } }, data });
// why trusted: the template of a pod has metadata of its own, without what the server fills
const WORKLOAD = trusted<Deployment['spec']>({
  selector: { matchLabels: { app: 'w' } },
  template: {
    metadata: { labels: { app: 'w' } },
    spec: {
      containers: [
        { name: 'a', image: 'i:1', args: ['x'], env: [{ name: 'A', value: '1' }] },
        { name: 'b', image: 'j' },
      ],
    },
  },
});
const deploy = (): Promise<Deployment> => api.client.create(deployments, { metadata: { name: 'x', namespace: 'default' }, spec: WORKLOAD });
const forDeployments = { matchConstraints: { resourceRules: [{ ...RULE, apiGroups: ['apps'], resources: ['deployments'] }] } };
const said = (why: string): string => `policy 'p' with binding 'p-b' denied request: ${why}`;

describe('API-1: policies that mutate, on a ConfigMap', () => {
  it.each<{ name: string; spec: Partial<MutatingAdmissionPolicySpec>; data: Record<string, string> }>([
    { name: 'set fields', spec: {}, data: { a: '1', b: '2' } },
    {
      name: 'see what those before them made',
      spec: { mutations: apply('Object{data: {"b": "2"}}', 'Object{data: {"c": object.data.b + "3"}}') },
      data: { a: '1', b: '2', c: '23' },
    },
    {
      name: 'patch',
      spec: {
        mutations: patch('[JSONPatch{op: "test", path: "/data/a", value: "1"}, JSONPatch{op: "replace", path: "/data/a", value: "9"}]'),
      },
      data: { a: '9' },
    },
    {
      name: 'move and copy, with names that a path has to escape',
      spec: {
        mutations: patch(
          '[JSONPatch{op: "copy", from: "/data/a", path: "/data/b"}, JSONPatch{op: "add", path: "/metadata/labels/" + jsonpatch.escapeKey("a.b/c~d"), value: "e"}, JSONPatch{op: "move", from: "/metadata/labels/a.b~1c~0d", path: "/data/c"}]',
        ),
      },
      data: { a: '1', b: '1', c: 'e' },
    },
    {
      name: 'leave it where a test of a patch fails',
      spec: { mutations: patch('[JSONPatch{op: "test", path: "/data/a", value: "9"}, JSONPatch{op: "remove", path: "/data/a"}]') },
      data: { a: '1' },
    },
    {
      name: 'take null for a value that is missing, which is the empty text',
      spec: { mutations: patch('[JSONPatch{op: "add", path: "/data/b"}]') },
      data: { a: '1', b: '' },
    },
    {
      name: 'leave it where a condition is false',
      spec: { matchConditions: [{ name: 'c', expression: 'object.data.a == "2"' }] },
      data: { a: '1' },
    },
    {
      name: 'know variables, anew after each mutation',
      spec: {
        variables: [
          { name: 'one', expression: 'object.data.a' },
          { name: 'two', expression: 'variables.one + "!"' },
        ],
        mutations: apply('Object{data: {"a": "5"}}', 'Object{data: {"b": variables.two}}'),
      },
      data: { a: '5', b: '5!' },
    },
    {
      name: 'know who asks for what, and where',
      spec: { mutations: apply('Object{data: {"b": request.userInfo.username + request.operation + namespaceObject.metadata.name}}') },
      data: { a: '1', b: 'testCREATEdefault' },
    },
    {
      name: 'know what the asker may',
      spec: { mutations: apply('Object{data: {"b": string(authorizer.group("").resource("pods").check("get").allowed())}}') },
      data: { a: '1', b: 'true' },
    },
    {
      name: 'are asked again where they say so',
      spec: { reinvocationPolicy: 'IfNeeded', mutations: apply('Object{data: {"n": has(object.data.n) ? object.data.n + "+" : "0"}}') },
      data: { a: '1', n: '0+' },
    },
    {
      name: 'are asked once where they do not',
      spec: { mutations: apply('Object{data: {"n": has(object.data.n) ? object.data.n + "+" : "0"}}') },
      data: { a: '1', n: '0' },
    },
    {
      name: 'are passed over where they may fail',
      spec: { failurePolicy: 'Ignore', mutations: apply('Object{data: {"b": object.data.none}}', 'Object{data: {"c": "3"}}') },
      data: { a: '1', c: '3' },
    },
    {
      name: 'are passed over where their conditions fail and they may',
      spec: { failurePolicy: 'Ignore', matchConditions: [{ name: 'c', expression: 'object.data.none == "1"' }] },
      data: { a: '1' },
    },
  ])('$name', async ({ spec, data }) => {
    await enforce(spec);
    expect((await create()).data).toEqual(data);
  });

  it.each<{ name: string; spec: Partial<MutatingAdmissionPolicySpec>; message: string; reason?: string }>([
    {
      name: 'an expression fails',
      spec: { mutations: apply('Object{data: {"b": object.data.none}}') },
      message: said(`expression 'Object{data: {"b": object.data.none}}' resulted in error: no such key: none`),
    },
    {
      name: 'a variable fails',
      spec: { variables: [{ name: 'one', expression: 'object.data.none' }], mutations: apply('Object{data: {"b": variables.one}}') },
      message: said(
        `expression 'Object{data: {"b": variables.one}}' resulted in error: composited variable "one" fails to evaluate: no such key: none`,
      ),
    },
    {
      name: 'conditions fail',
      spec: {
        matchConditions: [
          { name: 'c', expression: 'object.data.none == "1"' },
          { name: 'd', expression: 'object.data.other == "1"' },
        ],
      },
      message: said(
        `[expression 'object.data.none == "1"' resulted in error: no such key: none, expression 'object.data.other == "1"' resulted in error: no such key: other]`,
      ),
    },
    {
      name: 'a part stands where its type does not',
      spec: { mutations: apply('Object{data: Object.wrong{}}') },
      message: said(
        'type mismatch: unexpected type name "Object.wrong", expected "Object.data", which matches field name path from root Object type',
      ),
    },
    {
      name: 'a value has the wrong type',
      spec: { mutations: apply('Object{data: {"b": 2}}') },
      message: said('error applying patch: failed to convert patch object to typed object: .data.b: expected string, got 2'),
    },
    {
      name: 'a field does not exist',
      spec: { mutations: apply('Object{spec: Object.spec{}}') },
      message: said('error applying patch: failed to convert patch object to typed object: .spec: field not declared in schema'),
    },
    {
      name: 'a list can only be replaced as a whole',
      spec: {
        mutations: apply(
          'Object{metadata: Object.metadata{managedFields: [Object.metadata.managedFields{manager: "me"}]}, immutable: true}',
        ),
      },
      message: said(
        'error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .metadata.managedFields',
      ),
    },
    {
      name: 'a path is not there',
      spec: { mutations: patch('[JSONPatch{op: "remove", path: "/data/none"}]') },
      message: said('JSON Patch: '),
    },
    {
      name: 'a patch makes something else of it',
      spec: { mutations: patch('[JSONPatch{op: "replace", path: "/kind", value: "Secret"}]') },
      message: said('the mutation makes something else of the object'),
    },
    {
      name: 'a patch adds what is unknown',
      spec: { mutations: patch('[JSONPatch{op: "add", path: "/spec", value: {"a": 1}}]') },
      message: 'strict decoding error: unknown field "spec"',
    },
    {
      name: 'it costs too much',
      spec: {
        mutations: apply(
          `Object{data: {"n": string([1,2,3,4,5,6,7,8,9,10].all(x, authorizer.group("").resource("pods").check("get").allowed()))}}`,
        ),
      },
      message: 'operation cancelled: actual cost limit exceeded',
    },
    {
      name: 'the kind of the parameters is not served',
      spec: { paramKind: { apiVersion: 'x.y/v1', kind: 'None' } },
      message: `policy "p" denied request: failed to configure policy: failed to find resource referenced by paramKind: 'x.y/v1, Kind=None'`,
      reason: 'Forbidden',
    },
  ])('refuse where $name', async ({ spec, message, reason = 'Invalid' }) => {
    await enforce(spec);
    await expect(create()).rejects.toMatchObject({ message: expect.stringContaining(message), status: { code: 403, reason } });
    expect((await api.client.list(configMaps)).items).toEqual([]);
  });

  it('tell all faults of a policy', async () => {
    await enforce({ mutations: apply('Object{data: {"b": object.data.none}}', 'Object{data: {"c": object.data.other}}') });
    const causes = ['b": object.data.none', 'c": object.data.other'].map((part) => ({ message: expect.stringContaining(part) }));
    await expect(create()).rejects.toMatchObject({ status: { details: { name: 'x', kind: 'configmaps', causes } } });
  });

  it('what they make is validated, may have another name, and stays in its namespace', async () => {
    await enforce({ mutations: apply('Object{metadata: Object.metadata{name: object.metadata.name + "-y"}}') });
    expect((await create()).metadata.name).toBe('x-y');
    await policy({ mutations: apply('Object{data: {"b/c": "2"}}') }, 'q');
    await bind({}, 'q');
    await expect(create({}, 'z')).rejects.toThrow('ConfigMap "z-y" is invalid: data[b/c]: Invalid value: "b/c"');
    await api.client.delete(mutatingAdmissionPolicies, { name: 'q', namespace: '' });
    await policy({ mutations: apply('Object{metadata: Object.metadata{namespace: "other"}}') }, 'r');
    await bind({}, 'r');
    await expect(create({}, 'z')).rejects.toMatchObject({ status: { code: 400 } });
  });

  it.each([
    { field: 'name', says: 'metadata.name: Invalid value: "other": field is immutable', code: 422 },
    { field: 'uid', says: 'metadata.uid: Invalid value: "other": field is immutable', code: 422 },
    { field: 'namespace', says: 'the namespace of the provided object does not match', code: 400 },
    { field: 'resourceVersion', says: 'the object has been modified', code: 409 },
  ])('can not make another object of one: $field', async ({ field, says, code }) => {
    const made = await create();
    await enforce({ mutations: apply(`Object{metadata: Object.metadata{${field}: "other"}}`) });
    await expect(api.client.update(configMaps, { ...made, data: {} })).rejects.toMatchObject({
      message: expect.stringContaining(says),
      status: { code },
    });
  });

  it('see what was before, and are not asked about deletions and themselves', async () => {
    const made = await create();
    await enforce({
      matchConstraints: { resourceRules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }] },
      matchConditions: [
        { name: 'c', expression: 'request.kind.kind == "ConfigMap" || request.kind.group == "admissionregistration.k8s.io"' },
      ],
      mutations: apply('Object{data: {"b": oldObject == null ? "new" : oldObject.data.a}}'),
    });
    expect((await api.client.update(configMaps, { ...made, data: { a: '2' } })).data).toEqual({ a: '2', b: '1' });
    expect((await create({ a: '1' }, 'y')).data).toEqual({ a: '1', b: 'new' });
    await api.client.delete(configMaps, { namespace: 'default', name: 'x' });
    await api.client.delete(mutatingAdmissionPolicyBindings, { name: 'p-b', namespace: '' });
    await bind();
    expect((await create({ a: '1' }, 'z')).data).toEqual({ a: '1', b: 'new' });
  });
});

describe('API-1: policies that mutate, on a Deployment', () => {
  const inPod = (fields: string): string =>
    `Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{${fields}}}}}`;
  const container = 'Object.spec.template.spec.containers';

  it('merge lists by their keys, and fill what is new', async () => {
    await enforce({
      ...forDeployments,
      mutations: apply(
        inPod(`containers: object.spec.template.spec.containers.map(c, ${container}{name: c.name, image: c.image + "-v"})`),
        inPod(
          `containers: [${container}{name: "a", env: [${container}.env{name: "A", value: "9"}, ${container}.env{name: "B", value: "2"}]}]`,
        ),
        inPod('initContainers: [Object.spec.template.spec.initContainers{name: "s", image: "z", restartPolicy: "Always"}]'),
        'Object{spec: Object.spec{replicas: object.spec.replicas + 4}}',
      ),
    });
    const { spec } = await deploy();
    const { containers, initContainers = [] } = spec.template.spec ?? { containers: [] };
    expect(containers.map(({ name, image, env, args }) => ({ name, image, env, args }))).toEqual([
      {
        name: 'a',
        image: 'i:1-v',
        args: ['x'],
        env: [
          { name: 'A', value: '9' },
          { name: 'B', value: '2' },
        ],
      },
      { name: 'b', image: 'j-v', env: undefined, args: undefined },
    ]);
    expect(initContainers.map(({ name, imagePullPolicy, restartPolicy }) => [name, imagePullPolicy, restartPolicy])).toEqual([
      ['s', 'Always', 'Always'],
    ]);
    expect(spec.replicas).toBe(5);
  });

  it('patch with objects', async () => {
    await enforce({
      ...forDeployments,
      mutations: patch(`[JSONPatch{op: "add", path: "/spec/template/spec/containers/-", value: ${container}{name: "c", image: "k"}}]`),
    });
    expect((await deploy()).spec.template.spec?.containers.map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  });

  it('say which lists, maps and structs they would replace as a whole', async () => {
    await enforce({
      ...forDeployments,
      mutations: apply(
        `Object{spec: Object.spec{selector: Object.spec.selector{}, template: Object.spec.template{spec: Object.spec.template.spec{containers: [${container}{name: "a", args: ["y"]}], nodeSelector: {"x": "y"}}}}}`,
      ),
    });
    await expect(deploy()).rejects.toThrow(
      'may not mutate atomic arrays, maps or structs: .spec.selector, .spec.template.spec.containers[0].args, .spec.template.spec.nodeSelector',
    );
  });

  it('a container without its name is told by its name', async () => {
    await enforce({ ...forDeployments, mutations: apply(inPod(`containers: [${container}{image: "y"}]`)) });
    await expect(deploy()).rejects.toThrow('spec.template.spec.containers[2].name: Required value');
  });

  it('change with a status nothing but the status', async () => {
    const made = await deploy();
    const parts = 'metadata: Object.metadata{labels: {"a": "b"}}, spec: Object.spec{replicas: 7}, status: Object.status{readyReplicas: 2}';
    await enforce({
      matchConstraints: { resourceRules: [{ ...RULE, apiGroups: ['apps'], resources: ['deployments/status'] }] },
      mutations: apply(`Object{${parts}}`),
    });
    const updated = await api.client.update(deployments, { ...made, status: { replicas: 1 } }, { subresource: 'status' });
    expect([updated.metadata.labels, updated.spec.replicas, updated.status]).toEqual([undefined, 1, { replicas: 1, readyReplicas: 2 }]);
  });

  it('VOL-8: claims get a class and a size', async () => {
    await enforce({
      matchConstraints: { resourceRules: [{ ...RULE, resources: ['persistentvolumeclaims'] }] },
      mutations: apply(
        'Object{spec: Object.spec{storageClassName: "fast", resources: Object.spec.resources{requests: {"storage": "2Gi"}}}}',
      ),
    });
    const { spec } = await api.client.create(persistentVolumeClaims, {
      metadata: { name: 'c', namespace: 'default' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    });
    expect([spec.storageClassName, spec.resources?.requests]).toEqual(['fast', { storage: '2Gi' }]);
  });
});

describe('API-1: bindings of policies that mutate', () => {
  it.each<{
    name: string;
    spec?: Partial<MutatingAdmissionPolicySpec>;
    binding?: Partial<MutatingAdmissionPolicyBindingSpec>;
    set: boolean;
  }>([
    { name: 'everything of its rules', set: true },
    { name: 'other kinds', spec: { matchConstraints: { resourceRules: [{ ...RULE, resources: ['pods'] }] } }, set: false },
    { name: 'updates only', spec: { matchConstraints: { resourceRules: [{ ...RULE, operations: ['UPDATE'] }] } }, set: false },
    { name: 'names', spec: { matchConstraints: { resourceRules: [{ ...RULE, resourceNames: ['y'] }] } }, set: false },
    {
      name: 'but for exceptions',
      spec: { matchConstraints: { resourceRules: [RULE], excludeResourceRules: [{ ...RULE, resourceNames: ['x'] }] } },
      set: false,
    },
    { name: 'labels', spec: { matchConstraints: { resourceRules: [RULE], objectSelector: { matchLabels: { team: 'b' } } } }, set: false },
    { name: 'what its binding selects', binding: { matchResources: { objectSelector: { matchLabels: { team: 'a' } } } }, set: true },
    {
      name: 'what its binding does not select',
      binding: { matchResources: { objectSelector: { matchLabels: { team: 'b' } } } },
      set: false,
    },
    {
      name: 'namespaces of its binding',
      binding: { matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'other' } } } },
      set: false,
    },
    { name: 'nothing: its binding is of another', binding: { policyName: 'other' }, set: false },
  ])('are about $name', async ({ spec = {}, binding = {}, set }) => {
    await enforce(spec, binding);
    expect((await create()).data?.['b']).toBe(set ? '2' : undefined);
  });

  it('go by the order of names, and end when they or their policies do', async () => {
    const add = (text: string): readonly Mutation[] => apply(`Object{data: {"n": (has(object.data.n) ? object.data.n : "") + "${text}"}}`);
    await policy({ mutations: add('2') }, 'q');
    await policy({ mutations: add('1') });
    await bind();
    await bind({}, 'q');
    expect((await create({})).data).toEqual({ n: '12' });
    await api.client.delete(mutatingAdmissionPolicyBindings, { name: 'p-b', namespace: '' });
    expect((await create({}, 'y')).data).toEqual({ n: '2' });
    await api.client.delete(mutatingAdmissionPolicies, { name: 'q', namespace: '' });
    expect((await create({}, 'z')).data).toEqual({});
  });

  const byParams = {
    paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
    matchConditions: [{ name: 'c', expression: 'object.metadata.name == "x"' }],
  };
  it.each<{ name: string; ref: MutatingAdmissionPolicyBindingSpec['paramRef']; data?: Record<string, string>; says?: string }>([
    { name: 'by name', ref: { name: 'one', namespace: 'params', parameterNotFoundAction: 'Deny' }, data: { a: '1', one: 'v' } },
    {
      name: 'by labels, once for each',
      ref: { selector: { matchLabels: { team: 'a' } }, namespace: 'params', parameterNotFoundAction: 'Deny' },
      data: { a: '1', one: 'v', two: 'v' },
    },
    { name: 'in the namespace of the request', ref: { name: 'one', parameterNotFoundAction: 'Allow' }, data: { a: '1' } },
    {
      name: 'that are missing',
      ref: { name: 'none', parameterNotFoundAction: 'Deny' },
      says: said('failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction'),
    },
  ])('hand parameters over $name', async ({ ref, data, says }) => {
    await api.client.create(namespaces, { metadata: { name: 'params' }, spec: {} });
    for (const name of ['one', 'two']) await create({ key: name }, name, 'params');
    await enforce({ ...byParams, mutations: apply('Object{data: {params.data.key: "v"}}') }, { paramRef: ref });
    if (says === undefined) expect((await create()).data).toEqual(data);
    else await expect(create()).rejects.toMatchObject({ message: says, status: { code: 403, reason: 'Forbidden' } });
  });
});

describe('API-1: policies that mutate are looked at when they are written', () => {
  const mutation = (fields: Partial<Mutation>) => ({ mutations: [{ patchType: 'JSONPatch', ...fields }] });
  it.each<{ spec: Partial<MutatingAdmissionPolicySpec>; says: string }>([
    { spec: { mutations: [] }, says: 'spec.mutations: Required value: mutations must contain at least one item' },
    { spec: { matchConstraints: undefined }, says: 'spec.matchConstraints: Required value' },
    { spec: { matchConstraints: {} }, says: 'spec.matchConstraints.resourceRules: Required value' },
    {
      spec: { matchConstraints: { resourceRules: [{ ...RULE, operations: ['DELETE'] }] } },
      says: 'spec.matchConstraints.resourceRules.operations: Unsupported value: "DELETE": supported values: "*", "CONNECT", "CREATE", "UPDATE"',
    },
    { spec: { reinvocationPolicy: undefined }, says: 'spec.reinvocationPolicy: Required value' },
    {
      spec: { reinvocationPolicy: 'Once' },
      says: 'spec.reinvocationPolicy: Unsupported value: "Once": supported values: "IfNeeded", "Never"',
    },
    { spec: { failurePolicy: 'Maybe' }, says: 'spec.failurePolicy: Unsupported value: "Maybe": supported values: "Fail", "Ignore"' },
    { spec: { paramKind: { kind: 'ConfigMap' } }, says: 'spec.paramKind.apiVersion: Required value' },
    {
      spec: { paramKind: { apiVersion: 'a/b/c', kind: 'X' } },
      says: 'spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string',
    },
    { spec: { paramKind: { apiVersion: 'v1', kind: '' } }, says: 'spec.paramKind.kind: Required value' },
    {
      spec: { variables: [{ name: 'in', expression: '1' }] },
      says: 'spec.variables[0].name: Invalid value: "in": must be a valid CEL identifier',
    },
    {
      spec: { variables: [{ name: 'a', expression: 'b' }] },
      says: 'spec.variables[0].expression: Invalid value: "b": compilation failed: ERROR: <input>:1:1: undeclared reference to \'b\'',
    },
    { spec: { variables: [{ name: 'a', expression: 'Object{}' }] }, says: "undeclared reference to 'Object'" },
    { spec: { matchConditions: [{ name: 'a b', expression: 'true' }] }, says: 'spec.matchConditions[0].name: Invalid value: "a b"' },
    { spec: { matchConditions: [{ name: 'c', expression: 'variables.a' }] }, says: "undeclared reference to 'variables'" },
    {
      spec: mutation({ patchType: 'Merge' }),
      says: 'spec.mutations[0].patchType: Unsupported value: "Merge": supported values: "ApplyConfiguration", "JSONPatch"',
    },
    { spec: mutation({ patchType: '' }), says: 'spec.mutations[0].patchType: Required value' },
    { spec: mutation({}), says: 'spec.mutations[0].jsonPatch: Required value: must be specified when patchType is JSONPatch' },
    {
      spec: mutation({ jsonPatch: { expression: '[JSONPatch{}]' }, applyConfiguration: { expression: 'Object{}' } }),
      says: 'spec.mutations[0].applyConfiguration: Invalid value: "{applyConfiguration}": must not be specified when patchType is JSONPatch',
    },
    { spec: mutation({ jsonPatch: { expression: ' ' } }), says: 'spec.mutations[0].jsonPatch.expression: Required value' },
    {
      spec: { mutations: patch('Object{}') },
      says: 'spec.mutations[0].jsonPatch.expression: Invalid value: "Object{}": must evaluate to list(JSONPatch) but got Object',
    },
    {
      spec: { mutations: apply('object') },
      says: 'spec.mutations[0].applyConfiguration.expression: Invalid value: "object": must evaluate to Object but got dyn',
    },
    { spec: { mutations: apply('Object{a: params.b}') }, says: "undeclared reference to 'params'" },
  ])('$says', async ({ spec, says }) => {
    await expect(policy(spec)).rejects.toThrow(says);
  });

  it.each<{ spec: MutatingAdmissionPolicyBindingSpec; says: string }>([
    { spec: { policyName: '' }, says: 'spec.policyName: Required value' },
    { spec: { policyName: 'A' }, says: 'spec.policyName: Invalid value: "A": a lowercase RFC 1123 subdomain' },
    {
      spec: { matchResources: { resourceRules: [{ ...RULE, operations: ['DELETE'] }] } },
      says: 'spec.matchResources.resourceRules.operations: Unsupported value: "DELETE"',
    },
    { spec: { paramRef: { name: 'a', parameterNotFoundAction: '' } }, says: 'spec.paramRef.parameterNotFoundAction: Required value' },
    {
      spec: { paramRef: { name: 'a', selector: {}, parameterNotFoundAction: 'Deny' } },
      says: 'spec.paramRef.name: Forbidden: name and selector are mutually exclusive',
    },
    {
      spec: { paramRef: { parameterNotFoundAction: 'Deny' } },
      says: 'spec.paramRef: Required value: one of name or selector must be specified',
    },
  ])('a binding: $says', async ({ spec, says }) => {
    await expect(bind(spec)).rejects.toThrow(says);
  });
});
