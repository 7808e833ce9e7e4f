import { afterEach, beforeEach, expect, it } from 'vitest';
import { csiDrivers } from '#api/resources.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { type FakeClock, settle } from '#testing/fake-clock.ts';
import { awaitedDriverObjects, ownDriverObjects } from './driver-objects.ts';
import type { DriverFacts } from './inspect-driver.ts';

const KEY = { namespace: '', name: 'disk.example' };
const { signal } = new AbortController();
let api: TestApi<FakeClock>;
beforeEach(async () => {
  api = await startTestApi();
});
afterEach(() => api.close());

function facts(...capabilities: string[]): DriverFacts {
  return { name: 'disk.example', version: '1', isReady: true, capabilities, servesController: capabilities.length > 0, servesNode: true };
}

const specs = async () => (await api.client.list(csiDrivers)).items.map(({ spec }) => spec.attachRequired);

it.each([
  { name: 'the first socket', before: [], now: facts('PUBLISH_UNPUBLISH_VOLUME'), want: [true] },
  { name: 'a driver that does not attach', before: [], now: facts('CREATE_DELETE_VOLUME'), want: [false] },
  { name: 'the controller after the node service', before: [facts()], now: facts('PUBLISH_UNPUBLISH_VOLUME'), want: [true] },
  { name: 'the node service after the controller', before: [facts('PUBLISH_UNPUBLISH_VOLUME')], now: facts(), want: [true] },
])('CLASS-6: $name says whether volumes are attached', async ({ before, now, want }) => {
  const objects = ownDriverObjects(api.client);
  for (const earlier of before) await objects.ensure(earlier, signal);
  await objects.ensure(now, signal);
  expect(await specs()).toEqual(want);
  await objects.remove('disk.example');
  await objects.remove('disk.example');
  expect(await specs()).toEqual([]);
});

it('leaves the vendor’s object as it is', async () => {
  await api.client.create(csiDrivers, { metadata: { name: 'disk.example' }, spec: { attachRequired: false } });
  const objects = ownDriverObjects(api.client);
  await objects.ensure(facts('PUBLISH_UNPUBLISH_VOLUME'), signal);
  await objects.remove('disk.example');
  expect(await specs()).toEqual([false]);
});

it('a further node waits until its platform has made the object, but not for ever', async () => {
  const objects = awaitedDriverObjects(api.client, api.clock);
  let isDone = false;
  const waiting = objects.ensure(facts(), signal).then(() => (isDone = true));
  await settle();
  expect(isDone).toBe(false);
  await ownDriverObjects(api.client).ensure(facts(), signal);
  await api.clock.step(1_000);
  await waiting;
  await api.client.delete(csiDrivers, KEY);
  const giving = objects.ensure(facts(), signal);
  for (let round = 0; round < 200; round += 1) await api.clock.step(50);
  await giving;
  await objects.remove('disk.example');
});
