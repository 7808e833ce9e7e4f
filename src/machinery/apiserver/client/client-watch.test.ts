import { expect, it } from 'vitest';
import type { ConfigMap } from '#api/generated/kubernetes.ts';
import { configMaps } from '#api/resources.ts';
import type { WatchEvent } from '../../client/client.ts';
import { startTestApi } from '#testing/api.ts';
import { settle } from '#testing/fake-clock.ts';
import { SentBuffer } from './sent-buffer.ts';

it('API-4: an idle watch learns the version now and then', async () => {
  const api = await startTestApi();
  const seen: WatchEvent<ConfigMap>[] = [];
  const stop = new AbortController();
  const reading = (async () => {
    for await (const event of api.client.watch(configMaps, { resourceVersion: '1', signal: stop.signal })) seen.push(event);
  })();
  await settle();
  await api.clock.step(125_000);
  expect(seen).toEqual([
    { type: 'BOOKMARK', resourceVersion: '1' },
    { type: 'BOOKMARK', resourceVersion: '1' },
  ]);
  stop.abort();
  await reading;
  expect(api.clock.timers).toBe(0);
  await api.close();
});

it('API-4: a watch ends without an error when the server closes, and refuses a version that is not kept', async () => {
  const api = await startTestApi();
  const { signal } = new AbortController();
  await expect(api.client.watch(configMaps, { resourceVersion: '99', signal })[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    code: 'OutOfRange',
  });
  const reading = Array.fromAsync(api.client.watch(configMaps, { resourceVersion: '1', signal }));
  await settle();
  await api.close();
  expect(await reading).toEqual([]);
});

it('ends a watch whose reader lags by more than the bound', async () => {
  const buffer = new SentBuffer(2);
  const bookmark = { type: 'BOOKMARK', revision: 1, endsInitialEvents: false } as const;
  buffer.onSent([bookmark, bookmark]);
  expect(await buffer.take()).toHaveLength(2);
  buffer.onSent([bookmark, bookmark]);
  buffer.onSent([bookmark]);
  await expect(buffer.take()).rejects.toMatchObject({ code: 'OutOfRange' });
});
