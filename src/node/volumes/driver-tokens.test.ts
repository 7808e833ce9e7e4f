import { describe, expect, it } from 'vitest';
import type { CSIDriver } from '#api/generated/kubernetes.ts';
import { stored } from '#testing/builders/metadata.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { driverTokens } from './driver-tokens.ts';
import { PodTokens } from './pod-tokens.ts';

const KEY = 'csi.storage.k8s.io/serviceAccount.tokens';
const driver = (spec: CSIDriver['spec']): CSIDriver =>
  stored({ apiVersion: 'storage.k8s.io/v1', kind: 'CSIDriver' }, { metadata: { name: 'vault.example' }, spec });

describe('VOL-19: tokens of the pod’s service account for its drivers', () => {
  const clock = new FakeClock();
  const tokens = new PodTokens(
    {
      issue: async ({ audience, expiresInSec }) => ({
        token: `for-${audience}-${expiresInSec}`,
        expiresAtMs: Date.parse('2026-01-01T01:00:00Z'),
      }),
    },
    clock,
  );
  const pod = aStoredPod({});
  const requests = [{ audience: 'vault', expirationSeconds: 600 }, { audience: '' }];
  const told = {
    vault: { token: 'for-vault-600', expirationTimestamp: '2026-01-01T01:00:00Z' },
    '': { token: 'for--3600', expirationTimestamp: '2026-01-01T01:00:00Z' },
  };

  it.each<{ name: string; spec: CSIDriver['spec']; context: object; secrets: object }>([
    { name: 'none, where it asks for none', spec: {}, context: {}, secrets: {} },
    { name: 'in the volume context', spec: { tokenRequests: requests }, context: told, secrets: {} },
    {
      name: 'in the secrets, and there alone, where it looks there',
      spec: { tokenRequests: requests, serviceAccountTokenInSecrets: true },
      context: {},
      secrets: told,
    },
  ])('$name', async ({ spec, context, secrets }) => {
    const found = await driverTokens(tokens, pod, driver(spec));
    const parsed = (map: Readonly<Record<string, string>>): unknown => (map[KEY] === undefined ? map : JSON.parse(map[KEY]));
    expect([parsed(found.context), parsed(found.secrets)]).toEqual([context, secrets]);
  });

  it('a node that can get none says so', async () => {
    await expect(driverTokens(undefined, pod, driver({ tokenRequests: requests }))).rejects.toThrow(
      'the driver vault.example asks for tokens',
    );
  });
});
