import fc from 'fast-check';
import { expect, it } from 'vitest';
import { startTestApi } from '#testing/api.ts';
import { seededRoll } from '#testing/fakes/weather.ts';
import { settle } from '#testing/fake-clock.ts';
import { expectWellFormed, History } from '#testing/race/history.ts';
import { Racer } from '#testing/race/racer.ts';

const RACERS = 6;
const ACTIONS = 12;

it('API-4: whatever many do at once, each is told the truth, nothing is lost, and every watcher sees it all in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer(), async (seed) => {
      const roll = seededRoll(seed);
      const api = await startTestApi();
      const begin = api.store.revision;
      const whole = new History(api.client, begin);
      const late: { readonly from: number; readonly history: History }[] = [];
      const racers = Array.from({ length: RACERS }, () => new Racer({ client: api.client, roll, revision: () => api.store.revision }));
      await Promise.all(
        racers.map(async (racer) => {
          for (let action = 0; action < ACTIONS; action += 1) {
            await racer.act();
            if (roll(15) !== 0) continue;
            const from = begin + roll(api.store.revision - begin + 1);
            late.push({ from, history: new History(api.client, from) });
          }
        }),
      );
      await settle();
      const changes = await whole.end();
      // the calls did meet: many were told of a world that others had changed
      expect(changes.length).toBeGreaterThan(5);
      expectWellFormed(changes);
      for (const racer of racers) for (const claim of racer.claims) claim(changes);
      for (const { from, history } of late) expect(await history.end()).toEqual(changes.filter(({ revision }) => revision > from));
      await api.close();
    }),
    { numRuns: 150 },
  );
}, 120_000);
