import { expect, it } from 'vitest';
import type { Event } from '#api/generated/kubernetes.ts';
import { remainingMs } from './plan.ts';

const metadata = { name: 'a', namespace: 'default', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-01-01T00:00:00Z' };
const nowMs = Date.parse('2026-01-01T10:00:00Z');

it.each<{ name: string; times: Partial<Event>; minutes: number }>([
  { name: 'its last time', times: { firstTimestamp: '2026-01-01T09:00:00Z', lastTimestamp: '2026-01-01T09:50:00Z' }, minutes: 50 },
  { name: 'the time of events.k8s.io', times: { eventTime: '2026-01-01T09:40:00.000000Z' }, minutes: 40 },
  {
    name: 'the last of a series',
    times: { eventTime: '2026-01-01T01:00:00.000000Z', series: { count: 3, lastObservedTime: '2026-01-01T09:45:00.000000Z' } },
    minutes: 45,
  },
  { name: 'its creation, where it has no times', times: {}, minutes: -540 },
  { name: 'a time a little ahead', times: { lastTimestamp: '2026-01-01T10:00:30Z' }, minutes: 60.5 },
  { name: 'its creation, where its time is far ahead', times: { lastTimestamp: '3000-01-01T00:00:00Z' }, minutes: -540 },
  { name: 'its creation, where its time is none', times: { lastTimestamp: 'soon' }, minutes: -540 },
])('keeps an event for an hour after $name', ({ times, minutes }) => {
  const event: Event = { apiVersion: 'v1', kind: 'Event', metadata, involvedObject: {}, ...times };
  expect(remainingMs(event, nowMs) / 60_000).toBe(minutes);
});
