import { afterEach, beforeEach, expect, it } from 'vitest';
import { configMaps } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { Secret } from '#kit/secret.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { FakeClock } from '#testing/fake-clock.ts';
import { tokenAuthenticator } from '../access/authentication.ts';

const MINUTE_MS = 60_000;

interface Answered {
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly metadata: { readonly continue?: string; readonly remainingItemCount?: number };
  readonly items?: readonly { readonly metadata: { readonly name: string } }[];
}

let api: TestApi<FakeClock>;
let clock: FakeClock;
let base: string;
beforeEach(async () => {
  clock = new FakeClock();
  const user = { name: 'admin', groups: ['system:masters'] };
  api = await startTestApi({ clock, authenticators: [tokenAuthenticator([{ token: new Secret('admin'), user }])] });
  base = `http://127.0.0.1:${(await api.server.listen({ host: '127.0.0.1', port: 0 })).port}/api/v1/namespaces/default/configmaps`;
  for (const name of ['a', 'b', 'c', 'd']) await api.client.create(configMaps, { metadata: { name, namespace: 'default' } });
});
afterEach(() => api.close());

async function page(token?: string): Promise<Answered> {
  const path = `${base}?limit=1${token === undefined ? '' : `&continue=${token}`}`;
  return trusted<Answered>(await (await fetch(path, { headers: { authorization: 'Bearer admin' } })).json());
}
const namesOf = ({ items = [] }: Answered): readonly string[] => items.map(({ metadata }) => metadata.name);

it('API-1: the pages of a list may be fetched for five minutes, and after that the rest as it is by then', async () => {
  const first = await page();
  await clock.step(4 * MINUTE_MS);
  const second = await page(first.metadata.continue);
  expect(namesOf(second)).toEqual(['b']);
  await clock.step(2 * MINUTE_MS);
  const late = await page(second.metadata.continue);
  expect(late).toMatchObject({ code: 410, reason: 'Expired', message: expect.stringContaining('results in an inconsistent list') });
  await api.client.create(configMaps, { metadata: { name: 'bb', namespace: 'default' } });
  const third = await page(late.metadata.continue);
  expect(namesOf(third)).toEqual(['bb']);
  expect(namesOf(await page(third.metadata.continue))).toEqual(['c']);
});
