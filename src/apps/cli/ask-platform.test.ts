import { describe, expect, it } from 'vitest';
import { said } from '#api/explanation.ts';
import type { ExplainedKind } from '#controllers/stowage/explain/explained-kind.ts';
import { classExplainer } from '#controllers/stowage/explain/explainers.ts';
import type { Waiting } from '#controllers/stowage/explain/waiting-objects.ts';
import { HttpClient } from '#machinery/client/http-client.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { type FakeAnswer, FakeTransport } from '#testing/fakes/fake-transport.ts';
import { askWhatWaits, askWhy } from './ask-platform.ts';

const KIND: ExplainedKind = { type: 'sc', aliases: [], asked: 'storageclass', load: async () => classExplainer };
const QUESTION = { kind: KIND, key: { namespace: 'shop', name: 'fast' } };
const EXPLAIN = '/console/api/explain?kind=storageclass&namespace=shop&name=fast';
const explanation = { state: 'fine', summary: said('all is well'), findings: [], remedies: [] };
const waiting: Waiting = {
  groups: [{ state: 'busy', cause: said('the volume is made'), objects: ['pvc/a -n shop'], remedies: [] }],
  unlooked: 2,
};
const EMPTY_LIST = { json: { metadata: { resourceVersion: '1' }, items: [] } };

/** An API that answers below the console by `own`, and has nothing in it. */
function apiWith(own: FakeAnswer | 'away'): { readonly client: HttpClient; readonly paths: () => readonly string[] } {
  const transport = new FakeTransport(({ path }) => {
    if (!path.startsWith('/console/')) return EMPTY_LIST;
    if (own === 'away') throw new TypeError('the network is down');
    return own;
  });
  return { client: new HttpClient({ transport, clock: new FakeClock() }), paths: () => transport.requests.map(({ path }) => path) };
}

describe('a platform that is asked', () => {
  it('answers itself, and is not listed', async () => {
    const api = apiWith({ json: explanation });
    expect(await askWhy(api.client, QUESTION)).toEqual(explanation);
    expect(api.paths()).toEqual([EXPLAIN]);
    const status = apiWith({ json: waiting });
    expect(await askWhatWaits(status.client, 'shop')).toEqual(waiting);
    expect(status.paths()).toEqual(['/console/api/waiting?namespace=shop']);
  });

  it.each<{ name: string; own: FakeAnswer }>([
    { name: 'knows no such path', own: { status: 404, text: '404 page not found' } },
    { name: 'lets nobody look at the path', own: { status: 403, json: { kind: 'Status', code: 403, reason: 'Forbidden', message: 'no' } } },
    { name: 'answers with a page', own: { text: '<html>' } },
    { name: 'speaks of what this version has no words for', own: { json: { ...explanation, summary: { code: 'newer', values: {} } } } },
  ])('is listed where it $name', async ({ own }) => {
    const api = apiWith(own);
    expect((await askWhy(api.client, QUESTION)).summary.code).toBe('notThere');
    expect(api.paths().length).toBeGreaterThan(10);
    expect(await askWhatWaits(api.client, '')).toEqual({ groups: [], unlooked: 0 });
  });

  it('is not listed where nobody is reached', async () => {
    const api = apiWith('away');
    await expect(askWhy(api.client, QUESTION)).rejects.toThrow('the network is down');
    expect(api.paths()).toEqual([EXPLAIN]);
  });
});
