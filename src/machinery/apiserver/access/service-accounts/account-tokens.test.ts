import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodes, pods, secrets, serviceAccounts } from '#api/resources.ts';
import { SystemIds } from '#kit/ids.ts';
import { startTestApi, type TestApi } from '#testing/api.ts';
import type { FakeClock } from '#testing/fake-clock.ts';
import { AccountTokens, type Bound, ISSUER } from './account-tokens.ts';
import { signingKeyOf } from './signing-key.ts';
import { signToken } from './web-token.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const key = signingKeyOf(createPrivateKey(privateKey.export({ type: 'pkcs8', format: 'pem' })));

describe('API-3: tokens of service accounts', () => {
  let api: TestApi<FakeClock>;
  let tokens: AccountTokens;
  let accountUid: string;
  beforeEach(async () => {
    api = await startTestApi();
    tokens = new AccountTokens({ key, store: api.store, clock: api.clock, ids: new SystemIds() });
    accountUid = (await api.client.create(serviceAccounts, { metadata: at('robot') })).metadata.uid;
  });
  afterEach(() => api.close());
  const at = (name: string) => ({ namespace: 'default', name });
  const issue = (rest: { audiences?: readonly string[]; bound?: Bound } = {}): string =>
    tokens.issue({ namespace: 'default', account: { name: 'robot', uid: accountUid }, audiences: [], expiresInSec: 600, ...rest }).token;
  const whoIs = (token: string, audiences?: readonly string[]): string | undefined =>
    tokens.authenticate({ bearerToken: token, ...(audiences === undefined ? {} : { audiences }) })?.name;
  const robot = 'system:serviceaccount:default:robot';

  it('say which account, with its groups and the token itself', () => {
    expect(tokens.authenticate({ bearerToken: issue() })).toMatchObject({
      name: robot,
      uid: accountUid,
      groups: ['system:serviceaccounts', 'system:serviceaccounts:default'],
      audiences: [ISSUER],
      extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^JTI=/)] },
    });
  });

  it('end when their time is up, to the second', async () => {
    const token = issue();
    await api.clock.step(599_000);
    expect(whoIs(token)).toBe(robot);
    await api.clock.step(1_000);
    expect(whoIs(token)).toBeUndefined();
  });

  it('end with their account, also when it is made anew', async () => {
    const token = issue();
    await api.client.delete(serviceAccounts, at('robot'));
    expect(whoIs(token)).toBeUndefined();
    await api.client.create(serviceAccounts, { metadata: at('robot') });
    expect(whoIs(token)).toBeUndefined();
  });

  it.each([
    { name: 'the API', audiences: [], asked: undefined, known: true },
    { name: 'the API, asked by name', audiences: [], asked: [ISSUER], known: true },
    { name: 'the API, asked for another', audiences: [], asked: ['vault'], known: false },
    { name: 'another', audiences: ['vault'], asked: undefined, known: false },
    { name: 'another, asked for it', audiences: ['vault'], asked: ['vault', 'x'], known: true },
    { name: 'two', audiences: ['vault', ISSUER], asked: undefined, known: true },
  ])('are for whom they are meant: $name', ({ audiences, asked, known }) => {
    expect(whoIs(issue({ audiences }), asked)).toBe(known ? robot : undefined);
  });

  const spec = { containers: [{ name: 'c', image: 'busybox' }] };
  it.each([
    {
      kind: 'Pod' as const,
      make: () => api.client.create(pods, { metadata: at('bound'), spec }),
      remove: () => api.client.delete(pods, at('bound'), { gracePeriodSec: 0 }),
      extra: 'authentication.kubernetes.io/pod-name',
    },
    {
      kind: 'Secret' as const,
      make: () => api.client.create(secrets, { metadata: at('bound') }),
      remove: () => api.client.delete(secrets, at('bound')),
      extra: undefined,
    },
    {
      kind: 'Node' as const,
      make: () => api.client.create(nodes, { metadata: { name: 'bound' }, spec: {} }),
      remove: () => api.client.delete(nodes, { namespace: '', name: 'bound' }),
      extra: 'authentication.kubernetes.io/node-name',
    },
  ])('bound to a $kind end with it, also when it is made anew', async ({ kind, make, remove, extra }) => {
    const { uid } = (await make()).metadata;
    const token = issue({ bound: { kind, name: 'bound', uid } });
    const user = tokens.authenticate({ bearerToken: token });
    expect(user?.name).toBe(robot);
    if (extra !== undefined) expect(user?.extra?.[extra]).toEqual(['bound']);
    await remove();
    expect(whoIs(token)).toBeUndefined();
    await make();
    expect(whoIs(token)).toBeUndefined();
  });

  it('bound to a Pod say its node too, and outlive it', async () => {
    const pod = await api.client.create(pods, { metadata: at('bound'), spec });
    const node = { name: 'gone', uid: 'gone-uid' };
    const token = issue({ bound: { kind: 'Pod', name: 'bound', uid: pod.metadata.uid, node } });
    const { extra } = tokens.authenticate({ bearerToken: token }) ?? {};
    expect(extra?.['authentication.kubernetes.io/node-name']).toEqual(['gone']);
    expect(extra?.['authentication.kubernetes.io/node-uid']).toEqual(['gone-uid']);
  });

  it.each([
    { name: 'no account', claims: { namespace: 'default' } },
    { name: 'an account without uid', claims: { namespace: 'default', serviceaccount: { name: 'robot' } } },
    { name: 'no namespace', claims: { serviceaccount: { name: 'robot', uid: 'x' } } },
    { name: 'nothing of ours', claims: undefined },
  ])('with $name name nobody', ({ claims }) => {
    const nowSec = api.clock.nowMs() / 1000;
    const token = signToken(key, { aud: [ISSUER], nbf: nowSec, exp: nowSec + 60, 'kubernetes.io': claims });
    expect(whoIs(token)).toBeUndefined();
  });

  it.each([{ aud: ISSUER }, { exp: undefined }, { nbf: undefined }, { nbf: 4e9 }])('with %o are refused', (wrong) => {
    const nowSec = api.clock.nowMs() / 1000;
    const own = { namespace: 'default', serviceaccount: { name: 'robot', uid: accountUid } };
    const good = { aud: [ISSUER], nbf: nowSec, exp: nowSec + 60, 'kubernetes.io': own };
    expect(whoIs(signToken(key, good))).toBe(robot);
    expect(whoIs(signToken(key, { ...good, ...wrong }))).toBeUndefined();
  });
});
