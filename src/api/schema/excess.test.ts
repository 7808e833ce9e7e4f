import { expect, it } from 'vitest';
import { findExcess, MAX_DEPTH, MAX_VALUES } from './excess.ts';

const keys = (count: number): Record<string, unknown> => Object.fromEntries(Array.from({ length: count }, (_, at) => [`k${at}`, '']));
const nested = (depth: number): unknown => {
  let value: unknown = 'x';
  for (let at = 0; at < depth; at += 1) value = { a: value };
  return value;
};

it.each([
  { name: 'many keys', body: { data: keys(MAX_VALUES) } },
  { name: 'many items', body: { items: Array.from({ length: MAX_VALUES }, () => 1) } },
  { name: 'many small objects', body: { items: Array.from({ length: MAX_VALUES / 2 }, () => ({ a: 1 })) } },
  { name: 'metadata alone', body: keys(MAX_VALUES + 1) },
])('API-3: refuses $name', ({ body }) => {
  expect(findExcess(body)).toBe(`the body has more than ${MAX_VALUES} fields and list items: make several objects of it`);
});

it.each([
  { name: 'as many as it may have', body: { data: keys(MAX_VALUES - 1) } },
  { name: 'its managedFields beside them', body: { metadata: { managedFields: [keys(60_000)] }, data: keys(60_000) } },
  { name: 'managedFields of metadata alone', body: { managedFields: [keys(MAX_VALUES)] } },
  { name: 'as deep as it may be', body: nested(MAX_DEPTH) },
  { name: 'what is no object', body: 7 },
])('takes $name', ({ body }) => {
  expect(findExcess(body)).toBeUndefined();
});

it.each([
  { name: 'a body', body: nested(MAX_DEPTH + 1) },
  { name: 'managedFields', body: { metadata: { managedFields: [nested(MAX_DEPTH)] } } },
])('refuses $name that nests too deep', ({ body }) => {
  expect(findExcess(body)).toBe(`the body is nested deeper than ${MAX_DEPTH} levels`);
});
