import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PodSpec, RuntimeClass } from '#api/generated/kubernetes.ts';
import { pods, runtimeClasses } from '#api/resources.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { aPod } from '#testing/builders/pod.ts';
import { podRuntimeClass } from './runtime-class.ts';

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi({ admission: [podRuntimeClass] });
  const toleration = { key: 'sandbox', operator: 'Exists', effect: 'NoSchedule' };
  const classes: readonly Partial<RuntimeClass>[] = [
    { handler: 'runc' },
    { handler: 'kata', overhead: { podFixed: { cpu: '250m', memory: '64Mi' } } },
    { handler: 'kata', scheduling: { nodeSelector: { kata: 'yes' }, tolerations: [toleration] } },
  ];
  for (const [index, given] of classes.entries())
    await api.client.create(runtimeClasses, { metadata: { name: `class-${index}` }, handler: '', ...given });
});
afterEach(() => api.close());

const create = async (spec: Partial<PodSpec>): Promise<PodSpec> => (await api.client.create(pods, aPod({ spec }))).spec;

it.each<{ name: string; spec: Partial<PodSpec>; gets: Partial<PodSpec> }>([
  { name: 'nothing of a plain class', spec: { runtimeClassName: 'class-0' }, gets: { runtimeClassName: 'class-0' } },
  { name: 'the overhead of its class', spec: { runtimeClassName: 'class-1' }, gets: { overhead: { cpu: '250m', memory: '64Mi' } } },
  {
    name: 'where it goes',
    spec: { runtimeClassName: 'class-2', nodeSelector: { disk: 'ssd' } },
    gets: { nodeSelector: { disk: 'ssd', kata: 'yes' }, tolerations: [{ key: 'sandbox', operator: 'Exists', effect: 'NoSchedule' }] },
  },
])('API-2: a pod gets $name', async ({ spec, gets }) => {
  expect(await create(spec)).toMatchObject(gets);
});

it.each<{ spec: Partial<PodSpec>; says: string }>([
  { spec: { runtimeClassName: 'none' }, says: 'pod rejected: RuntimeClass "none" not found' },
  { spec: { overhead: { cpu: '1' } }, says: 'Pod Overhead set without corresponding RuntimeClass defined Overhead' },
  { spec: { runtimeClassName: 'class-1', overhead: { cpu: '1' } }, says: "Pod's Overhead doesn't match RuntimeClass's defined Overhead" },
  {
    spec: { runtimeClassName: 'class-2', nodeSelector: { kata: 'no' } },
    says: 'conflict: runtimeClass.scheduling.nodeSelector[kata] = yes; pod.spec.nodeSelector[kata] = no',
  },
])('API-2: a pod is refused: $says', async ({ spec, says }) => {
  await expect(create(spec)).rejects.toMatchObject({ code: 'PermissionDenied', message: expect.stringContaining(says) });
});

it.each([
  { handler: '', says: 'handler: Required value' },
  { handler: 'Kata_1', says: 'handler: Invalid value: "Kata_1"' },
])('API-2: a class needs a handler that can be one: $says', async ({ handler, says }) => {
  await expect(api.client.create(runtimeClasses, { metadata: { name: 'bad' }, handler })).rejects.toThrow(says);
});
