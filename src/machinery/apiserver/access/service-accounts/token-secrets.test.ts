import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { secrets, serviceAccounts } from '#api/resources.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import { type FakeClock, settle } from '#testing/fake-clock.ts';
import { AccountTokens } from './account-tokens.ts';
import { signingKeyOf } from './signing-key.ts';
import { TokenSecrets } from './token-secrets.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const key = signingKeyOf(createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })));

describe('API-3: secrets that hold a token of a service account', () => {
  let api: TestApi<FakeClock>;
  let tokens: AccountTokens;
  let follower: TokenSecrets;
  const start = (): TokenSecrets => new TokenSecrets({ store: api.store, client: api.client, tokens, caPem: 'pem', log: silentLogger });
  beforeEach(async () => {
    api = await startTestApi();
    tokens = new AccountTokens({ key, store: api.store, clock: api.clock, ids: new SystemIds() });
    follower = start();
    await api.client.create(serviceAccounts, { metadata: at('robot') });
  });
  afterEach(async () => {
    follower.close();
    await api.close();
  });
  const at = (name: string) => ({ namespace: 'default', name });
  const make = (account = 'robot', type = 'kubernetes.io/service-account-token'): Promise<unknown> =>
    api.client.create(secrets, { metadata: { ...at('s'), annotations: { 'kubernetes.io/service-account.name': account } }, type });
  const decoded = async (): Promise<Record<string, string>> => {
    const { data = {} } = await api.client.get(secrets, at('s'));
    return Object.fromEntries(Object.entries(data).map(([name, value]) => [name, Buffer.from(value, 'base64').toString()]));
  };
  const whoIs = (bearerToken: string): string | undefined => tokens.authenticate({ bearerToken })?.name;

  it('are filled, and what they hold lasts as long as they do', async () => {
    await make();
    await settle();
    const { token = '', ...rest } = await decoded();
    expect(rest).toEqual({ 'ca.crt': 'pem', namespace: 'default' });
    await api.clock.step(365 * 24 * 3_600_000);
    expect(whoIs(token)).toBe('system:serviceaccount:default:robot');
    await api.client.delete(secrets, at('s'));
    expect(whoIs(token)).toBeUndefined();
  });

  it('are filled that were made before, and only once', async () => {
    follower.close();
    await make();
    follower = start();
    await settle();
    const first = await decoded();
    expect(first['token']).not.toBe('');
    await api.client.patch(secrets, { key: at('s'), patch: { type: 'merge', body: { metadata: { labels: { a: 'b' } } } } });
    await settle();
    expect(await decoded()).toEqual(first);
  });

  it('go with the account, and do not come for one that is not there', async () => {
    await make();
    await settle();
    const { token = '' } = await decoded();
    await api.client.delete(serviceAccounts, at('robot'));
    await settle();
    await expect(api.client.get(secrets, at('s'))).rejects.toMatchObject({ code: 'NotFound' });
    expect(whoIs(token)).toBeUndefined();
    await make('nobody');
    await settle();
    await expect(api.client.get(secrets, at('s'))).rejects.toMatchObject({ code: 'NotFound' });
  });

  it('of other types are left alone', async () => {
    await make('robot', 'Opaque');
    await settle();
    expect(await decoded()).toEqual({});
  });
});
