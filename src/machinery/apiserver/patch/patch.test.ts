import { describe, expect, it } from 'vitest';
import { deepFreeze } from '#kit/json.ts';
import { PatchMalformed, PatchRejected } from './errors.ts';
import { applyJsonPatch } from './json-patch.ts';
import { applyMergePatch } from './merge-patch.ts';
import { applyStrategicMergePatch } from './strategic-merge-patch.ts';

describe('applyMergePatch', () => {
  it.each([
    { name: 'adds', document: { a: 1 }, patch: { b: 2 }, result: { a: 1, b: 2 } },
    { name: 'deletes by null', document: { a: 1, b: { c: 1, d: 2 } }, patch: { a: null, b: { c: null } }, result: { b: { d: 2 } } },
    { name: 'replaces lists', document: { a: [1, 2] }, patch: { a: [3] }, result: { a: [3] } },
    { name: 'replaces a scalar by an object', document: { a: 1 }, patch: { a: { b: 1, c: null } }, result: { a: { b: 1 } } },
    {
      name: 'takes nulls off objects in lists, and leaves those of the lists themselves',
      document: { a: [{ b: 1, c: 2 }] },
      patch: { a: [{ b: null, c: { d: null, e: [{ f: null, g: 1 }] } }, null, [null, { h: null }]] },
      result: { a: [{ c: { e: [{ g: 1 }] } }, null, [null, {}]] },
    },
    {
      name: 'keeps names of prototypes plain',
      document: {},
      patch: JSON.parse('{"__proto__":{"x":1}}'),
      result: JSON.parse('{"__proto__":{"x":1}}'),
    },
  ])('$name', ({ document, patch, result }) => {
    expect(applyMergePatch(deepFreeze(document), deepFreeze(patch))).toEqual(result);
    expect(Reflect.get({}, 'x')).toBeUndefined();
  });

  it.each([[[]], ['text'], [null]])('refuses the patch %j', (patch) => {
    expect(() => applyMergePatch({}, patch)).toThrow(PatchMalformed);
  });
});

describe('applyJsonPatch', () => {
  const document = deepFreeze({ metadata: { labels: { a: '1', 'b/c': '2' } }, list: [1, 2, 3] });

  it.each([
    { name: 'add', operations: [{ op: 'add', path: '/metadata/labels/x', value: 'y' }], expected: { a: '1', 'b/c': '2', x: 'y' } },
    { name: 'remove with an escaped key', operations: [{ op: 'remove', path: '/metadata/labels/b~1c' }], expected: { a: '1' } },
    {
      name: 'test then replace',
      operations: [
        { op: 'test', path: '/metadata/labels/a', value: '1' },
        { op: 'replace', path: '/metadata/labels/a', value: '2' },
      ],
      expected: { a: '2', 'b/c': '2' },
    },
    {
      name: 'copy',
      operations: [{ op: 'copy', from: '/metadata/labels/a', path: '/metadata/labels/z' }],
      expected: { a: '1', 'b/c': '2', z: '1' },
    },
    {
      name: 'move',
      operations: [{ op: 'move', from: '/metadata/labels/a', path: '/metadata/labels/z' }],
      expected: { 'b/c': '2', z: '1' },
    },
  ])('$name', ({ operations, expected }) => {
    expect(applyJsonPatch(document, operations)).toEqual({ ...document, metadata: { labels: expected } });
  });

  it('appends, inserts and replaces the whole document', () => {
    expect(
      applyJsonPatch(document, [
        { op: 'add', path: '/list/-', value: 4 },
        { op: 'add', path: '/list/0', value: 0 },
      ]),
    ).toMatchObject({ list: [0, 1, 2, 3, 4] });
    expect(applyJsonPatch(document, [{ op: 'replace', path: '', value: { a: 1 } }])).toEqual({ a: 1 });
  });

  it('sets by replace what is not there, and counts from the end, as upstream', () => {
    const operations = [
      { op: 'replace', path: '/metadata/annotations', value: { a: 'b' } },
      { op: 'test', path: '/list/-1', value: 3 },
      { op: 'remove', path: '/list/-3' },
      { op: 'add', path: '/list/-1', value: 9 },
    ];
    expect(applyJsonPatch(document, operations)).toEqual({
      metadata: { ...document.metadata, annotations: { a: 'b' } },
      list: [2, 3, 9],
    });
  });

  it('treats names of prototypes as plain members', () => {
    const patched = applyJsonPatch(document, [
      { op: 'add', path: '/metadata/__proto__', value: { x: 1 } },
      { op: 'add', path: '/metadata/constructor', value: 1 },
      { op: 'copy', from: '/metadata/__proto__', path: '/copied' },
      { op: 'test', path: '/metadata/__proto__/x', value: 1 },
    ]);
    expect(JSON.stringify(patched)).toContain('"__proto__":{"x":1},"constructor":1');
    expect(Reflect.get({}, 'x')).toBeUndefined();
    const removed = applyJsonPatch(patched, [{ op: 'remove', path: '/metadata/__proto__' }]);
    expect(JSON.stringify(removed)).not.toContain('__proto__');
  });

  it.each([
    { name: 'insertions at the front', op: { op: 'add', path: '/list/0', value: 1 } },
    { name: 'removals from the front', op: { op: 'remove', path: '/list/0' } },
    { name: 'items that go from the front to the end', op: { op: 'move', from: '/list/0', path: '/list/-' } },
  ])('stops $name of a long list before they cost long', ({ op }) => {
    const operations = Array.from({ length: 10_000 }, () => op);
    const apply = (length: number): unknown => applyJsonPatch({ list: Array.from({ length }, () => 0) }, operations);
    expect(() => apply(20_000)).toThrow('move more than 20000000 list items');
  });

  it('stops what nests deeper with each operation', () => {
    const chain = (depth: number): unknown => (depth === 0 ? 1 : { a: chain(depth - 1) });
    const operations = Array.from({ length: 4 }, (_, at) => ({ op: 'add', path: '/a'.repeat(1 + at * 200), value: chain(200) }));
    expect(() => applyJsonPatch({}, operations)).toThrow('nested deeper');
  });

  it.each([
    { name: 'a failing test', operations: [{ op: 'test', path: '/list/0', value: 9 }], text: 'testing value /list/0 failed' },
    {
      name: 'a failing test whose value has no text of its own',
      operations: [{ op: 'test', path: '/none', value: { toString: [] } }],
      text: 'testing value /none failed',
    },
    {
      name: 'a test below a text',
      operations: [{ op: 'test', path: '/metadata/labels/a/x', value: null }],
      text: '/metadata/labels/a/x failed',
    },
    { name: 'a test of an index that is none', operations: [{ op: 'test', path: '/list/-4', value: 3 }], text: '/list/-4 failed' },
    { name: 'a path that is not there', operations: [{ op: 'remove', path: '/nothing/here' }], text: 'the path does not exist' },
    { name: 'a replace in nothing', operations: [{ op: 'replace', path: '/nothing/x', value: 1 }], text: 'the path does not exist' },
    { name: 'a replace behind the end', operations: [{ op: 'replace', path: '/list/3', value: 1 }], text: 'the path does not exist' },
    { name: 'a copy from nothing', operations: [{ op: 'copy', from: '/nothing/x', path: '/a' }], text: 'the path does not exist' },
    { name: 'a copy from behind the end', operations: [{ op: 'copy', from: '/list/3', path: '/a' }], text: 'the path does not exist' },
    { name: 'a move of a key that is not there', operations: [{ op: 'move', from: '/none', path: '/a' }], text: 'the path does not exist' },
    { name: 'a test behind the end', operations: [{ op: 'test', path: '/list/3', value: null }], text: 'testing value /list/3 failed' },
    {
      name: 'a move into itself',
      operations: [{ op: 'move', from: '/metadata', path: '/metadata/labels' }],
      text: 'the path does not exist',
    },
    { name: 'a way to the prototype', operations: [{ op: 'add', path: '/__proto__/x', value: 1 }], text: 'the path does not exist' },
    { name: 'a way to the constructor', operations: [{ op: 'copy', from: '/constructor/prototype', path: '/a' }], text: 'does not exist' },
    {
      name: 'a test of an item that is none',
      operations: [{ op: 'test', path: '/list/new', value: null }],
      text: 'testing value /list/new failed',
    },
    { name: 'an index behind the end', operations: [{ op: 'add', path: '/list/9', value: 1 }], text: 'the path does not exist' },
  ])('rejects $name and leaves the document', ({ operations, text }) => {
    expect(() => applyJsonPatch(document, operations)).toThrow(PatchRejected);
    expect(() => applyJsonPatch(document, operations)).toThrow(text);
  });

  it.each([
    { name: 'no list', operations: { op: 'add' }, text: 'must be a list' },
    { name: 'an unknown op', operations: [{ op: 'destroy', path: '/a' }], text: 'one of add, remove' },
    { name: 'a pointer without slash', operations: [{ op: 'remove', path: 'a' }], text: 'starts with "/"' },
    { name: 'an add without value', operations: [{ op: 'add', path: '/a' }], text: 'needs "value"' },
    { name: 'a move without from', operations: [{ op: 'move', path: '/a' }], text: 'from must be' },
    { name: 'too many operations', operations: Array.from({ length: 10_001 }, () => ({ op: 'test', path: '', value: 1 })), text: '10000' },
  ])('refuses $name', ({ operations, text }) => {
    expect(() => applyJsonPatch(document, operations)).toThrow(PatchMalformed);
    expect(() => applyJsonPatch(document, operations)).toThrow(text);
  });

  // evanphx/json-patch v4.13, which kube-apiserver uses
  it('API-1: a key that is not there is null to copy and test', () => {
    const operations = [
      { op: 'test', path: '/metadata/none', value: null },
      { op: 'copy', from: '/metadata/none', path: '/copied' },
      { op: 'copy', from: '/copied', path: '/list/0' },
      { op: 'test', path: '/copied', value: null },
    ];
    expect(applyJsonPatch({ metadata: {}, list: [1] }, operations)).toEqual({ metadata: {}, list: [null, 1], copied: null });
  });

  it('refuses a value that nests without end, in every kind of patch', () => {
    const deep: unknown = JSON.parse(`${'['.repeat(20_000)}${']'.repeat(20_000)}`);
    expect(() => applyJsonPatch(document, [{ op: 'add', path: '/a', value: deep }])).toThrow('nested deeper');
    expect(() => applyMergePatch(document, { a: deep })).toThrow('nested deeper');
    expect(() => applyStrategicMergePatch(document, { a: deep }, 'io.k8s.api.core.v1.Pod')).toThrow('nested deeper');
  });

  it('stops copies that double until the memory is full', () => {
    const operations = Array.from({ length: 60 }, (_, index) => ({ op: 'copy', from: '', path: `/copy${index}` }));
    expect(() => applyJsonPatch({ seed: 'x'.repeat(100) }, operations)).toThrow('copy operations');
  });
});
