import { describe, expect, it } from 'vitest';
import { SystemIds } from '#kit/ids.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { Sessions } from './sessions.ts';

const USER = { name: 'admin', groups: [] };
const HOUR_MS = 3_600_000;

describe('Sessions', () => {
  it.each([
    { name: 'ends when idle for half a day', steps: [12.1], isAlive: false },
    { name: 'lives while it is used', steps: [11, 11, 11], isAlive: true },
    { name: 'ends after a week even if used', steps: Array.from({ length: 17 }, () => 10), isAlive: false },
  ])('$name', async ({ steps, isAlive }) => {
    const clock = new FakeClock();
    const sessions = new Sessions({ clock, ids: new SystemIds() });
    const { id } = sessions.start(USER);
    let found = true;
    for (const hours of steps) {
      await clock.step(hours * HOUR_MS);
      found = sessions.find(id) !== undefined;
    }
    expect(found).toBe(isAlive);
  });

  it('tells who holds a session that it ended', () => {
    const sessions = new Sessions({ clock: new FakeClock(), ids: new SystemIds() });
    const { id, session } = sessions.start(USER);
    let ended = 0;
    session.onEnd(() => (ended += 1));
    sessions.end(id);
    sessions.end(id);
    expect(ended).toBe(1);
  });

  it('takes a code once and not after an hour', async () => {
    const clock = new FakeClock();
    const sessions = new Sessions({ clock, ids: new SystemIds() });
    const [used, late] = [sessions.issueCode(USER), sessions.issueCode(USER)];
    expect(sessions.redeemCode(used)).toEqual(USER);
    expect(sessions.redeemCode(used)).toBeUndefined();
    await clock.step(HOUR_MS);
    expect(sessions.redeemCode(late)).toBeUndefined();
  });

  it('holds a thousand sessions at most: the oldest gives way', () => {
    const sessions = new Sessions({ clock: new FakeClock(), ids: new SystemIds() });
    const oldest = sessions.start(USER).id;
    const second = sessions.start(USER).id;
    for (let count = 0; count < 999; count += 1) sessions.start(USER);
    expect(sessions.find(oldest)).toBeUndefined();
    expect(sessions.find(second)).toBeDefined();
  });
});
