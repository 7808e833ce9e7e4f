import { afterEach, beforeEach, expect, it } from 'vitest';
import { persistentVolumeClaims } from '#api/resources.ts';
import { silentLogger } from '#kit/log.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { UsedClaims } from './used-claims.ts';

let api: TestApi<FakeClock>;
let keys: string[];
let told: string[];
let claims: UsedClaims;
const key = (name: string) => ({ namespace: 'default', name });

beforeEach(async () => {
  api = await startTestApi();
  [keys, told] = [[], []];
  claims = new UsedClaims({ client: api.client, clock: api.clock, log: silentLogger, keys: () => keys });
  claims.subscribe({ onUpsert: ({ metadata, spec }) => void told.push(`${metadata.name} ${spec.resources?.requests?.['storage']}`) });
  for (const name of ['a', 'b']) {
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    await api.client.create(persistentVolumeClaims, { metadata: key(name), spec });
  }
});
afterEach(() => api.close());

it('VOL-8: sees the claims that are used, what changes of them, and forgets those that no longer are', async () => {
  keys = ['default/a', 'default/missing'];
  await claims.start();
  await claims.look();
  expect(told).toEqual(['a 1Gi']);
  expect([claims.get(key('a'))?.metadata.name, claims.get(key('b'))]).toEqual(['a', undefined]);
  const patch = { type: 'merge', body: { metadata: { labels: { x: 'y' } } } } as const;
  await api.client.patch(persistentVolumeClaims, { key: key('a'), patch });
  const stop = new AbortController();
  const running = claims.run(stop.signal);
  await api.clock.step(5_000);
  keys = ['default/b'];
  await api.clock.step(5_000);
  stop.abort();
  await running;
  expect(told).toEqual(['a 1Gi', 'a 1Gi', 'b 1Gi']);
  expect(claims.get(key('a'))).toBeUndefined();
});

it('lives on where a claim can not be read', async () => {
  const client = { get: () => Promise.reject(new Error('away')) };
  const broken = new UsedClaims({ client, clock: api.clock, log: silentLogger, keys: () => ['default/a'] });
  await broken.start();
  expect(broken.get(key('a'))).toBeUndefined();
});
