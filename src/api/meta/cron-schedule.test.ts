import { expect, it } from 'vitest';
import { checkCronSchedule } from './cron-schedule.ts';

it.each(['* * * * *', '*/5 0-6,22 1 jan-MAR mon', '0 0 ? * 0', '@daily', '@every 1h30m', '5/10 * * * *'])('takes %s', (schedule) => {
  expect(checkCronSchedule(schedule)).toEqual({ ok: true, value: undefined });
});

it.each([
  { schedule: 'x', says: 'expected exactly 5 fields, found 1: [x]' },
  { schedule: '60 * * * *', says: 'end of range (60) above maximum (59): 60 (minute: 0 to 59)' },
  { schedule: '* * 0 * *', says: 'beginning of range (0) below minimum (1): 0' },
  { schedule: '* * * * 7', says: 'end of range (7) above maximum (6)' },
  { schedule: '5-1 * * * *', says: 'beginning of range (5) beyond end of range (1)' },
  { schedule: '*/0 * * * *', says: 'step of range should be a positive number: */0' },
  { schedule: '1/2/3 * * * *', says: 'too many slashes: 1/2/3' },
  { schedule: '*/x * * * *', says: 'failed to parse int from x' },
  { schedule: '* * * frob *', says: 'failed to parse int from frob' },
  { schedule: '@often', says: 'unrecognized descriptor: @often' },
])('says what is wrong with $schedule', ({ schedule, says }) => {
  expect(checkCronSchedule(schedule)).toEqual({ ok: false, error: expect.stringContaining(says) });
});
