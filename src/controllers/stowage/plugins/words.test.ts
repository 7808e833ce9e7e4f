import { describe, expect, it } from 'vitest';
import { configMaps, nodes } from '#api/resources.ts';
import type { KubeObject } from '#api/meta/object.ts';
import { inWords, objectsInWords } from './words.ts';

const named = (name: string, namespace?: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'X',
  metadata: {
    name,
    uid: name,
    resourceVersion: '1',
    creationTimestamp: '2026-01-01T00:00:00Z',
    ...(namespace === undefined ? {} : { namespace }),
  },
});

describe('PLUG-2: what uses a plugin, in words', () => {
  it.each([
    { name: 'one', objects: [named('a')], says: '1 nodes (a)' },
    { name: 'a few, in order', objects: ['c', 'a', 'b'].map((name) => named(name)), says: '3 nodes (a, b, c)' },
    { name: 'the first of many', objects: Array.from('gfedcbazyx', (name) => named(name)), says: '10 nodes (a, b, c, d, e, …)' },
    { name: 'some of more than are shown', objects: [named('a'), named('b')], count: 7, says: '7 nodes (a, b, …)' },
  ])('$name', ({ objects, count, says }) => {
    expect(objectsInWords(nodes, objects, count)).toBe(says);
  });

  it('with their namespaces', () => {
    expect(objectsInWords(configMaps, [named('a', 'web'), named('b', 'shop')])).toBe('2 configmaps (shop/b, web/a)');
  });

  it.each([
    { names: [], says: 'none' },
    { names: ['a'], says: 'a' },
    { names: ['a', 'b', 'c'], says: 'a, b and c' },
  ])('names in a sentence: $says', ({ names, says }) => {
    expect(inWords(names)).toBe(says);
  });
});
