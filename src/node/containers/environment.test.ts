import { describe, expect, it } from 'vitest';
import type { ConfigMap, Container, EnvVar, Secret } from '#api/generated/kubernetes.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { buildEnvironment, type ConfigReader } from './environment.ts';
import { expand } from './expand.ts';
import { fieldValue, resourceValue } from './field-values.ts';

const node = { hostIp: '10.0.0.1', cpus: 4, memoryBytes: 8n * 2n ** 30n };
const meta = (name: string) => ({ name, namespace: 'default', uid: name, resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' });
const settings: ConfigMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: meta('settings'), data: { color: 'green' } };
const login: Secret = { apiVersion: 'v1', kind: 'Secret', metadata: meta('login'), data: { password: 'czNjcmV0' } };
const config: ConfigReader = {
  services: async () => [],
  configMap: async (name) => (name === 'settings' ? settings : undefined),
  secret: async (name) => (name === 'login' ? login : undefined),
};

async function environment(container: Partial<Container>) {
  const whole = { name: 'main', image: 'busybox', ...container };
  const pod = aStoredPod({ uid: 'u1', labels: { app: 'x', tier: 'a"b' }, nodeName: 'n1', spec: { containers: [whole] } });
  return Object.fromEntries(await buildEnvironment({ pod, container: whole, node, config }));
}

describe('variables', () => {
  it('come from whole objects first, then one by one, later ones winning', async () => {
    const envFrom = [{ configMapRef: { name: 'settings' } }, { prefix: 'L_', secretRef: { name: 'login' } }];
    const env = [
      { name: 'color', value: 'my $(color)' },
      { name: 'x', value: '$(L_password)' },
    ];
    expect(await environment({ envFrom, env })).toEqual({ color: 'my green', L_password: 's3cret', x: 's3cret' });
  });

  const from = (valueFrom: EnvVar['valueFrom']): Partial<Container> => ({ env: [{ name: 'V', valueFrom }] });
  it.each<{ name: string; valueFrom: EnvVar['valueFrom']; want: string | undefined }>([
    { name: 'a key of a configMap', valueFrom: { configMapKeyRef: { name: 'settings', key: 'color' } }, want: 'green' },
    { name: 'a key of a secret', valueFrom: { secretKeyRef: { name: 'login', key: 'password' } }, want: 's3cret' },
    { name: 'a field of the pod', valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } }, want: 'x' },
    {
      name: 'an optional key that is not there',
      valueFrom: { configMapKeyRef: { name: 'settings', key: 'no', optional: true } },
      want: undefined,
    },
    {
      name: 'an optional object that is not there',
      valueFrom: { secretKeyRef: { name: 'no', key: 'no', optional: true } },
      want: undefined,
    },
  ])('$name', async ({ valueFrom, want }) => {
    expect(await environment(from(valueFrom))).toEqual(want === undefined ? {} : { V: want });
  });

  it.each<{ name: string; container: Partial<Container>; message: string }>([
    { name: 'a missing configMap', container: { envFrom: [{ configMapRef: { name: 'no' } }] }, message: 'configmap "no" not found' },
    { name: 'a missing secret', container: { envFrom: [{ secretRef: { name: 'no' } }] }, message: 'secret "no" not found' },
    {
      name: 'a missing key',
      container: from({ configMapKeyRef: { name: 'settings', key: 'no' } }),
      message: "couldn't find key no in configmap settings",
    },
    {
      name: 'a key of every object',
      container: from({ configMapKeyRef: { name: 'settings', key: 'constructor' } }),
      message: "couldn't find key constructor in configmap settings",
    },
    { name: 'an unknown source', container: from({}), message: 'env V: valueFrom must be one of' },
    {
      name: 'an unknown field',
      container: from({ fieldRef: { fieldPath: 'spec.containers' } }),
      message: 'the field "spec.containers" is not one that a pod can see',
    },
  ])('$name is named', async ({ container, message }) => {
    await expect(environment(container)).rejects.toMatchObject({
      reason: 'CreateContainerConfigError',
      message: expect.stringContaining(message),
    });
  });
});

it.each([
  { text: '$(A)', want: '1' },
  { text: 'x$(A)y$(B)z', want: 'x1y2z' },
  { text: '$$(A)', want: '$(A)' },
  { text: '$$$(A)', want: '$1' },
  { text: '$(NONE)', want: '$(NONE)' },
  { text: '$(A', want: '$(A' },
  { text: '$A $ $', want: '$A $ $' },
  { text: '$($(A))', want: '$(1)' },
])('expands $text to $want', ({ text, want }) => {
  expect(
    expand(
      text,
      new Map([
        ['A', '1'],
        ['B', '2'],
      ]),
    ),
  ).toBe(want);
});

describe('facts about the pod', () => {
  const pod = aStoredPod({
    uid: 'u1',
    labels: { b: 'x', a: 'q"q' },
    nodeName: 'n1',
    container: { resources: { limits: { cpu: '1500m' } } },
  });
  it.each([
    { fieldPath: 'metadata.name', want: 'web' },
    { fieldPath: 'metadata.namespace', want: 'default' },
    { fieldPath: 'metadata.uid', want: 'u1' },
    { fieldPath: 'metadata.labels', want: 'a="q\\"q"\nb="x"' },
    { fieldPath: "metadata.labels['b']", want: 'x' },
    { fieldPath: "metadata.annotations['none']", want: '' },
    { fieldPath: 'spec.nodeName', want: 'n1' },
    { fieldPath: 'status.hostIP', want: '10.0.0.1' },
    { fieldPath: 'status.podIP', want: '' },
  ])('$fieldPath', ({ fieldPath, want }) => {
    expect(fieldValue(pod, { fieldPath }, node)).toBe(want);
  });

  const [container = { name: 'none' }] = pod.spec.containers;
  it.each([
    { resource: 'limits.cpu', divisor: undefined, want: '2' },
    { resource: 'limits.cpu', divisor: '1m', want: '1500' },
    { resource: 'limits.memory', divisor: '1Mi', want: '8192' },
    { resource: 'requests.cpu', divisor: '1', want: '4' },
  ])('$resource in units of $divisor is $want', ({ resource, divisor, want }) => {
    expect(resourceValue(pod, container, { resource, node, ...(divisor === undefined ? {} : { divisor }) })).toBe(want);
  });

  it.each(['limits', 'other.cpu'])('the resource %s is refused', (resource) => {
    expect(() => resourceValue(pod, container, { resource, node })).toThrow(/is not one that a pod can see/);
  });
});
