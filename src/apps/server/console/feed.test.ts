import { afterEach, describe, expect, it } from 'vitest';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { persistentVolumeClaims } from '#api/resources.ts';
import type { ErrorCode } from '#kit/error-codes.ts';
import { PlatformError } from '#kit/errors.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { ScriptedClient } from '#testing/fakes/scripted-client.ts';
import { FakeClock, settle } from '#testing/fake-clock.ts';
import { Feed } from './feed.ts';
import { FeedHub } from './feed-hub.ts';
import { LiveSubscription } from './live-subscription.ts';

/** A platform that has not started. */
const NO_STATUSES = new Promise<never>(() => {});
const NO_DRIVERS = { own: () => [], descriptions: () => [], onChange: () => () => {} };
const USER = { name: 'admin', groups: ['system:masters'] };
const QUERY = { resource: 'persistentvolumeclaims' };

let feed: Feed | undefined;
afterEach(() => feed?.stop());

function aClaim(name: string, resourceVersion = '1'): PersistentVolumeClaim {
  const metadata = { name, namespace: 'k-1', uid: `uid-${name}`, resourceVersion, creationTimestamp: '2026-01-01T00:00:00Z' };
  return { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata, spec: {} };
}

function anError(code: ErrorCode): PlatformError {
  return new PlatformError({ code, reason: code, message: `it is ${code}` });
}

function follow(client: ScriptedClient, clock: FakeClock): string[] {
  const told: string[] = [];
  feed = new Feed({ client: client.client, resource: persistentVolumeClaims, clock, ids: new SystemIds(), log: silentLogger });
  const listing = feed;
  listing.subscribe({
    onSnapshot: () => told.push(`snapshot ${[...listing.objects.values()].map((object) => object.metadata.name).join(' ')}`),
    onUpsert: (object) => told.push(`upsert ${object.metadata.name}`),
    onDelete: (uid) => told.push(`delete ${uid}`),
    onBookmark: () => told.push('bookmark'),
    onGap: () => told.push('gap'),
    onProblem: (problem) => told.push(`problem ${problem.code}`),
  });
  return told;
}

function aHub() {
  const [client, clock] = [new ScriptedClient(), new FakeClock()];
  const means = { clock, ids: new SystemIds(), log: silentLogger };
  const hub = new FeedHub({ clientFor: () => client.client, statuses: NO_STATUSES, knownDrivers: NO_DRIVERS, ...means });
  return { hub, client, clock };
}

describe('Feed', () => {
  it('goes on without a new list when the server closes the watch in peace', async () => {
    const [client, clock] = [new ScriptedClient(), new FakeClock()];
    const told = follow(client, clock);
    await settle();
    client.breakWatches('end');
    await clock.step(1_000);
    client.put(persistentVolumeClaims, aClaim('a'));
    await settle();
    expect(told).toEqual(['snapshot ', 'upsert a']);
    expect(client.lists.get('persistentvolumeclaims')).toBe(1);
  });

  it('lists again after 410 and tells one snapshot with what was missed', async () => {
    const [client, clock] = [new ScriptedClient(), new FakeClock()];
    const told = follow(client, clock);
    await settle();
    client.putSilently(persistentVolumeClaims, aClaim('missed'));
    client.breakWatches(anError('OutOfRange'));
    await clock.step(1_000);
    expect(told).toEqual(['snapshot ', 'gap', 'snapshot missed']);
  });

  it.each([
    { name: 'a fault soon', code: 'Unavailable' as const, waitMs: 500 },
    { name: 'a denial after half a minute', code: 'PermissionDenied' as const, waitMs: 30_000 },
  ])('tries again: $name', async ({ code, waitMs }) => {
    const [client, clock] = [new ScriptedClient(), new FakeClock()];
    client.listError = anError(code);
    const told = follow(client, clock);
    await settle();
    expect(told).toEqual([`problem ${code}`]);
    client.listError = undefined;
    await clock.step(waitMs);
    expect(told).toEqual([`problem ${code}`, 'snapshot ']);
  });

  it('does not hammer a server that fails', async () => {
    const [client, clock] = [new ScriptedClient(), new FakeClock()];
    client.listError = anError('Unavailable');
    follow(client, clock);
    await clock.step(60_000);
    expect(client.lists.get('persistentvolumeclaims')).toBeLessThan(16);
  });
});

describe('FeedHub', () => {
  it('closes a feed some seconds after its last listener left, not before', async () => {
    const { hub, client, clock } = aHub();
    const subscription = new LiveSubscription(1, () => {});
    subscription.open(hub, USER, QUERY);
    await settle();
    subscription.close();
    await clock.step(4_000);
    expect([hub.size, client.watchers]).toEqual([1, 1]);
    await clock.step(2_000);
    expect([hub.size, client.watchers]).toEqual([0, 0]);
  });

  it('never shares between users', async () => {
    const { hub } = aHub();
    for (const user of [USER, { name: 'admin', groups: [] }, { name: 'eve', groups: ['system:masters'] }, USER]) {
      new LiveSubscription(1, () => {}).open(hub, user, QUERY);
    }
    expect(hub.size).toBe(3);
    hub.close();
  });
});

describe('LiveSubscription', () => {
  it('merges changes of one object for a slow reader, and deletes win over older upserts', async () => {
    const { hub, client } = aHub();
    const subscription = new LiveSubscription(1, () => {});
    subscription.open(hub, USER, QUERY);
    await settle();
    expect(subscription.take()).toMatchObject({ type: 'snapshot', items: [] });
    for (let version = 0; version < 50; version += 1) client.put(persistentVolumeClaims, aClaim('busy'));
    client.put(persistentVolumeClaims, aClaim('gone'));
    client.remove(persistentVolumeClaims, 'uid-gone');
    await settle();
    expect(subscription.take()).toMatchObject({
      type: 'delta',
      changes: [{ object: { metadata: { name: 'busy', resourceVersion: '51' } } }, { type: 'delete', uid: 'uid-gone' }],
    });
    expect(subscription.take()).toBeUndefined();
    hub.close();
  });
});
