import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CustomResourceDefinitionVersion } from '#api/generated/kubernetes.ts';
import { broughtAlongDefinitions } from '#api/definitions/brought-along.ts';
import { customResourceDefinitions } from '#api/resources.ts';
import { trusted } from '#kit/json.ts';
import { aDefinition, type DefinitionOverrides, establish } from '#testing/builders/definition.ts';
import { type Answered, type SignedInApi, startSignedInApi } from './signed-in-api.ts';

const DISKS = '/apis/shop.example.com/v1/namespaces/default/disks';
const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const MERGE = { 'content-type': 'application/merge-patch+json' };
const PATCH = { 'content-type': 'application/json-patch+json' };

let signedIn: SignedInApi;
beforeEach(async () => {
  signedIn = await startSignedInApi();
});
afterEach(() => signedIn.close());

type Properties = Readonly<Record<string, object>>;
const schemaOf = (properties: Properties, more: object = {}): CustomResourceDefinitionVersion['schema'] =>
  trusted({
    openAPIV3Schema: {
      type: 'object',
      properties: { spec: { type: 'object', properties, ...more }, status: { type: 'object', properties: { b: { type: 'string' } } } },
    },
  });
const define = (properties: Properties, overrides: DefinitionOverrides = {}): Promise<unknown> =>
  establish(signedIn.api.client, aDefinition({ versions: [{ schema: schemaOf(properties) }], ...overrides }));
const redefine = async (properties: Properties, more: object = {}): Promise<void> => {
  const value = schemaOf(properties, more)?.openAPIV3Schema;
  const body = JSON.stringify([{ op: 'replace', path: '/spec/versions/0/schema/openAPIV3Schema', value }]);
  expect((await signedIn.ask(`${DEFINITIONS}/disks.shop.example.com`, { method: 'PATCH', body, headers: PATCH })).status).toBe(200);
};
const make = (spec: unknown, more: object = {}, path = DISKS): Promise<Answered> =>
  signedIn.ask(path, { method: 'POST', body: JSON.stringify({ metadata: { name: 'd', ...more }, spec }) });
const merge = (body: object, path = `${DISKS}/d`): Promise<Answered> =>
  signedIn.ask(path, { method: 'PATCH', body: JSON.stringify(body), headers: MERGE });
const specOf = ({ json }: Answered): unknown => json['spec'];
const warningOf = ({ headers }: Answered): unknown => headers['warning'];

const text = { type: 'string' };
const one = (choice: string): object => ({ type: 'string', enum: [choice] });

describe('API-2: rules that became stricter', () => {
  it('leave objects alone that do not change what is wrong', async () => {
    await define({ a: text, b: text });
    await make({ a: 'old' }, { finalizers: ['x.y/z'] });
    await redefine({ a: one('new'), b: text });
    const changes = [
      await merge({ metadata: { annotations: { a: 'b' } } }),
      await merge({ spec: { b: '2' } }),
      await merge({ status: { b: 'z' } }, `${DISKS}/d/status`),
    ];
    expect(changes.map(({ status }) => status)).toEqual([200, 200, 200]);
    const refused = await merge({ spec: { a: 'older' } });
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('spec.a: Unsupported value: \\"older\\"')]);
    expect((await merge({ spec: { a: 'new' } })).status).toBe(200);
    expect((await merge({ spec: { a: 'old' } })).status).toBe(422);
  });

  it('let an object go that has a finalizer', async () => {
    await define({ a: text });
    await make({ a: 'old' }, { finalizers: ['x.y/z'] });
    await redefine({ a: one('new') });
    expect((await signedIn.ask(`${DISKS}/d`, { method: 'DELETE' })).status).toBe(200);
    expect((await merge({ metadata: { finalizers: null } })).status).toBe(200);
    expect((await signedIn.ask(`${DISKS}/d`)).status).toBe(404);
  });

  it.each([
    {
      name: 'an item of a map, told by its key',
      list: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] },
      next: [
        { k: 'new', v: 'good' },
        { k: 'x', v: 'old' },
      ],
      status: 200,
    },
    {
      name: 'a changed item of a map',
      list: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['k'] },
      next: [{ k: 'x', v: 'older' }],
      status: 422,
    },
    {
      name: 'an item of a list that is a whole',
      list: {},
      next: [
        { k: 'new', v: 'good' },
        { k: 'x', v: 'old' },
      ],
      status: 422,
    },
    { name: 'a list that is a whole and stays', list: {}, next: [{ k: 'x', v: 'old' }], status: 200 },
  ])('$name: $status', async ({ list, next, status }) => {
    const listOf = (v: object): Properties => ({
      b: text,
      l: { type: 'array', items: { type: 'object', required: ['k'], properties: { k: text, v } }, ...list },
    });
    await define(listOf(text));
    await make({ l: [{ k: 'x', v: 'old' }] });
    await redefine(listOf(one('good')));
    expect((await merge({ spec: { b: '1', l: next } })).status).toBe(status);
  });

  it('of a map: a value that stays is let through beside one that changes', async () => {
    await define({ m: { type: 'object', additionalProperties: text } });
    await make({ m: { x: 'old' } });
    await redefine({ m: { type: 'object', additionalProperties: one('good') } });
    expect((await merge({ spec: { m: { y: 'good' } } })).status).toBe(200);
    expect((await merge({ spec: { m: { y: 'bad' } } })).status).toBe(422);
  });

  it('that are expressions warn of what did not change', async () => {
    await define({ a: text, b: text });
    await make({ a: 'old' });
    await redefine({ a: { ...text, 'x-kubernetes-validations': [{ rule: 'self == "new"', message: 'must be new' }] }, b: text });
    const told = await merge({ spec: { b: '1' } });
    expect([told.status, warningOf(told)]).toEqual([200, '299 - "spec.a: Invalid value: \\"string\\": must be new"']);
    expect((await merge({ spec: { a: 'other' } })).text).toContain('must be new');
  });

  it('that compare with the value before are asked all the same', async () => {
    const rule = { rule: '!oldSelf.hasValue() || self == "new"', optionalOldSelf: true, message: 'must be new' };
    await define({ a: text, b: text });
    await make({ a: 'old' });
    await redefine({ a: { ...text, 'x-kubernetes-validations': [rule] }, b: text });
    expect((await merge({ spec: { b: '1' } })).status).toBe(422);
  });

  it('of sets: what was repeated before may stay so', async () => {
    const list = (more: object): Properties => ({ b: text, l: { type: 'array', items: text, ...more } });
    await define(list({}));
    await make({ l: ['a', 'a'] });
    await redefine(list({ 'x-kubernetes-list-type': 'set' }));
    expect((await merge({ spec: { b: '1' } })).status).toBe(200);
    expect((await merge({ spec: { l: ['b'] } })).status).toBe(200);
    expect((await merge({ spec: { l: ['b', 'b'] } })).status).toBe(422);
  });
});

describe('API-2: nulls', () => {
  const properties: Properties = {
    a: { type: 'object', properties: { x: text } },
    b: text,
    c: { type: 'array', items: { type: 'object', properties: { n: text, m: { type: 'object' } } } },
    d: { type: 'object', additionalProperties: { type: 'object', properties: { q: { type: 'integer' } } } },
    e: { ...text, nullable: true },
    f: { ...text, default: 'x' },
    g: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    h: { 'x-kubernetes-int-or-string': true },
    l: { type: 'array', items: text },
  };

  it('of what can not be null are dropped, or become the default', async () => {
    await define(properties);
    const spec = {
      a: null,
      b: 'x',
      c: [{ n: null, m: null }],
      d: { k: null, j: { q: null } },
      e: null,
      f: null,
      g: { z: null },
      h: null,
      l: null,
    };
    const made = await make(spec);
    expect([made.status, specOf(made)]).toEqual([201, { b: 'x', c: [{}], d: { j: {} }, e: null, f: 'x', g: { z: null } }]);
  });

  it.each([{ spec: { l: [null] } }, { spec: { c: [null] } }])('in lists are refused: $spec', async ({ spec }) => {
    await define(properties);
    expect((await make(spec)).status).toBe(422);
  });
});

describe('API-2: what an object shows', () => {
  const inVersion = (name: string, properties: Properties, more: object = {}): object => ({ name, schema: schemaOf(properties), ...more });
  const path = (version: string): string => DISKS.replace('/v1/', `/${version}/`);

  it('is what the version knows that is read, and what the stored one knows', async () => {
    const versions = [inVersion('v1', { a: text }), inVersion('v2', { a: text, b: text })];
    await establish(signedIn.api.client, aDefinition({ versions }));
    expect(specOf(await make({ a: '1', b: '2' }, {}, path('v2')))).toEqual({ a: '1' });
    const wide = [inVersion('v1', { a: text, b: text }), inVersion('v2', { a: text })];
    await signedIn.ask(`${DEFINITIONS}/disks.shop.example.com`, {
      method: 'PATCH',
      body: JSON.stringify(
        [0, 1].map((at) => ({ op: 'replace', path: `/spec/versions/${at}/schema`, value: trusted<{ schema: unknown }>(wide[at]).schema })),
      ),
      headers: PATCH,
    });
    await merge({ spec: { b: '3' } });
    expect(specOf(await signedIn.ask(`${path('v2')}/d`))).toEqual({ a: '1' });
    expect(specOf(await signedIn.ask(`${path('v1')}/d`))).toEqual({ a: '1', b: '3' });
  });

  it('loses what the schema no longer knows', async () => {
    await define({ a: text, b: text });
    await make({ a: '1', b: '2' });
    await redefine({ a: text });
    await make({ a: '3' }, { name: 'e' });
    expect(specOf(await signedIn.ask(`${DISKS}/d`))).toEqual({ a: '1' });
    const items = trusted<readonly { readonly spec: unknown }[]>((await signedIn.ask(DISKS)).json['items']);
    expect(items.map(({ spec }) => spec)).toEqual([{ a: '1' }, { a: '3' }]);
    await redefine({ a: text, b: { ...text, default: 'x' } });
    expect(specOf(await signedIn.ask(`${DISKS}/e`))).toEqual({ a: '3', b: 'x' });
    await redefine({});
    expect(specOf(await signedIn.ask(`${DISKS}/e`))).toEqual({});
  });

  it('has the defaults of its status from the beginning, also when nothing is stored', async () => {
    const schema = trusted<CustomResourceDefinitionVersion['schema']>({
      openAPIV3Schema: {
        type: 'object',
        properties: { spec: { type: 'object' }, status: { type: 'object', properties: { b: text }, default: { b: 'waiting' } } },
      },
    });
    await establish(signedIn.api.client, aDefinition({ versions: [{ schema }] }));
    for (const query of ['?dryRun=All', '']) expect((await make({}, {}, `${DISKS}${query}`)).json['status']).toEqual({ b: 'waiting' });
    expect((await merge({ metadata: { labels: { a: 'b' } } }, `${DISKS}/d?dryRun=All`)).json['status']).toEqual({ b: 'waiting' });
    expect((await signedIn.ask(`${DISKS}/d`)).json['status']).toEqual({ b: 'waiting' });
  });

  it('keeps of an object inside it the metadata that every object has, which is checked', async () => {
    const inner = { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true };
    await define({ o: inner });
    const object = (metadata: object): object => ({ o: { apiVersion: 'v1', kind: 'Pod', metadata, spec: { x: 1 } } });
    const made = await make(object({ name: 'a', stray: 1, labels: { a: 'b' } }));
    expect([made.status, specOf(made)]).toEqual([201, object({ name: 'a', labels: { a: 'b' } })]);
    expect(warningOf(made)).toBe('299 - "unknown field \\"spec.o.metadata.stray\\""');
    for (const wrong of [{ name: 'a/b' }, { labels: { 'a b': 'c' } }, { labels: { a: 1 } }])
      expect((await merge({ spec: object(wrong) })).text).toContain('spec.o.metadata');
    expect((await merge({ spec: { o: { kind: 'a b' } } })).text).toContain('spec.o.kind');
    expect((await merge({ spec: { o: { kind: 'Pod', apiVersion: 'a/b/c' } } })).text).toContain('unexpected GroupVersion string');
  });
});

describe('API-2: a definition', () => {
  const create = (overrides: DefinitionOverrides, annotations = {}): Promise<Answered> => {
    const draft = aDefinition(overrides);
    return signedIn.ask(DEFINITIONS, { method: 'POST', body: JSON.stringify({ ...draft, metadata: { ...draft.metadata, annotations } }) });
  };

  it.each([
    { annotation: undefined, status: 422 },
    { annotation: 'because', status: 422 },
    { annotation: 'unapproved, an experiment', status: 201 },
    { annotation: 'https://github.com/kubernetes/enhancements/pull/1111', status: 201 },
  ])('in a group of Kubernetes with approval $annotation: $status', async ({ annotation, status }) => {
    const made = await create({ group: 'shop.k8s.io' }, annotation === undefined ? {} : { 'api-approved.kubernetes.io': annotation });
    expect(made.status).toBe(status);
    if (status === 422) expect(made.text).toContain('metadata.annotations[api-approved.kubernetes.io]');
  });

  it('that Stowage brings along is one that a cluster accepts', async () => {
    for (const definition of broughtAlongDefinitions()) await signedIn.api.client.create(customResourceDefinitions, definition);
  });

  it.each([
    { properties: { a: text }, additionalProperties: true, status: 201 },
    { properties: {}, additionalProperties: text, status: 201 },
    { properties: { a: text }, additionalProperties: text, status: 422 },
    { properties: { a: text }, additionalProperties: false, status: 422 },
  ])('with $properties and $additionalProperties: $status', async ({ properties, additionalProperties, status }) => {
    const schema = schemaOf({ m: { type: 'object', properties, additionalProperties } });
    expect((await create({ versions: [{ schema }] })).status).toBe(status);
  });

  it.each(['.spec.l[0:2]', '..type', '.spec[', '.spec.a b'])('with a column %s', async (jsonPath) => {
    const versions = [{ additionalPrinterColumns: [{ name: 'C', type: 'string', jsonPath }] }];
    expect((await create({ versions })).status).toBe(201);
  });

  it('whose version is on its way out says so on every request, and what to use', async () => {
    const schema = schemaOf({});
    const versions = [
      { name: 'v1', schema, deprecated: true },
      { name: 'v2beta1', schema },
      { name: 'v2', schema, storage: false },
      { name: 'v3', schema, storage: false, served: false },
    ];
    await establish(signedIn.api.client, aDefinition({ versions }));
    const says = '299 - "shop.example.com/v1 Disk is deprecated; use shop.example.com/v2 Disk"';
    const answers = [
      await make({}),
      await signedIn.ask(DISKS),
      await signedIn.ask(`${DISKS}/d`),
      await signedIn.ask(`${DISKS}?watch=1`),
      await signedIn.ask(`${DISKS}/d`, { method: 'DELETE' }),
    ];
    expect(answers.map(warningOf)).toEqual(answers.map(() => says));
  });
});
