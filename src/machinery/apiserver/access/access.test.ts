import { describe, expect, it } from 'vitest';
import { Secret } from '#kit/secret.ts';
import { storageClasses, pods } from '#api/resources.ts';
import { authenticate, certificateAuthenticator, tokenAuthenticator } from './authentication.ts';
import { chainAuthorizers, mastersAuthorizer, requireAllowed } from './authorization.ts';
import type { Attributes } from '../contract/authorizer.ts';
import { ANONYMOUS } from '../contract/user.ts';

const ann = { name: 'ann', groups: ['devs'] };
const authenticators = [tokenAuthenticator([{ token: new Secret('s3cret'), user: ann }]), certificateAuthenticator];

describe('API-3: who asks', () => {
  it.each([
    { name: 'a known token', credentials: { bearerToken: 's3cret' }, expected: { name: 'ann', groups: ['devs', 'system:authenticated'] } },
    {
      name: 'a certificate',
      credentials: { certificate: { commonName: 'bob', organizations: ['ops', 'devs'] } },
      expected: { name: 'bob', groups: ['ops', 'devs', 'system:authenticated'] },
    },
    { name: 'nobody', credentials: {}, expected: ANONYMOUS },
    {
      name: 'a certificate without a name',
      credentials: { certificate: { commonName: '', organizations: ['system:masters'] } },
      expected: ANONYMOUS,
    },
  ])('$name', async ({ credentials, expected }) => {
    expect(await authenticate(authenticators, credentials)).toEqual(expected);
  });

  it.each([{ token: 'other' }, { token: '' }, { token: 's3cret ' }])('refuses the token "$token"', async ({ token }) => {
    await expect(authenticate(authenticators, { bearerToken: token })).rejects.toMatchObject({ code: 'Unauthenticated' });
  });
});

describe('API-3: who may', () => {
  const on = (
    resource: typeof pods | typeof storageClasses,
    rest: { verb: string; namespace: string; name: string; subresource?: string },
  ): Attributes => ({
    type: 'resource',
    user: ann,
    resource,
    subresource: '',
    ...rest,
  });
  it.each([
    {
      name: 'a list in a namespace',
      attributes: on(pods, { verb: 'list', namespace: 'a', name: '' }),
      text: 'pods is forbidden: User "ann" cannot list resource "pods" in API group "" in the namespace "a"',
    },
    {
      name: 'a read of one',
      attributes: on(pods, { verb: 'get', namespace: 'a', name: 'x' }),
      text: 'pods "x" is forbidden: User "ann" cannot get resource "pods" in API group "" in the namespace "a"',
    },
    {
      name: 'a subresource',
      attributes: on(pods, { verb: 'get', namespace: 'a', name: 'x', subresource: 'log' }),
      text: 'pods "x" is forbidden: User "ann" cannot get resource "pods/log" in API group "" in the namespace "a"',
    },
    {
      name: 'a cluster-scoped kind',
      attributes: on(storageClasses, { verb: 'create', namespace: '', name: '' }),
      text: 'storageclasses.storage.k8s.io is forbidden: User "ann" cannot create resource "storageclasses" in API group "storage.k8s.io" at the cluster scope',
    },
    {
      name: 'a path',
      attributes: { type: 'path', user: ann, verb: 'get', path: '/metrics' } as const,
      text: 'forbidden: User "ann" cannot get path "/metrics"',
    },
  ])('refuses $name in upstream words', ({ attributes, text }) => {
    expect(() => requireAllowed(chainAuthorizers([mastersAuthorizer]), attributes)).toThrow(text);
  });

  it('asks authorizers in order until one has an opinion', () => {
    const deny = { name: 'deny', authorize: () => ({ verdict: 'deny', reason: 'closed on Sundays' }) as const };
    const allow = { name: 'allow', authorize: () => ({ verdict: 'allow' }) as const };
    const attributes: Attributes = { type: 'path', user: ann, verb: 'get', path: '/x' };
    expect(() => requireAllowed(chainAuthorizers([mastersAuthorizer, allow, deny]), attributes)).not.toThrow();
    expect(() => requireAllowed(chainAuthorizers([mastersAuthorizer, deny, allow]), attributes)).toThrow('closed on Sundays');
  });

  it('lets members of system:masters do everything', () => {
    const user = { name: 'root', groups: ['system:masters'] };
    expect(() =>
      requireAllowed(chainAuthorizers([mastersAuthorizer]), { type: 'path', user, verb: 'get', path: '/metrics' }),
    ).not.toThrow();
  });
});
