import { afterEach, beforeEach, expect, it } from 'vitest';
import type { EventsEvent } from '#api/generated/kubernetes.ts';
import { events, regardingEvents } from '#api/resources.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';

let api: TestApi;
beforeEach(async () => {
  api = await startTestApi();
});
afterEach(() => api.close());

const key = { namespace: 'default', name: 'e' };
const regarding = { kind: 'Pod', name: 'web', namespace: 'default' };
const draft = {
  metadata: key,
  eventTime: '2026-01-01T00:00:00.000001Z',
  type: 'Normal',
  reason: 'Started',
  action: 'Starting',
  reportingController: 'stowage.dev/test',
  reportingInstance: 'i',
  note: 'it started',
  regarding,
};

it('API-2: an event of one group is the same event in the other', async () => {
  const made = await api.client.create(regardingEvents, draft);
  expect(made).toMatchObject({ apiVersion: 'events.k8s.io/v1', kind: 'Event', regarding, note: 'it started' });
  const core = await api.client.get(events, key);
  expect(core).toMatchObject({
    apiVersion: 'v1',
    involvedObject: regarding,
    message: 'it started',
    reportingComponent: 'stowage.dev/test',
  });
  expect(core).not.toHaveProperty('note');
  expect(core.metadata.uid).toBe(made.metadata.uid);
  await api.client.patch(events, { key, patch: { type: 'merge', body: { message: 'it runs', count: 2 } } });
  expect(await api.client.get(regardingEvents, key)).toMatchObject({ note: 'it runs', deprecatedCount: 2 });
});

it('API-2: an event of core/v1 is listed, selected, changed and deleted by the other group', async () => {
  await api.client.create(events, {
    metadata: key,
    involvedObject: regarding,
    reason: 'Old',
    message: 'm',
    firstTimestamp: '2026-01-01T00:00:00Z',
  });
  const fieldSelector = 'regarding.name=web,reason=Old';
  const [found] = (await api.client.list(regardingEvents, { namespace: 'default', fieldSelector })).items;
  expect(found).toMatchObject({ regarding, note: 'm', deprecatedFirstTimestamp: '2026-01-01T00:00:00Z' });
  const series = { count: 2, lastObservedTime: '2026-01-01T00:00:01.000000Z' };
  await api.client.patch<EventsEvent>(regardingEvents, { key, patch: { type: 'merge', body: { series } } });
  expect((await api.client.get(events, key)).series).toEqual(series);
  await api.client.delete(regardingEvents, key);
  expect((await api.client.list(events)).items).toEqual([]);
});

it('API-2: a new event says when, who and what', async () => {
  const { eventTime: _time, action: _action, ...rest } = draft;
  await expect(api.client.create(regardingEvents, { ...rest, eventTime: '', type: 'Odd' })).rejects.toThrow();
  const incomplete: Omit<typeof draft, 'action'> = { ...draft, type: 'Odd' };
  await expect(api.client.create(regardingEvents, { ...incomplete, action: '' })).rejects.toThrow(
    'Event.events.k8s.io "e" is invalid: [type: Invalid value: "Odd": has invalid value: Odd, action: Required value]',
  );
});

it('serves one resource with objects of its own for both', () => {
  expect(api.server.resources().filter(({ kind }) => kind === 'Event')).toEqual([events]);
});
