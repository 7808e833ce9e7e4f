import { describe, expect, it } from 'vitest';
import { SystemIds } from '#kit/ids.ts';
import { Secret } from '#kit/secret.ts';
import type { UserInfo } from '#machinery/apiserver/contract/user.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { NO_SESSION_FILE } from '#testing/console-site.ts';
import type { SessionFile, SessionRecord } from './session-file.ts';
import { Sessions } from './sessions.ts';

const USER = { name: 'admin', groups: [] };
const HOUR_MS = 3_600_000;
const BY_LINK = { linkUser: USER };
const BY_TOKEN = { token: new Secret('a-token') };

function aSessions(options: { clock?: FakeClock; file?: SessionFile; users?: Map<string, UserInfo> } = {}): Sessions {
  const { clock = new FakeClock(), file = NO_SESSION_FILE, users = new Map() } = options;
  return new Sessions({ clock, ids: new SystemIds(), file, authenticateToken: async (token) => users.get(token) });
}

/** A file in memory, as a process leaves it to the next. */
function aFile(): SessionFile & { records: readonly SessionRecord[] } {
  const file: SessionFile & { records: readonly SessionRecord[] } = {
    records: [],
    read: () => file.records,
    write: (records) => void (file.records = records),
  };
  return file;
}

describe('Sessions', () => {
  it.each([
    { name: 'ends when idle for half a day', steps: [12.1], isAlive: false },
    { name: 'lives while it is used', steps: [11, 11, 11], isAlive: true },
    { name: 'ends after a week even if used', steps: Array.from({ length: 17 }, () => 10), isAlive: false },
  ])('$name', async ({ steps, isAlive }) => {
    const clock = new FakeClock();
    const sessions = aSessions({ clock });
    const { id } = sessions.start(USER, BY_LINK);
    let found = true;
    for (const hours of steps) {
      await clock.step(hours * HOUR_MS);
      found = (await sessions.find(id)) !== undefined;
    }
    expect(found).toBe(isAlive);
  });

  it('tells who holds a session that it ended', () => {
    const sessions = aSessions();
    const { id, session } = sessions.start(USER, BY_LINK);
    let ended = 0;
    session.onEnd(() => (ended += 1));
    sessions.end(id);
    sessions.end(id);
    expect(ended).toBe(1);
  });

  it('takes a code once and not after an hour', async () => {
    const clock = new FakeClock();
    const sessions = aSessions({ clock });
    const [used, late] = [sessions.issueCode(USER), sessions.issueCode(USER)];
    expect(sessions.redeemCode(used)).toEqual(USER);
    expect(sessions.redeemCode(used)).toBeUndefined();
    await clock.step(HOUR_MS);
    expect(sessions.redeemCode(late)).toBeUndefined();
  });

  it('holds a thousand sessions at most: the oldest gives way', async () => {
    const sessions = aSessions();
    const oldest = sessions.start(USER, BY_LINK).id;
    const second = sessions.start(USER, BY_LINK).id;
    for (let count = 0; count < 999; count += 1) sessions.start(USER, BY_LINK);
    expect(await sessions.find(oldest)).toBeUndefined();
    expect(await sessions.find(second)).toBeDefined();
  });

  it.each([
    { name: 'its account is gone', after: undefined },
    { name: 'its account was made again', after: { ...USER, uid: 'new' } },
    { name: 'it says another group', after: { ...USER, groups: ['system:masters'] } },
  ])('API-3: a session ends as soon as $name', async ({ after }) => {
    const users = new Map<string, UserInfo>([['a-token', USER]]);
    const sessions = aSessions({ users });
    const { id, session } = sessions.start(USER, BY_TOKEN);
    let ended = 0;
    session.onEnd(() => (ended += 1));
    expect(await sessions.find(id)).toBe(session);
    if (after === undefined) users.clear();
    else users.set('a-token', after);
    expect(await session.isStillGood()).toBe(false);
    expect(await sessions.find(id)).toBeUndefined();
    expect(ended).toBe(1);
  });

  it.each([
    { name: 'a token that is still good', credential: BY_TOKEN, users: new Map([['a-token', USER]]), isBack: true },
    { name: 'a token that is not good any more', credential: BY_TOKEN, users: new Map<string, UserInfo>(), isBack: false },
    { name: 'a link', credential: BY_LINK, users: new Map<string, UserInfo>(), isBack: true },
  ])('CON-4: who signed in with $name is signed in after a restart: $isBack', async ({ credential, users, isBack }) => {
    const file = aFile();
    const clock = new FakeClock();
    const first = aSessions({ clock, file, users });
    const { id, session } = first.start(USER, credential);
    first.close();
    const later = aSessions({ clock, file, users });
    const back = await later.find(id);
    expect(back?.user).toEqual(isBack ? USER : undefined);
    expect(back?.csrfToken).toBe(isBack ? session.csrfToken : undefined);
    expect(await later.find('another-id')).toBeUndefined();
  });

  it('CON-4: what lies on disk holds neither token nor id, and a session that ended is not in it', () => {
    const file = aFile();
    const sessions = aSessions({ file });
    const { id } = sessions.start(USER, BY_TOKEN);
    const written = JSON.stringify(file.records);
    expect(written).not.toContain('a-token');
    expect(written).not.toContain(id);
    expect(file.records).toHaveLength(1);
    sessions.end(id);
    expect(file.records).toHaveLength(0);
  });

  it('CON-4: a session that was idle over the restart for too long does not come back', async () => {
    const file = aFile();
    const clock = new FakeClock();
    const { id } = aSessions({ clock, file }).start(USER, BY_LINK);
    await clock.step(13 * HOUR_MS);
    expect(await aSessions({ clock, file }).find(id)).toBeUndefined();
  });
});
