import { describe, expect, it } from 'vitest';
import type { Attributes, Authorizer } from '../contract/authorizer.ts';
import { impersonate } from './impersonation.ts';

const ann = { name: 'ann', groups: ['devs', 'system:authenticated'] };

/** Allows what is listed, as `plural[/subresource] [namespace/]name`. */
function allowing(...allowed: readonly string[]): Authorizer {
  const describeAsked = (asked: Attributes): string => {
    if (asked.type === 'path') return asked.path;
    const { resource, subresource, namespace, name, verb } = asked;
    expect(verb).toBe('impersonate');
    return `${resource.plural}${subresource === '' ? '' : `/${subresource}`} ${namespace === '' ? '' : `${namespace}/`}${name}`;
  };
  return { name: 'table', authorize: (asked) => ({ verdict: allowed.includes(describeAsked(asked)) ? 'allow' : 'no-opinion' }) };
}

describe('API-3: acting as somebody else', () => {
  it.each([
    { name: 'nobody', headers: ['Accept', '*/*'], allowed: [], expected: ann },
    {
      name: 'a user',
      headers: ['Impersonate-User', 'bob'],
      allowed: ['users bob'],
      expected: { name: 'bob', groups: ['system:authenticated'], impersonator: 'ann' },
    },
    {
      name: 'a user with groups',
      headers: ['Impersonate-User', 'bob', 'Impersonate-Group', 'ops', 'impersonate-group', 'qa'],
      allowed: ['users bob', 'groups ops', 'groups qa'],
      expected: { name: 'bob', groups: ['ops', 'qa', 'system:authenticated'], impersonator: 'ann' },
    },
    {
      name: 'a service account',
      headers: ['Impersonate-User', 'system:serviceaccount:ns:robot'],
      allowed: ['serviceaccounts ns/robot'],
      expected: {
        name: 'system:serviceaccount:ns:robot',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:ns', 'system:authenticated'],
        impersonator: 'ann',
      },
    },
    {
      name: 'nobody in particular',
      headers: ['Impersonate-User', 'system:anonymous'],
      allowed: ['users system:anonymous'],
      expected: { name: 'system:anonymous', groups: ['system:unauthenticated'], impersonator: 'ann' },
    },
    {
      name: 'a user with uid and extra fields',
      headers: [
        'Impersonate-User',
        'bob',
        'Impersonate-Uid',
        'u1',
        'Impersonate-Extra-Acme.com%2fscopes',
        'a',
        'Impersonate-Extra-acme.com%2fscopes',
        'b',
      ],
      allowed: ['users bob', 'uids u1', 'userextras/acme.com/scopes a', 'userextras/acme.com/scopes b'],
      expected: { name: 'bob', groups: ['system:authenticated'], uid: 'u1', extra: { 'acme.com/scopes': ['a', 'b'] }, impersonator: 'ann' },
    },
  ])('as $name', ({ headers, allowed, expected }) => {
    expect(impersonate(allowing(...allowed), ann, headers)).toEqual(expected);
  });

  it.each([
    {
      name: 'a user',
      headers: ['Impersonate-User', 'bob'],
      allowed: ['users joe'],
      says: 'User "ann" cannot impersonate resource "users"',
    },
    {
      name: 'system:masters',
      headers: ['Impersonate-User', 'bob', 'Impersonate-Group', 'system:masters'],
      allowed: ['users bob'],
      says: 'groups "system:masters" is forbidden: User "ann" cannot impersonate resource "groups" in API group "" at the cluster scope',
    },
    {
      name: 'a service account by the right to users',
      headers: ['Impersonate-User', 'system:serviceaccount:ns:robot'],
      allowed: ['users system:serviceaccount:ns:robot'],
      says: 'cannot impersonate resource "serviceaccounts" in API group "" in the namespace "ns"',
    },
    {
      name: 'a uid',
      headers: ['Impersonate-User', 'bob', 'Impersonate-Uid', 'u'],
      allowed: ['users bob'],
      says: 'cannot impersonate resource "uids" in API group "authentication.k8s.io"',
    },
    {
      name: 'one of two extra values',
      headers: ['Impersonate-User', 'bob', 'Impersonate-Extra-k', 'a', 'Impersonate-Extra-k', 'b'],
      allowed: ['users bob', 'userextras/k a'],
      says: 'cannot impersonate resource "userextras/k"',
    },
  ])('needs the right to $name', ({ headers, allowed, says }) => {
    expect(() => impersonate(allowing(...allowed), ann, headers)).toThrow(says);
  });

  it.each([
    { name: 'groups without a user', headers: ['Impersonate-Group', 'system:masters'] },
    { name: 'an empty user', headers: ['Impersonate-User', '', 'Impersonate-Group', 'x'] },
    { name: 'an unknown header', headers: ['Impersonate-User', 'bob', 'Impersonate-Role', 'x'] },
    { name: 'a broken escape', headers: ['Impersonate-User', 'bob', 'Impersonate-Extra-%zz', 'x'] },
  ])('refuses $name', ({ headers }) => {
    expect(() => impersonate({ name: 'all', authorize: () => ({ verdict: 'allow' }) }, ann, headers)).toThrow(
      expect.objectContaining({ code: 'InvalidArgument' }),
    );
  });
});
