import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClaimStatus } from '#api/claim-status.ts';
import type { Resource } from '#api/meta/resource.ts';
import type { ClaimStatuses, StatusListener, WaitingClaim } from '#controllers/stowage/explain/claim-statuses.ts';
import { PlatformError } from '#kit/errors.ts';
import { trusted } from '#kit/json.ts';
import type { Client, ListOptions } from '#machinery/client/client.ts';
import { aStoredClaim } from '#testing/builders/claim.ts';
import { FakeClock, settle } from '#testing/fake-clock.ts';
import { StatusFeed } from './status-feed.ts';

const BYPASSED: ClaimStatus = { code: 'podsBypassScheduler', tone: 'bad', values: {} };
const MISSING: ClaimStatus = { code: 'classMissing', tone: 'bad', values: { class: 'fast' } };

let clock: FakeClock;
let denied: Set<string>;
let waiting: Map<string, WaitingClaim>;
let source: StatusListener | undefined;
let told: string[];
let feed: StatusFeed;

beforeEach(() => {
  [clock, denied, waiting, told, source] = [new FakeClock(), new Set(), new Map(), [], undefined];
});
afterEach(() => feed.stop());

function waits(name: string, namespace: string, status: ClaimStatus): WaitingClaim {
  const found = { claim: aStoredClaim({ name, namespace, uid: name }), status };
  waiting.set(name, found);
  return found;
}

function open(namespace = 'shop', statuses: Promise<ClaimStatuses> = Promise.resolve(theStatuses())): void {
  const list = async ({ plural }: Resource, options: ListOptions): Promise<object> => {
    expect(options.limit).toBe(1);
    if (denied.has(plural))
      throw new PlatformError({ code: 'PermissionDenied', reason: 'Forbidden', message: `no ${plural} in ${options.namespace}` });
    return { items: [] };
  };
  feed = new StatusFeed({ client: trusted<Client>({ list }), namespace, statuses, clock });
  feed.subscribe({
    onSnapshot: () => void told.push('snapshot'),
    onUpsert: ({ metadata }) => void told.push(`upsert ${metadata.name}`),
    onDelete: (uid) => void told.push(`delete ${uid}`),
    onBookmark: () => {},
    onGap: () => {},
    onProblem: ({ message }) => void told.push(message),
  });
}

function theStatuses(): ClaimStatuses {
  return trusted<ClaimStatuses>({
    all: () => waiting.values(),
    subscribe: (listener: StatusListener) => {
      source = listener;
      return () => (source = undefined);
    },
  });
}

/** Name and code of what the feed has. */
function shown(): readonly string[] {
  return [...feed.objects.values()].map((object) => {
    const { metadata, status } = trusted<{ readonly metadata: { readonly name: string }; readonly status: ClaimStatus }>(object);
    return `${metadata.name}: ${status.code}`;
  });
}

describe('StatusFeed', () => {
  it('has the statuses of its namespace, and follows them', async () => {
    waits('a', 'shop', MISSING);
    waits('theirs', 'bank', MISSING);
    open();
    await settle();
    expect([told, shown()]).toEqual([['snapshot'], ['a: classMissing']]);
    source?.onUpsert(waits('b', 'shop', MISSING));
    source?.onUpsert(waits('c', 'bank', MISSING));
    source?.onDelete('a');
    source?.onDelete('theirs');
    expect(told.slice(1)).toEqual(['upsert b', 'delete a']);
    expect(shown()).toEqual(['b: classMissing']);
  });

  it('has another version each time, which a browser takes for another object', async () => {
    waits('a', 'shop', MISSING);
    open();
    await settle();
    const before = feed.objects.get('a')?.metadata.resourceVersion;
    source?.onUpsert(waits('a', 'shop', BYPASSED));
    expect([feed.objects.get('a')?.metadata.resourceVersion === before, shown()]).toEqual([false, ['a: podsBypassScheduler']]);
  });

  it('has those of all namespaces where none is named', async () => {
    waits('a', 'shop', MISSING);
    waits('theirs', 'bank', MISSING);
    open('');
    await settle();
    expect(shown()).toEqual(['a: classMissing', 'theirs: classMissing']);
  });

  it.each([
    { may: 'everything', without: [], says: ['a: classMissing', 'b: podsBypassScheduler'] },
    { may: 'no pods', without: ['pods'], says: ['a: classMissing', 'b: waitsForFirstPod'] },
    { may: 'no events', without: ['events'], says: ['a: pending', 'b: pending'] },
  ])('API-3: tells who may list $may no more than he may know', async ({ without, says }) => {
    denied = new Set(without);
    waits('a', 'shop', MISSING);
    waits('b', 'shop', BYPASSED);
    open();
    await settle();
    expect(shown()).toEqual(says);
    source?.onUpsert(waits('a', 'shop', MISSING));
    expect(shown()).toEqual(says);
  });

  it('API-3: tells nothing to who may not list the claims, and looks at his rights again', async () => {
    denied = new Set(['persistentvolumeclaims']);
    const found = waits('a', 'shop', MISSING);
    open();
    await settle();
    source?.onUpsert(found);
    expect([told, shown()]).toEqual([['no persistentvolumeclaims in shop'], []]);
    denied.clear();
    await clock.step(30_000);
    expect([told.at(-1), shown()]).toEqual(['snapshot', ['a: classMissing']]);
    await clock.step(60_000);
    expect(told).toHaveLength(2);
    denied.add('persistentvolumeclaims');
    await clock.step(30_000);
    expect([told.at(-1), shown()]).toEqual(['no persistentvolumeclaims in shop', []]);
  });

  it('waits for the platform to start, and lets go when it is stopped', async () => {
    const started = Promise.withResolvers<ClaimStatuses>();
    open('shop', started.promise);
    await settle();
    expect(told).toEqual([]);
    started.resolve(theStatuses());
    await settle();
    expect(told).toEqual(['snapshot']);
    feed.stop();
    expect(source).toBeUndefined();
  });
});
