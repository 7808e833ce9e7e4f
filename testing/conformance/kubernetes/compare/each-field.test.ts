import { expect, it } from 'vitest';
import { ALL_SEEDS } from './seeds.ts';
import { withEachFieldChanged } from './each-field.ts';

it('changes each field of an object in turn, and nothing that says which it is', () => {
  const object = { apiVersion: 'v1', kind: 'K', metadata: { name: 'a' }, spec: { on: true, list: [1] }, status: { x: 1 } };
  const head = { apiVersion: 'v1', kind: 'K', metadata: { name: 'a' } };
  expect([...withEachFieldChanged(object)]).toEqual([
    head,
    head,
    { ...head, spec: {} },
    { ...head, spec: { list: [1] } },
    { ...head, spec: { on: false, list: [1] } },
    { ...head, spec: { on: true } },
    { ...head, spec: { on: true, list: [] } },
    { ...head, spec: { on: true, list: [1, 1] } },
    { ...head, spec: { on: true, list: [-1] } },
    { ...head, spec: { on: true, list: [0] } },
    { ...head, spec: { on: true, list: [2 ** 31 - 1] } },
  ]);
});

it('makes thousands of requests of the kinds that both serve', () => {
  expect(ALL_SEEDS.flatMap((seed) => [...withEachFieldChanged(seed)]).length).toBeGreaterThan(3_000);
});
