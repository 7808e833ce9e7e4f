import { expect, it } from 'vitest';
import { trusted } from '#kit/json.ts';
import type { StatefulSet } from './generated/kubernetes.ts';
import { ordinalsOf, setClaimName, setOrdinalOf } from './stateful-set-claims.ts';

const SET = trusted<StatefulSet>({
  metadata: { name: 'web-0', namespace: 'default' },
  spec: {
    replicas: 3,
    ordinals: { start: 5 },
    volumeClaimTemplates: [
      { metadata: { name: 'data' }, spec: {} },
      { metadata: { name: 'data-web' }, spec: {} },
    ],
  },
});

it.each([
  ['data-web-0-7', 7],
  ['data-web-web-0-0', 0],
  ['data-web-0', undefined],
  ['data-web-0-07', undefined],
  ['data-web-1-0', undefined],
  ['other-web-0-1', undefined],
  ['data', undefined],
])('SNAP-9: the claim %s of the StatefulSet web-0 has the number %s', (name, ordinal) => {
  expect(setOrdinalOf(SET, name)).toBe(ordinal);
});

it('SNAP-9: claims are named by template, StatefulSet and number', () => {
  expect([setClaimName(SET, 'data', 5), ordinalsOf(SET)]).toEqual(['data-web-0-5', { from: 5, to: 8 }]);
});
