import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SystemClock } from '#kit/clock.ts';
import { SystemIds } from '#kit/ids.ts';
import { silentLogger } from '#kit/log.ts';
import { httpsJson } from '#machinery/apiserver/access/oidc/fetch-json.ts';
import { IssuerKeys } from '#machinery/apiserver/access/oidc/issuer-keys.ts';
import { OidcAuthenticator, type OidcOptions } from '#machinery/apiserver/access/oidc/oidc-authenticator.ts';
import { authenticate } from '#machinery/apiserver/access/authentication.ts';
import type { UserInfo } from '#machinery/apiserver/contract/user.ts';
import { ensurePki } from '#machinery/apiserver/pki/pki.ts';
import { FakeClock } from '#testing/fake-clock.ts';

type Key = Awaited<ReturnType<typeof generateKeyPair>>;

let dir: string;
let caPem: string;
let server: Server;
let issuer: string;
let keys: Record<string, Key>;
let asked: string[] = [];
let isAway = false;
let named: string | undefined;

beforeAll(async () => {
  dir = mkdtempSync(path.join(tmpdir(), 'oidc-'));
  const pki = await ensurePki({ dir, clock: new SystemClock(), ids: new SystemIds(), hosts: [] });
  ({ caPem } = pki);
  server = createServer({ key: pki.server.keyPem, cert: pki.server.certificatePem }, (request, response) => {
    asked.push(request.url ?? '');
    if (isAway) response.writeHead(503).end();
    else if (request.url === '/.well-known/openid-configuration')
      response.end(JSON.stringify({ issuer: named ?? issuer, jwks_uri: `${issuer}/keys` }));
    else void published().then((set) => response.end(JSON.stringify(set)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  issuer = `https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(dir, { recursive: true });
});

async function published(): Promise<object> {
  return {
    keys: await Promise.all(
      Object.entries(keys).map(async ([kid, { publicKey }]) => ({ ...(await exportJWK(publicKey)), kid, alg: 'RS256' })),
    ),
  };
}

describe('API-3: sign-on by an OpenID provider', () => {
  let clock: FakeClock;
  beforeEach(async () => {
    clock = new FakeClock();
    keys = { one: await generateKeyPair('RS256') };
    asked = [];
    isAway = false;
    named = undefined;
  });
  const provider = (rest: Partial<OidcOptions> = {}, ca = caPem): OidcAuthenticator => {
    // why a clock of its own for the wire: the other one stands still
    const fetchJson = httpsJson({ caPem: ca === 'of the system' ? undefined : ca, clock: new SystemClock() });
    const options = {
      issuer,
      clientId: 'stowage',
      usernameClaim: 'sub',
      usernamePrefix: 'o:',
      groupsPrefix: '',
      requiredClaims: {},
      signingAlgorithms: ['RS256'],
      ...rest,
    };
    return new OidcAuthenticator(options, { keys: new IssuerKeys({ issuer, fetchJson, clock }), clock, log: silentLogger });
  };
  const tokenOf = async (claims: Record<string, unknown> = {}, { kid = 'one', key = keys['one'], alg = 'RS256' } = {}): Promise<string> => {
    const nowSec = Math.floor(clock.nowMs() / 1000);
    const all = { iss: issuer, aud: 'stowage', sub: 'ann', iat: nowSec, exp: nowSec + 600, ...claims };
    return new SignJWT(all).setProtectedHeader({ alg, kid }).sign(key?.privateKey ?? new Uint8Array());
  };
  const whoIs = async (claims: Record<string, unknown>, options: Partial<OidcOptions> = {}): Promise<UserInfo | undefined> =>
    provider(options).authenticate({ bearerToken: await tokenOf(claims) });

  it.each<{ name: string; claims: Record<string, unknown>; options?: Partial<OidcOptions>; user: object | undefined }>([
    { name: 'the subject', claims: {}, user: { name: 'o:ann', groups: [] } },
    { name: 'another claim', claims: { login: 'annie' }, options: { usernameClaim: 'login' }, user: { name: 'o:annie' } },
    {
      name: 'an address',
      claims: { email: 'a@b', email_verified: true },
      options: { usernameClaim: 'email', usernamePrefix: '' },
      user: { name: 'a@b' },
    },
    {
      name: 'an address that nobody checked',
      claims: { email: 'a@b', email_verified: false },
      options: { usernameClaim: 'email' },
      user: undefined,
    },
    { name: 'no name', claims: { sub: '' }, user: undefined },
    {
      name: 'groups',
      claims: { roles: ['dev', 'ops'] },
      options: { groupsClaim: 'roles', groupsPrefix: 'g:' },
      user: { groups: ['g:dev', 'g:ops'] },
    },
    { name: 'one group', claims: { roles: 'dev' }, options: { groupsClaim: 'roles' }, user: { groups: ['dev'] } },
    { name: 'groups that are none', claims: { roles: [1] }, options: { groupsClaim: 'roles' }, user: undefined },
    { name: 'a required claim', claims: { hd: 'acme' }, options: { requiredClaims: { hd: 'acme' } }, user: { name: 'o:ann' } },
    { name: 'a required claim of another value', claims: { hd: 'other' }, options: { requiredClaims: { hd: 'acme' } }, user: undefined },
    { name: 'a missing required claim', claims: {}, options: { requiredClaims: { hd: 'acme' } }, user: undefined },
    { name: 'another audience', claims: { aud: 'x' }, user: undefined },
    { name: 'one of several audiences', claims: { aud: ['x', 'stowage'] }, user: { name: 'o:ann' } },
    { name: 'an end in the past', claims: { exp: 1 }, user: undefined },
    { name: 'no end', claims: { exp: undefined }, user: undefined },
    { name: 'a start in the future', claims: { nbf: 4e9 }, user: undefined },
    { name: 'another issuer', claims: { iss: 'https://other' }, user: undefined },
  ])('by $name', async ({ claims, options, user }) => {
    const found = await whoIs(claims, options);
    if (user === undefined) expect(found).toBeUndefined();
    else expect(found).toMatchObject(user);
  });

  it('refuses other signatures', async () => {
    const foreign = await generateKeyPair('RS256');
    const bearerToken = await tokenOf({}, { key: foreign });
    expect(await provider().authenticate({ bearerToken })).toBeUndefined();
    const ec = await generateKeyPair('ES256');
    keys['ec'] = ec;
    expect(await provider().authenticate({ bearerToken: await tokenOf({}, { kid: 'ec', key: ec, alg: 'ES256' }) })).toBeUndefined();
    const [, body = ''] = (await tokenOf()).split('.');
    const head = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    expect(await provider().authenticate({ bearerToken: `${head}.${body}.` })).toBeUndefined();
    await expect(authenticate([provider()], { bearerToken })).rejects.toMatchObject({ code: 'Unauthenticated' });
  });

  it('ends when the token does', async () => {
    const signOn = provider();
    const bearerToken = await tokenOf();
    await clock.step(599_000);
    expect(await signOn.authenticate({ bearerToken })).toBeDefined();
    await clock.step(1_000);
    expect(await signOn.authenticate({ bearerToken })).toBeUndefined();
  });

  it('asks for the keys once, and again for one that it does not know, but not all the time', async () => {
    const signOn = provider();
    for (let count = 0; count < 3; count += 1) await signOn.authenticate({ bearerToken: await tokenOf() });
    expect(asked).toEqual(['/.well-known/openid-configuration', '/keys']);
    keys['two'] = await generateKeyPair('RS256');
    const bearerToken = await tokenOf({}, { kid: 'two', key: keys['two'] });
    expect(await signOn.authenticate({ bearerToken })).toBeUndefined();
    expect(asked).toHaveLength(2);
    await clock.step(10_000);
    expect(await signOn.authenticate({ bearerToken })).toMatchObject({ name: 'o:ann' });
    expect(asked).toHaveLength(4);
  });

  it('goes on with the keys that it has while the provider is away', async () => {
    const signOn = provider();
    const bearerToken = await tokenOf({ exp: Math.floor(clock.nowMs() / 1000) + 36_000 });
    expect(await signOn.authenticate({ bearerToken })).toBeDefined();
    isAway = true;
    await clock.step(3_600_000);
    expect(await signOn.authenticate({ bearerToken })).toBeDefined();
  });

  it.each([
    { name: 'is away', arrange: () => void (isAway = true) },
    { name: 'names another issuer', arrange: () => void (named = 'https://other') },
  ])('knows nobody while the provider $name, and tries again after a while', async ({ arrange }) => {
    arrange();
    const signOn = provider();
    const bearerToken = await tokenOf();
    expect(await signOn.authenticate({ bearerToken })).toBeUndefined();
    const times = asked.length;
    expect(await signOn.authenticate({ bearerToken })).toBeUndefined();
    expect(asked).toHaveLength(times);
    isAway = false;
    named = undefined;
    await clock.step(10_000);
    expect(await signOn.authenticate({ bearerToken })).toBeDefined();
  });

  it('believes no certificate but those of its authority', async () => {
    expect(await provider({}, 'of the system').authenticate({ bearerToken: await tokenOf() })).toBeUndefined();
    expect(asked).toEqual([]);
  });

  it('is for the API, whoever asks', async () => {
    const bearerToken = await tokenOf();
    expect(await provider().authenticate({ bearerToken, audiences: ['https://kubernetes.default.svc.cluster.local'] })).toBeDefined();
    expect(await provider().authenticate({ bearerToken, audiences: ['vault'] })).toBeUndefined();
  });

  it.each([{ bearerToken: undefined }, { bearerToken: 'opaque' }, { bearerToken: 'a.b.c' }, { bearerToken: `a.${'b'.repeat(70_000)}.c` }])(
    'leaves other tokens to others',
    async (credentials) => {
      expect(await provider().authenticate(credentials)).toBeUndefined();
      expect(asked).toEqual([]);
    },
  );
});
