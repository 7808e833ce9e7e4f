import { describe, expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
import type { VolumeHealth } from './generated/messages.ts';
import { healthConditions, healthOfCondition, healthText } from './volume-health.ts';

describe('VOL-19: what drivers say of the health of a volume', () => {
  it.each<{ name: string; health: VolumeHealth; is: readonly object[] }>([
    { name: 'nothing', health: { volumeId: 'v' }, is: [] },
    {
      name: 'each status and reason once, in order',
      health: {
        healthStatuses: [
          { status: 'INACCESSIBLE', reason: 'PathLost', message: 'no path' },
          { status: 'DEGRADED', reason: 'Rebuild' },
          { status: 'INACCESSIBLE', reason: 'PathLost', message: 'no path at all' },
        ],
      },
      is: [
        { status: 'Degraded', reason: 'Rebuild' },
        { status: 'Inaccessible', reason: 'PathLost', message: 'no path at all' },
      ],
    },
    {
      name: 'not what this version has no word for',
      // why trusted: a number that is not in the facts comes as a number
      health: trusted({ healthStatuses: [{ status: 99, reason: 'Later' }, { status: 'DATA_LOSS' }] }),
      is: [{ status: 'DataLoss', reason: 'DataLoss' }],
    },
    {
      name: 'no more than the API takes',
      health: { healthStatuses: [...Array(20).keys()].map((n) => ({ status: 'DEGRADED', reason: `r${String(n).padStart(2, '0')}` })) },
      is: [...Array(16).keys()].map((n) => ({ status: 'Degraded', reason: `r${String(n).padStart(2, '0')}` })),
    },
  ])('$name', ({ health, is }) => {
    expect(healthConditions(health)).toEqual(is);
  });

  it('is cut where it is too long', () => {
    const [condition] = healthConditions({ healthStatuses: [{ status: 'DEGRADED', reason: 'r'.repeat(300), message: 'm'.repeat(2000) }] });
    expect([condition?.reason.length, condition?.message?.length]).toEqual([254, 1022]);
  });

  it.each([
    { name: 'fine', condition: { abnormal: false, message: 'fine' }, text: '' },
    { name: 'not fine', condition: { abnormal: true, message: 'the disk is full' }, text: 'the disk is full' },
  ])('is read of older drivers: $name', ({ condition, text }) => {
    expect(healthText(healthOfCondition(condition))).toBe(text);
  });

  it('is told in one line', () => {
    expect(
      healthText([
        { status: 'DataLoss', reason: 'Scrub', message: '3 blocks' },
        { status: 'Degraded', reason: 'Rebuild' },
      ]),
    ).toBe('DataLoss (Scrub): 3 blocks; Degraded (Rebuild)');
  });
});
