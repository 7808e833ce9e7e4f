import { describe, expect, it } from 'vitest';
import { leases } from '#api/resources.ts';
import { silentLogger } from '#kit/log.ts';
import { PlatformError } from '#kit/errors.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { overrideClient } from '#testing/fakes/override-client.ts';
import type { Client } from '../client/client.ts';
import { runElected } from './leader-election.ts';
import { Metrics } from '#kit/metrics.ts';

const LEASE = { namespace: 'default', name: 'election' };

/** A candidate that notes when it leads; it needs `slowToStopMs` to stop. */
class Runner {
  leads = false;
  terms = 0;
  readonly metrics = new Metrics();
  readonly #abort = new AbortController();
  readonly #done: Promise<void>;

  constructor({
    api,
    identity,
    client = api.client,
  }: {
    readonly api: TestApi<FakeClock>;
    readonly identity: string;
    readonly client?: Client;
  }) {
    const lead = async (signal: AbortSignal): Promise<void> => {
      this.leads = true;
      this.terms += 1;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      this.leads = false;
    };
    const { clock } = api;
    const options = { client, clock, log: silentLogger, metrics: this.metrics, lease: LEASE, identity, lead };
    this.#done = runElected(options, this.#abort.signal);
  }

  stop(): Promise<void> {
    this.#abort.abort();
    return this.#done;
  }
}

/** A client that can be cut off from the API. */
function cuttable(client: Client): Client & { isCut: boolean } {
  const state = { isCut: false };
  const pass = <T>(work: () => Promise<T>): Promise<T> =>
    state.isCut ? Promise.reject(new PlatformError({ code: 'Unavailable', reason: 'Unreachable', message: 'cut off' })) : work();
  const wrapped = overrideClient(client, {
    get: (resource, key) => pass(() => client.get(resource, key)),
    create: (resource, draft, options) => pass(() => client.create(resource, draft, options)),
    update: (resource, object, options) => pass(() => client.update(resource, object, options)),
  });
  return Object.assign(state, wrapped);
}

describe('RUN-2: runElected', () => {
  it('lets one of two lead, and the other at once when the first gives the lease back', async () => {
    const api = await startTestApi();
    const one = new Runner({ api, identity: 'one' });
    await api.clock.step(0);
    const two = new Runner({ api, identity: 'two' });
    await api.clock.step(60_000);
    expect([one.leads, two.leads]).toEqual([true, false]);
    expect(one.metrics.render()).toContain('leader_election_master_status{name="election"} 1');
    await one.stop();
    await api.clock.step(2_000);
    expect([one.leads, two.leads]).toEqual([false, true]);
    expect(await api.client.get(leases, LEASE)).toMatchObject({
      spec: { holderIdentity: 'two', leaseTransitions: 1, leaseDurationSeconds: 15 },
    });
    await two.stop();
    expect(await api.client.get(leases, LEASE)).toMatchObject({ spec: { holderIdentity: '' } });
    await api.close();
  });

  it('stops a leader that can not renew before another may start', async () => {
    const api = await startTestApi();
    const client = cuttable(api.client);
    const one = new Runner({ api, identity: 'one', client });
    await api.clock.step(0);
    const two = new Runner({ api, identity: 'two' });
    await api.clock.step(6_000);
    client.isCut = true;
    const seen = new Set<string>();
    for (let second = 0; second < 40; second += 1) {
      await api.clock.step(1_000);
      seen.add(`${one.leads} ${two.leads}`);
    }
    expect([...seen]).toEqual(['true false', 'false false', 'false true']);
    client.isCut = false;
    await two.stop();
    await api.clock.step(2_000);
    expect([one.leads, one.terms]).toEqual([true, 2]);
    await one.stop();
    await api.close();
  });

  it('survives an API that is away for less than the deadline', async () => {
    const api = await startTestApi();
    const client = cuttable(api.client);
    const one = new Runner({ api, identity: 'one', client });
    await api.clock.step(4_000);
    client.isCut = true;
    await api.clock.step(7_000);
    client.isCut = false;
    await api.clock.step(30_000);
    expect([one.leads, one.terms]).toEqual([true, 1]);
    await one.stop();
    await api.close();
  });

  it('trusts its own clock and not the times that another wrote', async () => {
    const api = await startTestApi();
    await api.client.create(leases, {
      metadata: LEASE,
      spec: { holderIdentity: 'gone', leaseDurationSeconds: 15, renewTime: '2001-01-01T00:00:00.000000Z', leaseTransitions: 4 },
    });
    const one = new Runner({ api, identity: 'one' });
    await api.clock.step(14_000);
    expect(one.leads).toBe(false);
    await api.clock.step(4_000);
    expect(one.leads).toBe(true);
    expect(await api.client.get(leases, LEASE)).toMatchObject({ spec: { holderIdentity: 'one', leaseTransitions: 5 } });
    await one.stop();
    await api.close();
  });

  it('refuses times that let two lead', async () => {
    const api = await startTestApi();
    const times = { renewDeadlineMs: 15_000 };
    const options = { client: api.client, clock: api.clock, log: silentLogger, metrics: new Metrics(), lease: LEASE, identity: 'x', times };
    await expect(runElected({ ...options, lead: () => Promise.resolve() }, AbortSignal.timeout(1))).rejects.toThrow(
      'each must be longer than the next',
    );
    await api.close();
  });
});
