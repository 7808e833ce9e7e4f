import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ValidatingAdmissionPolicyBindingSpec, ValidatingAdmissionPolicySpec } from '#api/generated/kubernetes.ts';
import { configMaps, namespaces, pods, validatingAdmissionPolicies, validatingAdmissionPolicyBindings } from '#api/resources.ts';
import type { AuditRecord } from '../../contract/audit.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';

const RULE = { operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] };

describe('API-1: policies in CEL', () => {
  let api: TestApi;
  let audited: AuditRecord[];
  beforeEach(async () => {
    audited = [];
    api = await startTestApi({ audit: { record: (record) => void audited.push(record) } });
  });
  afterEach(() => api.close());
  const policy = (spec: Partial<ValidatingAdmissionPolicySpec>, name = 'p'): Promise<unknown> =>
    api.client.create(validatingAdmissionPolicies, {
      metadata: { name },
      spec: { matchConstraints: { resourceRules: [RULE] }, validations: [{ expression: 'true' }], ...spec },
    });
  const bind = (spec: Partial<ValidatingAdmissionPolicyBindingSpec> = {}, policyName = 'p'): Promise<unknown> =>
    api.client.create(validatingAdmissionPolicyBindings, {
      metadata: { name: 'b' },
      spec: { policyName, validationActions: ['Deny'], ...spec },
    });
  const enforce = async (
    spec: Partial<ValidatingAdmissionPolicySpec>,
    binding: Partial<ValidatingAdmissionPolicyBindingSpec> = {},
  ): Promise<void> => {
    await policy(spec);
    await bind(binding);
  };
  const create = (data: Record<string, string> = {}, name = 'x', namespace = 'default') =>
    api.client.create(configMaps, { metadata: { name, namespace, labels: { team: data['team'] ?? 'none' } }, data });
  const aMap = (data: Record<string, string>) => ({ metadata: { name: 'x', namespace: 'default' }, data });
  const said = (message: string): string =>
    `configmaps "x" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: ${message}`;

  it.each<{ name: string; spec: Partial<ValidatingAdmissionPolicySpec>; data?: Record<string, string>; refusal?: string; code?: number }>([
    { name: 'what is true', spec: { validations: [{ expression: 'object.data.a == "1"' }] }, data: { a: '1' } },
    {
      name: 'what is false',
      spec: { validations: [{ expression: ' object.data.a == "1" ' }] },
      data: { a: '2' },
      refusal: said('failed expression: object.data.a == "1"'),
      code: 422,
    },
    { name: 'a message', spec: { validations: [{ expression: 'false', message: 'never' }] }, refusal: said('never') },
    {
      name: 'a made message',
      spec: { validations: [{ expression: 'false', message: 'never', messageExpression: '"not " + object.data.a' }] },
      data: { a: 'so' },
      refusal: said('not so'),
    },
    {
      name: 'a message that can not be made',
      spec: { validations: [{ expression: 'false', message: 'never', messageExpression: 'string(object.data.none)' }] },
      refusal: said('never'),
    },
    {
      name: 'a reason',
      spec: { validations: [{ expression: 'false', reason: 'Forbidden' }] },
      refusal: said('failed expression: false'),
      code: 403,
    },
    {
      name: 'a condition that does not hold',
      spec: { matchConditions: [{ name: 'c', expression: 'has(object.data.a)' }], validations: [{ expression: 'false' }] },
    },
    {
      name: 'variables',
      spec: {
        variables: [
          { name: 'size', expression: 'size(object.data)' },
          { name: 'isLarge', expression: 'variables.size > 1' },
          { name: 'broken', expression: 'object.data.none' },
        ],
        validations: [{ expression: '!variables.isLarge', message: 'too large' }],
      },
      data: { a: '1', b: '2' },
      refusal: said('too large'),
    },
    { name: 'who asks', spec: { validations: [{ expression: 'request.userInfo.username == "test" && request.operation == "CREATE"' }] } },
    { name: 'the namespace', spec: { validations: [{ expression: 'namespaceObject.metadata.name == "default"' }] } },
    {
      name: 'what the asker may',
      spec: { validations: [{ expression: "authorizer.group('').resource('pods').namespace('default').check('get').allowed()" }] },
    },
    {
      name: 'what he may with this',
      spec: {
        validations: [
          { expression: "authorizer.requestResource.check('delete').allowed() && authorizer.path('/metrics').check('get').allowed()" },
        ],
      },
    },
    {
      name: 'what an account may',
      spec: {
        validations: [
          {
            expression: "authorizer.serviceAccount('default', 'robot').group('').resource('configmaps').check('get').allowed()",
            message: 'robot may not',
          },
        ],
      },
      refusal: said('robot may not'),
    },
    { name: 'nothing before', spec: { validations: [{ expression: 'oldObject == null' }] } },
    {
      name: 'a fault',
      spec: { validations: [{ expression: 'object.data.none == "1"' }] },
      data: { a: '1' },
      refusal: said(`expression 'object.data.none == "1"' resulted in error: `),
    },
    {
      name: 'a fault that is ignored',
      spec: { failurePolicy: 'Ignore', validations: [{ expression: 'object.data.none == "1"' }] },
      data: { a: '1' },
    },
  ])('by $name', async ({ spec, data, refusal, code = 422 }) => {
    await enforce(spec);
    if (refusal === undefined) await expect(create(data)).resolves.toBeDefined();
    else await expect(create(data)).rejects.toMatchObject({ message: expect.stringContaining(refusal), status: { code } });
  });

  it('sees what was before, and deletions', async () => {
    await create({ a: '1' });
    await enforce({ validations: [{ expression: 'object != null && object.data.a == oldObject.data.a', message: 'a stays' }] });
    const key = { name: 'x', namespace: 'default' };
    await expect(api.client.patch(configMaps, { key, patch: { type: 'merge', body: { data: { a: '2' } } } })).rejects.toThrow('a stays');
    await expect(api.client.patch(configMaps, { key, patch: { type: 'merge', body: { data: { b: '2' } } } })).resolves.toBeDefined();
    await expect(api.client.delete(configMaps, key)).rejects.toThrow('a stays');
  });

  const never = { validations: [{ expression: 'false', message: 'never' }] };
  it.each<{
    name: string;
    spec?: Partial<ValidatingAdmissionPolicySpec>;
    binding?: Partial<ValidatingAdmissionPolicyBindingSpec>;
    denied: boolean;
  }>([
    { name: 'everything of its rules', denied: true },
    { name: 'other kinds', spec: { matchConstraints: { resourceRules: [{ ...RULE, resources: ['pods'] }] } }, denied: false },
    { name: 'names', spec: { matchConstraints: { resourceRules: [{ ...RULE, resourceNames: ['y'] }] } }, denied: false },
    {
      name: 'but for exceptions',
      spec: { matchConstraints: { resourceRules: [RULE], excludeResourceRules: [{ ...RULE, resourceNames: ['x'] }] } },
      denied: false,
    },
    {
      name: 'labels',
      spec: { matchConstraints: { resourceRules: [RULE], objectSelector: { matchLabels: { team: 'a' } } } },
      denied: false,
    },
    { name: 'what its binding says', binding: { matchResources: { objectSelector: { matchLabels: { team: 'a' } } } }, denied: false },
    { name: 'what its binding does not say', binding: { matchResources: { namespaceSelector: { matchLabels: {} } } }, denied: true },
    { name: 'nothing: its binding is of another', binding: { policyName: 'other' }, denied: false },
  ])('is about $name', async ({ spec = {}, binding = {}, denied }) => {
    await enforce({ ...never, ...spec }, binding);
    if (denied) await expect(create()).rejects.toThrow('never');
    else await expect(create()).resolves.toBeDefined();
  });

  it('is asked with parameters', async () => {
    const spec = {
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      validations: [{ expression: 'size(object.data) <= int(params.data.max)' }],
    };
    await create({ max: '1' }, 'limits', 'default');
    await policy({ ...spec, matchConstraints: { resourceRules: [{ ...RULE, operations: ['CREATE'] }] } });
    await bind({ paramRef: { name: 'limits', namespace: 'default', parameterNotFoundAction: 'Deny' } });
    await expect(create({ a: '1' }, 'small')).resolves.toBeDefined();
    await expect(create({ a: '1', b: '2' })).rejects.toThrow('failed expression');
    await api.client.delete(configMaps, { name: 'limits', namespace: 'default' });
    await expect(create({ a: '1' })).rejects.toThrow('no params found for policy binding with `Deny` parameterNotFoundAction');
  });

  it('is asked for each of several parameters', async () => {
    for (const [name, max] of [
      ['one', '1'],
      ['two', '2'],
    ] as const)
      await create({ max, team: 'limits' }, name);
    await policy({
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      validations: [{ expression: 'size(object.data) <= int(params.data.max)', messageExpression: '"more than " + params.data.max' }],
    });
    await bind({ paramRef: { selector: { matchLabels: { team: 'limits' } }, parameterNotFoundAction: 'Allow' } });
    await expect(create({ a: '1', b: '2' })).rejects.toThrow('more than 1');
    await expect(create({ a: '1' })).resolves.toBeDefined();
    await api.client.create(namespaces, { metadata: { name: 'empty' }, spec: {} });
    await expect(create({ a: '1', b: '2', c: '3' }, 'x', 'empty')).resolves.toBeDefined();
  });

  it('speaks before a version is refused, and sees none of an object that was never stored', async () => {
    await enforce({ validations: [{ expression: 'has(object.data.a) || has(object.metadata.resourceVersion)', message: 'never' }] });
    const { resourceVersion: none, ...metadata } = (await api.client.create(configMaps, aMap({ a: '1' }), { isDryRun: true })).metadata;
    expect(none).toBeUndefined();
    await expect(create()).rejects.toThrow('never');
    const old = { ...aMap({ a: '1' }), metadata: { ...metadata, resourceVersion: '7' } };
    await expect(api.client.create(configMaps, old)).rejects.toThrow('resourceVersion should not be set on objects to be created');
    const refused = { ...old, metadata: { ...old.metadata, name: 'y' }, data: {} };
    await expect(api.client.create(configMaps, refused)).rejects.toThrow('never');
  });

  it('warns, or writes into the audit log', async () => {
    const auditAnnotations = [{ key: 'who', valueExpression: 'request.userInfo.username' }];
    await enforce({ ...never, auditAnnotations }, { validationActions: ['Audit', 'Warn'] });
    audited.length = 0;
    await create();
    const [record] = audited;
    expect(record?.notes.annotations.get('p/who')).toBe('test');
    expect(JSON.parse(record?.notes.annotations.get('validation.policy.admission.k8s.io/validation_failure') ?? '')).toEqual([
      { message: 'never', policy: 'p', binding: 'b', validationActions: ['Audit', 'Warn'] },
    ]);
  });

  it('is gone when it or its binding is, and never in its own way', async () => {
    await enforce({
      ...never,
      matchConstraints: { resourceRules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }] },
    });
    await expect(create()).rejects.toThrow('never');
    await expect(
      api.client.create(pods, { metadata: { name: 'x', namespace: 'default' }, spec: { containers: [{ name: 'c', image: 'i' }] } }),
    ).rejects.toThrow('never');
    await api.client.delete(validatingAdmissionPolicyBindings, { name: 'b', namespace: '' });
    await expect(create()).resolves.toBeDefined();
    await bind();
    await expect(create({}, 'y')).rejects.toThrow('never');
    await api.client.delete(validatingAdmissionPolicies, { name: 'p', namespace: '' });
    await expect(create({}, 'y')).resolves.toBeDefined();
  });

  it.each<{ spec: Partial<ValidatingAdmissionPolicySpec>; says: string }>([
    {
      spec: { validations: [{ expression: 'objekt.a' }] },
      says: 'spec.validations[0].expression: Invalid value: "objekt.a": compilation failed',
    },
    {
      spec: { validations: [{ expression: '"text"' }] },
      says: 'spec.validations[0].expression: Invalid value: "\\"text\\"": must evaluate to bool but got string',
    },
    { spec: { validations: [{ expression: 'true', messageExpression: '1' }] }, says: 'spec.validations[0].messageExpression' },
    { spec: { variables: [{ name: 'a', expression: '(' }] }, says: 'spec.variables[0].expression' },
    {
      spec: { variables: [{ name: 'a-b', expression: '1' }] },
      says: 'spec.variables[0].name: Invalid value: "a-b": must be a valid CEL identifier',
    },
    { spec: { validations: [] }, says: 'spec.validations: Required value: validations or auditAnnotations must contain at least one item' },
    { spec: { matchConstraints: {} }, says: 'spec.matchConstraints.resourceRules: Required value' },
    { spec: { validations: [{ expression: 'object.a' }] }, says: 'must evaluate to bool but got dyn' },
    { spec: { validations: [{ expression: 'true', messageExpression: 'object.a' }] }, says: 'must evaluate to string but got dyn' },
    {
      spec: { validations: [{ expression: 'true', messageExpression: 'string(authorizer == null)' }] },
      says: "undeclared reference to 'authorizer'",
    },
    {
      spec: { validations: [{ expression: 'true', message: ' ' }] },
      says: 'spec.validations[0].message: Invalid value: " ": must be non-empty if specified',
    },
    { spec: { validations: [{ expression: 'true', message: 'a\rb' }] }, says: 'must not contain line breaks' },
    {
      spec: { matchConditions: [{ name: 'c', expression: 'object.a' }] },
      says: 'spec.matchConditions[0].expression: Invalid value: "object.a": must evaluate to bool but got dyn',
    },
    {
      spec: { matchConditions: [{ name: 'c', expression: 'variables.a' }], variables: [{ name: 'a', expression: 'true' }] },
      says: "undeclared reference to 'variables'",
    },
    {
      spec: { matchConstraints: { resourceRules: [RULE], matchPolicy: '' } },
      says: 'spec.matchConstraints.matchPolicy: Unsupported value: ""',
    },
    {
      spec: { matchConstraints: { resourceRules: [{ ...RULE, resourceNames: ['a', 'a'] }] } },
      says: 'resourceRules[0].resourceNames[1]: Duplicate value: "a"',
    },
    { spec: { failurePolicy: '' }, says: 'spec.failurePolicy: Unsupported value: ""' },
    {
      spec: { auditAnnotations: [{ key: 'a b', valueExpression: "'b'" }] },
      says: 'spec.auditAnnotations[0].key: Invalid value: "p/a b": name part must consist',
    },
    { spec: { auditAnnotations: [{ key: 'a', valueExpression: '1' }] }, says: 'must evaluate to one of [string null_type] but got int' },
    {
      spec: { auditAnnotations: ['a', 'a'].map((key) => ({ key, valueExpression: "'b'" })) },
      says: 'spec.auditAnnotations[1].key: Duplicate value: "a"',
    },
    {
      spec: { auditAnnotations: [{ key: 'a', valueExpression: ' ' }] },
      says: 'spec.auditAnnotations[0].valueExpression: Required value: valueExpression is not specified',
    },
    { spec: { failurePolicy: 'Maybe' }, says: 'spec.failurePolicy: Unsupported value: "Maybe": supported values: "Fail", "Ignore"' },
    { spec: { validations: [{ expression: 'true', reason: 'Because' }] }, says: 'spec.validations[0].reason: Unsupported value' },
    ...[
      { expression: 'params == null', says: "undeclared reference to 'params'" },
      { expression: 'request.object == null', says: "undefined field 'object'" },
      { expression: 'variables.none == 1', says: "undefined field 'none'" },
      { expression: 'request.name == 1', says: "found no matching overload for '_==_' applied to '(string, int)'" },
    ].map(({ expression, says }) => ({ spec: { validations: [{ expression }] }, says })),
  ])('is refused: $says', async ({ spec, says }) => {
    await expect(policy(spec)).rejects.toThrow(says);
  });

  it.each<{ spec: Partial<ValidatingAdmissionPolicyBindingSpec>; says: string }>([
    { spec: { policyName: '' }, says: 'spec.policyName: Required value' },
    { spec: { validationActions: [] }, says: 'spec.validationActions: Required value' },
    { spec: { validationActions: ['Deny', 'Warn'] }, says: 'must not contain both Deny and Warn' },
    { spec: { validationActions: ['Refuse'] }, says: 'spec.validationActions[0]: Unsupported value: "Refuse"' },
    { spec: { paramRef: { name: 'x' } }, says: 'spec.paramRef.parameterNotFoundAction: Required value' },
    {
      spec: { paramRef: { parameterNotFoundAction: 'Deny' } },
      says: 'spec.paramRef: Required value: one of name or selector must be specified',
    },
  ])('a binding is refused: $says', async ({ spec, says }) => {
    await expect(bind(spec)).rejects.toThrow(says);
  });
});
