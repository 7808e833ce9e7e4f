import { describe, expect, it } from 'vitest';
import { FakeClock } from '#testing/fake-clock.ts';
import { StartProgress } from './start-progress.ts';

describe('RUN-1: what a start says of itself', () => {
  it.each([
    {
      name: 'nothing where it is quick',
      steps: [
        ['a', 300],
        ['b', 300],
      ],
      said: [],
    },
    {
      name: 'the step in which the first second ends',
      steps: [
        ['a', 300],
        ['b', 5_000],
      ],
      said: ['b ...'],
    },
    {
      name: 'every step after it',
      steps: [
        ['a', 1_500],
        ['b', 10],
        ['c', 10],
      ],
      said: ['a ...', 'b ...', 'c ...'],
    },
  ] satisfies { name: string; steps: [string, number][]; said: string[] }[])('$name', async ({ steps, said }) => {
    const clock = new FakeClock();
    const lines: string[] = [];
    const progress = new StartProgress({ clock, print: (line) => lines.push(line) });
    for (const [what, durationMs] of steps) {
      progress.begin(what);
      await clock.step(durationMs);
    }
    progress.end();
    await clock.step(10_000);
    expect(lines).toEqual(said);
  });
});
