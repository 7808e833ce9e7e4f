import { describe, expect, it } from 'vitest';
import type { PodTokenOrder } from '#api/pod-tokens.ts';
import { aStoredPod } from '#testing/builders/pod.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { collectConfigFiles } from './config-files.ts';
import { PodTokens } from './pod-tokens.ts';

const HOUR_SEC = 3_600;

describe('API-3: tokens in pods', () => {
  const clock = new FakeClock();
  const orders: PodTokenOrder[] = [];
  const tokens = new PodTokens(
    {
      issue: async (order) => {
        orders.push(order);
        return { token: `token-${orders.length}`, expiresAtMs: clock.nowMs() + order.expiresInSec * 1000 };
      },
    },
    clock,
  );
  const pod = aStoredPod({});

  it('are asked for once, and again when four fifths of their life are over', async () => {
    const get = (): Promise<string> => tokens.tokenFor(pod, { path: 't', expirationSeconds: HOUR_SEC });
    const first = await get();
    await clock.step(HOUR_SEC * 800 - 1);
    expect(await get()).toBe(first);
    await clock.step(1);
    expect(await get()).not.toBe(first);
    expect(orders.at(-1)).toEqual({ pod, audience: '', expiresInSec: HOUR_SEC });
  });

  it('are kept no longer than a day, however long they live', async () => {
    const get = (): Promise<string> => tokens.tokenFor(pod, { path: 't', expirationSeconds: HOUR_SEC * 1_000 });
    const first = await get();
    await clock.step(24 * HOUR_SEC * 1_000 - 1);
    expect(await get()).toBe(first);
    await clock.step(1);
    expect(await get()).not.toBe(first);
  });

  it('differ by audience, and are forgotten with the pod', async () => {
    const get = (audience: string): Promise<string> => tokens.tokenFor(pod, { path: 't', audience });
    const [a, b] = [await get('a'), await get('b')];
    expect(a).not.toBe(b);
    expect(await get('a')).toBe(a);
    tokens.forget(pod.metadata.uid);
    expect(await get('a')).not.toBe(a);
  });

  it('are files of a projected volume', async () => {
    const source = {
      pod,
      tokens,
      config: { configMap: async () => undefined, secret: async () => undefined },
      node: { hostIp: '', cpus: 1, memoryBytes: 1n },
    };
    const volume = {
      name: 'v',
      projected: { defaultMode: 0o400, sources: [{ serviceAccountToken: { path: 'a/token', audience: 'vault' } }] },
    };
    const files = await collectConfigFiles(source, volume);
    expect([...(files ?? [])].map(([path, { content, mode }]) => [path, content.toString(), mode])).toEqual([
      ['a/token', await tokens.tokenFor(pod, { path: '', audience: 'vault' }), 0o400],
    ]);
  });
});

it.each<{ name: string; spec: object; mode: number; uid: number | undefined }>([
  { name: 'of nobody in particular', spec: {}, mode: 0o400, uid: undefined },
  { name: 'of a group', spec: { securityContext: { fsGroup: 2000 } }, mode: 0o600, uid: undefined },
  { name: 'of one user', spec: { securityContext: { runAsUser: 1000 } }, mode: 0o600, uid: 1000 },
  {
    name: 'of several users',
    spec: {
      securityContext: { runAsUser: 1000 },
      containers: [{ name: 'a' }, { name: 'b', securityContext: { runAsUser: 7 } }],
    },
    mode: 0o400,
    uid: undefined,
  },
])('API-3: the token of a pod $name can be read by who the pod runs as', async ({ spec, mode, uid }) => {
  const tokens = new PodTokens({ issue: async () => ({ token: 't', expiresAtMs: 1 }) }, new FakeClock());
  const sources = [{ serviceAccountToken: { path: 'token' } }];
  const on = {
    pod: aStoredPod({ spec }),
    config: { configMap: async () => undefined, secret: async () => undefined },
    node: { hostIp: '10.0.0.1', cpus: 2, memoryBytes: 1n },
    tokens,
  };
  const files = await collectConfigFiles(on, { name: 'v', projected: { defaultMode: 0o400, sources } });
  expect(files?.get('token')).toMatchObject({ mode, ...(uid === undefined ? {} : { uid }) });
  expect(files?.get('token')?.uid).toBe(uid);
});
