import { expect, it } from 'vitest';
import type { MutatingWebhookConfiguration } from '../../generated/kubernetes.ts';
import { formatFieldError } from '../../meta/field-error.ts';
import { trusted } from '#kit/json.ts';
import { mutatingWebhookConfigurationKind as kind } from './webhook-configurations.ts';

type Fields = Readonly<Record<string, unknown>>;
const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] };
const hook = (fields: Fields = {}): Fields => ({
  name: 'a.example.com',
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  clientConfig: { service: { name: 's', namespace: 'ns' } },
  rules: [rule],
  ...fields,
});
const metadata = { name: 'n', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const made = (...webhooks: readonly Fields[]): MutatingWebhookConfiguration =>
  kind.applyDefaults(trusted<MutatingWebhookConfiguration>({ metadata, webhooks }));

it('API-2: webhooks are defaulted as upstream does it', () => {
  expect(made(hook()).webhooks?.[0]).toMatchObject({
    failurePolicy: 'Fail',
    matchPolicy: 'Equivalent',
    namespaceSelector: {},
    objectSelector: {},
    timeoutSeconds: 10,
    reinvocationPolicy: 'Never',
    clientConfig: { service: { port: 443 } },
    rules: [{ scope: '*' }],
  });
});

it.each([
  { fields: {}, faults: [] },
  {
    fields: { name: 'short' },
    faults: ['webhooks[0].name: Invalid value: "short": should be a domain with at least three segments separated by dots'],
  },
  { fields: { sideEffects: '' }, faults: ['webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun'] },
  {
    fields: { sideEffects: 'Some' },
    faults: ['webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"'],
  },
  {
    fields: { admissionReviewVersions: ['v2'] },
    faults: ['webhooks[0].admissionReviewVersions: Invalid value: ["v2"]: must include at least one of v1, v1beta1'],
  },
  {
    fields: { admissionReviewVersions: ['v1', 'v1'] },
    faults: ['webhooks[0].admissionReviewVersions[1]: Invalid value: "v1": duplicate version'],
  },
  {
    fields: { admissionReviewVersions: ['v1', 'V2'] },
    faults: [expect.stringMatching(/^webhooks\[0\]\.admissionReviewVersions\[1\]: Invalid value: "V2": a DNS-1035 label/)],
  },
  {
    fields: { failurePolicy: '' },
    faults: ['webhooks[0].failurePolicy: Unsupported value: "": supported values: "Fail", "Ignore"'],
  },
  {
    fields: { timeoutSeconds: 31 },
    faults: ['webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds'],
  },
  { fields: { clientConfig: {} }, faults: ['webhooks[0].clientConfig: Required value: exactly one of url or service is required'] },
  {
    fields: { clientConfig: { url: 'http://h/p?q' } },
    faults: [
      `webhooks[0].clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path]`,
      'webhooks[0].clientConfig.url: Invalid value: "?q": query parameters are not permitted in the URL',
    ],
  },
  { fields: { clientConfig: { url: 'https://h/p' } }, faults: [] },
  {
    fields: { rules: [{ ...rule, operations: ['*', 'CREATE'], resources: ['*', 'pods'] }] },
    faults: [
      `webhooks[0].rules[0].operations: Invalid value: ["*","CREATE"]: if '*' is present, must not specify other operations`,
      `webhooks[0].rules[0].resources[1]: Invalid value: "pods": if '*' is present, must not specify other resources`,
    ],
  },
  {
    fields: { rules: [{ ...rule, operations: ['CRAETE'], apiGroups: [] }] },
    faults: [
      'webhooks[0].rules[0].operations[0]: Unsupported value: "CRAETE": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE"',
      'webhooks[0].rules[0].apiGroups: Required value',
    ],
  },
  { fields: { matchConditions: [{ name: 'a', expression: ' ' }] }, faults: ['webhooks[0].matchConditions[0].expression: Required value'] },
])('API-2: $faults', ({ fields, faults }) => {
  expect(kind.validate(made(hook(fields))).map(formatFieldError)).toEqual(faults);
});

it('two webhooks of a configuration have two names', () => {
  expect(kind.validate(made(hook(), hook())).map(formatFieldError)).toEqual(['webhooks[1].name: Duplicate value: "a.example.com"']);
});
