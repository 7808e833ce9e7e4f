import { afterEach, beforeEach, expect, it } from 'vitest';
import { pods } from '#api/resources.ts';
import { aPod } from '#testing/builders/pod.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { defaultTolerationSeconds } from './default-toleration-seconds.ts';

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi({ admission: [defaultTolerationSeconds] });
});
afterEach(() => api.close());

it('API-4: a pod bears a silent node for five minutes, also after an update that names other tolerations', async () => {
  const made = await api.client.create(pods, aPod());
  expect((made.spec.tolerations ?? []).map(({ key, tolerationSeconds }) => [key, tolerationSeconds])).toEqual([
    ['node.kubernetes.io/not-ready', 300],
    ['node.kubernetes.io/unreachable', 300],
  ]);
  const updated = await api.client.update(pods, { ...made, spec: { ...made.spec, tolerations: [{ key: 'own', operator: 'Exists' }] } });
  expect((updated.spec.tolerations ?? []).map(({ key }) => key)).toEqual([
    'own',
    'node.kubernetes.io/not-ready',
    'node.kubernetes.io/unreachable',
  ]);
  const [own, notReady, ...others] = updated.spec.tolerations ?? [];
  const shorter = { ...notReady, tolerationSeconds: 5 };
  const kept = await api.client.update(pods, { ...updated, spec: { ...updated.spec, tolerations: [own ?? {}, shorter, ...others] } });
  expect(kept.spec.tolerations?.[1]?.tolerationSeconds).toBe(5);
});
