import { describe, expect, it } from 'vitest';
import { outcomeOf, parseSizes } from './command-channels.ts';

describe('what a client is told of an exit code', () => {
  it.each([
    { name: 'success', exitCode: 0, outcome: { metadata: {}, status: 'Success' } },
    {
      name: 'failure',
      exitCode: 7,
      outcome: expect.objectContaining({
        status: 'Failure',
        reason: 'NonZeroExitCode',
        details: { causes: [{ reason: 'ExitCode', message: '7' }] },
      }),
    },
  ])('$name', ({ exitCode, outcome }) => expect(outcomeOf(exitCode)).toEqual(outcome));
});

describe('sizes of a terminal', () => {
  it.each([
    { name: 'one', text: '{"Width":80,"Height":24}', sizes: [{ columns: 80, rows: 24 }] },
    {
      name: 'two that came together',
      text: '{"Width":1,"Height":2}\n{"Width":3,"Height":4}\n',
      sizes: [
        { columns: 1, rows: 2 },
        { columns: 3, rows: 4 },
      ],
    },
    { name: 'no JSON', text: '{"Width":', sizes: [] },
    { name: 'other types', text: '{"Width":"80","Height":24}', sizes: [] },
    { name: 'far too long', text: '{"Width":80,"Height":24}'.repeat(100), sizes: [] },
  ])('$name', ({ text, sizes }) => expect(parseSizes(Buffer.from(text))).toEqual(sizes));
});
