import { describe, expect, it } from 'vitest';
import { isApiPath, parseResourcePath, parseTarget } from './route.ts';

describe('parseResourcePath', () => {
  const none = { group: '', version: 'v1', plural: '', namespace: '', name: '', subresource: '' };
  it.each([
    { path: '/api/v1/pods', expected: { ...none, plural: 'pods' } },
    { path: '/api/v1/namespaces', expected: { ...none, plural: 'namespaces' } },
    { path: '/api/v1/namespaces/a', expected: { ...none, plural: 'namespaces', name: 'a' } },
    { path: '/api/v1/namespaces/a/status', expected: { ...none, plural: 'namespaces', name: 'a', subresource: 'status' } },
    { path: '/api/v1/namespaces/a/finalize', expected: { ...none, plural: 'namespaces', name: 'a', subresource: 'finalize' } },
    { path: '/api/v1/namespaces/a/pods', expected: { ...none, plural: 'pods', namespace: 'a' } },
    { path: '/api/v1/namespaces/a/pods/b', expected: { ...none, plural: 'pods', namespace: 'a', name: 'b' } },
    { path: '/api/v1/namespaces/a/pods/b/log', expected: { ...none, plural: 'pods', namespace: 'a', name: 'b', subresource: 'log' } },
    { path: '/api/v1//nodes/n%2Fx/', expected: { ...none, plural: 'nodes', name: 'n/x' } },
    {
      path: '/apis/storage.k8s.io/v1/storageclasses/x',
      expected: { ...none, group: 'storage.k8s.io', plural: 'storageclasses', name: 'x' },
    },
    {
      path: '/apis/g/v2/namespaces/a/things/b/scale',
      expected: { group: 'g', version: 'v2', plural: 'things', namespace: 'a', name: 'b', subresource: 'scale' },
    },
    { path: '/api', expected: undefined },
    { path: '/api/v1', expected: undefined },
    { path: '/apis/g/v1', expected: undefined },
    { path: '/api/v1/pods/a/b/c', expected: undefined },
    { path: '/version', expected: undefined },
  ])('$path', ({ path, expected }) => {
    expect(parseResourcePath(parseTarget(path).segments)).toEqual(expected);
  });
});

it.each([
  { url: '/api', isOwn: true },
  { url: '/apis/x?y', isOwn: true },
  { url: '/healthz?verbose', isOwn: true },
  { url: '/console/', isOwn: false },
  { url: '/', isOwn: false },
  { url: '/apiary', isOwn: false },
])('isApiPath($url) is $isOwn', ({ url, isOwn }) => {
  expect(isApiPath(url)).toBe(isOwn);
});

it('refuses a broken escape with a 400', () => {
  expect(() => parseTarget('/api/v1/%E0%A4%A')).toThrow('broken %-escape');
});
