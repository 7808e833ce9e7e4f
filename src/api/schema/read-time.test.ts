import { expect, it } from 'vitest';
import { readTime } from './read-time.ts';

it.each([
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z', ''],
  ['2026-01-31T08:30:00.5+02:00', '2026-01-31T06:30:00.000Z', '5'],
  ['2026-01-31T08:30:00,123456-00:30', '2026-01-31T09:00:00.000Z', '123456'],
  ['2026-01-01T00:00:00.1234567890123Z', '2026-01-01T00:00:00.000Z', '1234567890123'],
  ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z', ''],
  ['2000-02-29T23:59:59+24:00', '2000-02-28T23:59:59.000Z', ''],
])('reads %s', (text, iso, fraction) => {
  const read = readTime(text);
  expect(read.ok ? [new Date(read.value.epochMs).toISOString(), read.value.fraction] : read.error).toEqual([iso, fraction]);
});

it.each([
  ['2024-02-30T00:00:00Z', 'day out of range'],
  ['2023-02-29T00:00:00Z', 'day out of range'],
  ['1900-02-29T00:00:00Z', 'day out of range'],
  ['2026-04-31T00:00:00Z', 'day out of range'],
  ['2026-00-01T00:00:00Z', 'month out of range'],
  ['2026-13-01T00:00:00Z', 'month out of range'],
  ['2026-01-00T00:00:00Z', 'day out of range'],
  ['2026-01-01T24:00:00Z', 'hour out of range'],
  ['2026-01-01T23:60:00Z', 'minute out of range'],
  ['2026-01-01T23:59:60Z', 'second out of range'],
  ['2026-01-01T00:00:00+25:00', 'time zone offset hour out of range'],
  ['2026-1-1T00:00:00Z', 'cannot parse'],
  ['2026-01-01t00:00:00z', 'cannot parse'],
  ['2026-01-01 00:00:00Z', 'cannot parse'],
  ['2026-01-01T00:00:00', 'cannot parse'],
  ['yesterday', 'cannot parse'],
])('refuses %s: %s', (text, why) => {
  const read = readTime(text);
  expect(read.ok ? '' : read.error).toContain(why);
});
