import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemClock } from '#kit/clock.ts';
import { Secret } from '#kit/secret.ts';
import { tokenAuthenticator } from '#machinery/apiserver/access/authentication.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { eventually } from '#testing/eventually.ts';

const CONFIG_MAPS = '/api/v1/namespaces/default/configmaps';
const SEATS_PER_FLOW = 6;
const WAITING_PER_FLOW = 10;

describe('API-1: a flood of one user', () => {
  let api: TestApi<SystemClock>;
  let base: string;
  let gate: PromiseWithResolvers<void>;
  let held: number;
  beforeEach(async () => {
    gate = Promise.withResolvers();
    held = 0;
    const users = ['flood', 'polite'].map((name) => ({ token: new Secret(name), user: { name, groups: ['system:masters'] } }));
    api = await startTestApi({
      clock: new SystemClock(),
      authenticators: [tokenAuthenticator(users)],
      flowLimits: {
        seats: 8,
        seatsPerFlow: SEATS_PER_FLOW,
        startsPerTurn: 64,
        waitingPerFlow: WAITING_PER_FLOW,
        waiting: 100,
        maxWaitMs: 60_000,
      },
      admission: [
        {
          name: 'gate',
          validate: async ({ user }) => {
            if (user.name !== 'flood') return;
            held += 1;
            await gate.promise;
          },
        },
      ],
    });
    const { port } = await api.server.listen({ host: '127.0.0.1', port: 0 });
    base = `http://127.0.0.1:${port}`;
  });
  afterEach(async () => {
    gate.resolve();
    await api.close();
  });
  const ask = (token: string, path: string, body?: string): Promise<Response> =>
    fetch(`${base}${path}`, {
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { method: 'POST', body }),
    });
  const create = (token: string, name: string): Promise<Response> => ask(token, CONFIG_MAPS, JSON.stringify({ metadata: { name } }));

  it('waits behind itself: others are served, probes always, and the rest is told to come again', async () => {
    const flood = Array.from({ length: SEATS_PER_FLOW + WAITING_PER_FLOW + 5 }, (_, index) => create('flood', `flood-${index}`));
    await eventually(() => expect(held).toBe(SEATS_PER_FLOW));
    const refused = await Promise.any(flood);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(await refused.json()).toMatchObject({ kind: 'Status', reason: 'TooManyRequests', details: { retryAfterSeconds: 1 } });
    for (let count = 0; count < 5; count += 1) {
      expect((await create('polite', `polite-${count}`)).status).toBe(201);
      expect((await ask('polite', CONFIG_MAPS)).status).toBe(200);
    }
    expect((await fetch(`${base}/livez`)).status).toBe(200);
    const metrics = await (await ask('polite', '/metrics')).text();
    expect(metrics).toContain(`apiserver_flowcontrol_current_inqueue_requests{priority_level="global-default"} ${WAITING_PER_FLOW}`);
    expect(metrics).toContain(
      'apiserver_flowcontrol_rejected_requests_total{priority_level="global-default",flow_schema="users",reason="queue-full"} 5',
    );
    gate.resolve();
    const codes = (await Promise.all(flood)).map(({ status }) => status);
    expect([codes.filter((code) => code === 201).length, codes.filter((code) => code === 429).length]).toEqual([
      SEATS_PER_FLOW + WAITING_PER_FLOW,
      5,
    ]);
  });

  it('watches hold no seat', async () => {
    const stop = new AbortController();
    const watches = Array.from({ length: 20 }, () =>
      fetch(`${base}${CONFIG_MAPS}?watch=true`, { headers: { authorization: 'Bearer flood' }, signal: stop.signal }),
    );
    expect((await Promise.all(watches)).map(({ status }) => status)).toEqual(watches.map(() => 200));
    expect((await ask('flood', CONFIG_MAPS)).status).toBe(200);
    stop.abort();
  });
});
