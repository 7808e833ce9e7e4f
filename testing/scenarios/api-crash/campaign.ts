import { expect } from 'vitest';
import { eventually } from '#testing/eventually.ts';
import { seededRoll } from '#testing/fakes/weather.ts';
import type { Roll } from '#testing/fuzz/random-json.ts';
import type { PlatformProcess } from '#testing/platform/platform-process.ts';
import { type Ask, Connection } from './connection.ts';
import { formatSeen, History, type Selects } from './history.ts';
import { Watcher, type WatcherPlan } from './watcher.ts';
import { COLLECTION, NAMESPACE, objectOf, readSeen } from './written-object.ts';
import { Writer } from './writer.ts';

const WRITERS = 8;
/** Connections that the watchers share. */
const WATCH_CONNECTIONS = 4;
/** A round writes at least so long, and up to so much longer, before the kill. */
const SHORTEST_MS = 60;
const VARIES_MS = 300;
/** One in so many starts is killed before it is ready, within about the time that a start takes. */
const KILLED_STARTS = 10;
const START_MS = 700;
/** One in so many rounds is slept through by a sleepy watcher, so that it resumes from long ago. */
const SLEEP = 3;
/** Until all watchers have what the history has. */
const SETTLE_MS = 30_000;

const everything: Selects = () => true;
const PLANS: readonly (WatcherPlan & { readonly count: number })[] = [
  { name: 'the first', count: 1, path: COLLECTION, query: '', selects: everything },
  { name: 'all of the namespace', count: 4, path: COLLECTION, query: '', selects: everything },
  { name: 'light ones', count: 3, path: COLLECTION, query: 'labelSelector=shade%3Dlight', selects: ({ shade }) => shade === 'light' },
  {
    name: 'not light ones',
    count: 3,
    path: COLLECTION,
    query: 'labelSelector=shade+notin+(light),crash',
    selects: ({ shade }) => shade !== 'light',
  },
  {
    name: 'one by name',
    count: 2,
    path: COLLECTION,
    query: 'fieldSelector=metadata.name%3Dshared-0',
    selects: ({ name }) => name === 'shared-0',
  },
  { name: 'of all namespaces', count: 2, path: '/api/v1/secrets', query: 'labelSelector=crash%3Dyes', selects: everything },
  { name: 'watch-list', count: 2, path: COLLECTION, query: '', selects: everything, isFresh: true },
  {
    name: 'watch-list of dark ones',
    count: 1,
    path: COLLECTION,
    query: 'labelSelector=shade%3Ddark',
    selects: ({ shade }) => shade === 'dark',
    isFresh: true,
  },
  { name: 'sleepy', count: 2, path: COLLECTION, query: '', selects: everything, isSleepy: true },
];

/** What a campaign did. */
export interface CampaignReport {
  readonly acknowledged: number;
  readonly changes: number;
  /** Writes that were sent again after a kill, and what came of it. */
  readonly retried: { readonly done: number; readonly wasDone: number };
  readonly expired: number;
  readonly killedStarts: number;
  readonly longestStartMs: number;
}

/** Writers and watchers over HTTPS, and a server that is killed under them. */
export class Campaign {
  readonly #platform: PlatformProcess;
  readonly #roll: Roll;
  readonly #history = new History();
  readonly #writers: readonly Writer[];
  readonly #watchers: readonly Watcher[];
  /** Watchers that do not sleep in this round. */
  readonly #awake = new Set<Watcher>();
  #connections: Connection[] = [];
  #watching: Promise<unknown> = Promise.resolve();
  #newest = 0;
  #markers = 0;
  #killedStarts = 0;
  #longestStartMs = 0;

  private constructor(platform: PlatformProcess, seed: number) {
    this.#platform = platform;
    this.#roll = seededRoll(seed);
    this.#writers = Array.from({ length: WRITERS }, (_, number) => new Writer(number, seededRoll(seed + 1 + number)));
    const plans = PLANS.flatMap((plan) => Array.from({ length: plan.count }, () => plan));
    this.#watchers = plans.map((plan, at) =>
      at === 0 ? new Watcher(plan, (type, seen) => this.#history.add({ type, seen })) : new Watcher(plan),
    );
  }

  static async start(platform: PlatformProcess, seed: number): Promise<Campaign> {
    const campaign = new Campaign(platform, seed);
    campaign.#connections = [new Connection(platform)];
    await campaign.#ask('POST', '/api/v1/namespaces', { metadata: { name: NAMESPACE } });
    campaign.#watch();
    // why: the history begins with nothing
    await eventually(() => expect(campaign.#watchers[0]?.hasBegun).toBe(true));
    return campaign;
  }

  /** Writes, kills, starts again, and finds everything as it must be. */
  async round(): Promise<void> {
    let isKilled = false;
    const connections = this.#writers.map(() => new Connection(this.#platform));
    this.#connections.push(...connections);
    const working = connections.map(async (connection, at) => {
      await this.#writers[at]?.work(connection);
      expect(isKilled, 'a writer lost an answer before the kill').toBe(true);
    });
    const writing = Promise.all(working);
    writing.catch(() => {});
    await pause(SHORTEST_MS + this.#roll(VARIES_MS));
    isKilled = true;
    await this.#platform.end('SIGKILL');
    await Promise.all([writing, this.#watching]);
    for (const connection of this.#connections.splice(0)) connection.close();
    await this.#restart();
    this.#watch();
    await this.#check();
  }

  report(): CampaignReport {
    const total = (of: (writer: Writer) => number): number => this.#writers.reduce((sum, writer) => sum + of(writer), 0);
    return {
      acknowledged: total((writer) => writer.acknowledged),
      changes: this.#history.count,
      retried: { done: total(({ retried }) => retried.done), wasDone: total(({ retried }) => retried.wasDone) },
      expired: this.#watchers.reduce((sum, { expired }) => sum + expired, 0),
      killedStarts: this.#killedStarts,
      longestStartMs: Math.round(this.#longestStartMs),
    };
  }

  /** Ends all connections. */
  close(): void {
    for (const connection of this.#connections.splice(0)) connection.close();
  }

  async #restart(): Promise<void> {
    while (this.#roll(KILLED_STARTS) === 0) {
      const starting = this.#platform.start().catch(() => {});
      await pause(this.#roll(START_MS));
      await this.#platform.end('SIGKILL');
      await starting;
      this.#killedStarts += 1;
    }
    const beforeMs = performance.now();
    await this.#platform.start();
    this.#longestStartMs = Math.max(this.#longestStartMs, performance.now() - beforeMs);
  }

  #watch(): void {
    this.#awake.clear();
    const connections = Array.from({ length: WATCH_CONNECTIONS }, () => new Connection(this.#platform));
    this.#connections.push(...connections);
    const working = this.#watchers.map(async (watcher, at) => {
      if (watcher.plan.isSleepy === true && this.#roll(SLEEP) === 0) return;
      this.#awake.add(watcher);
      const connection = connections[at % connections.length];
      if (connection !== undefined) await watcher.work(connection);
    });
    this.#watching = Promise.all(working);
    // why: it is awaited at the next kill, and what went wrong is told there
    this.#watching.catch(() => {});
  }

  async #check(): Promise<void> {
    // a write that nobody refuses, after which no change is under way
    this.#markers += 1;
    const marker = { name: `marker-${this.#markers % 2}`, operation: `marker-${this.#markers}`, shade: 'light', sizeBytes: 10 } as const;
    await this.#ask('DELETE', `${COLLECTION}/${marker.name}`);
    const until = readSeen(await this.#ask('POST', COLLECTION, objectOf(marker))).revision;
    expect(until, 'revisions went back').toBeGreaterThan(this.#newest);
    this.#newest = until;
    await eventually(() => expect(this.#history.revisionOf(marker.operation), 'the first watcher').toBe(until), SETTLE_MS);
    const list = await this.#ask('GET', COLLECTION);
    const items = Array.isArray(list['items']) ? list['items'].map(readSeen) : [];
    expect(items.map(formatSeen).sort()).toEqual(this.#history.stateAt(until, everything));
    for (const watcher of this.#awake) await eventually(() => watcher.check(this.#history, until), SETTLE_MS);
    for (const writer of this.#writers) writer.check(this.#history);
    const unsettled = new Set(this.#writers.map((writer) => writer.unsettled));
    this.#history.fold(Math.min(...this.#watchers.map(({ checkedRevision }) => checkedRevision)), unsettled);
  }

  async #ask(method: Ask['method'], path: string, body?: object): Promise<Readonly<Record<string, unknown>>> {
    const connection = this.#connections[0];
    if (connection === undefined) throw new Error('there is no connection');
    const answer = await connection.send({ method, path, body });
    expect([200, 201, ...(method === 'DELETE' ? [404] : [])], JSON.stringify(answer.body)).toContain(answer.status);
    return answer.body;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
