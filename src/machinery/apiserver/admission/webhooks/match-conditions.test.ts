import { describe, expect, it } from 'vitest';
import { subjectOf } from '../expressions.ts';
import { compileCondition, compileConditions, conditionsHold } from './match-conditions.ts';

const SUBJECT = {
  object: { metadata: { name: 'a', labels: { app: 'web' } }, spec: { replicas: 3 } },
  oldObject: undefined,
  review: { operation: 'CREATE', userInfo: { username: 'ann', groups: ['devs'] } },
};
const ask = (...expressions: readonly string[]): boolean =>
  conditionsHold(compileConditions(expressions.map((expression, index) => ({ name: `c${index}`, expression }))), subjectOf(SUBJECT));

describe('API-1: conditions of webhooks', () => {
  it.each([
    { expressions: [], holds: true },
    { expressions: ['object.spec.replicas > 2'], holds: true },
    { expressions: ['object.spec.replicas > 3'], holds: false },
    { expressions: ['oldObject == null'], holds: true },
    { expressions: ['request.operation == "DELETE"'], holds: false },
    { expressions: ['!("system:nodes" in request.userInfo.groups)', 'object.metadata.name.startsWith("a")'], holds: true },
    { expressions: ['has(object.metadata.annotations)'], holds: false },
    { expressions: ['object.metadata.labels["app"] == "web"'], holds: true },
    { expressions: ['object.spec.none == 1', 'request.operation == "DELETE"'], holds: false },
  ])('$expressions: $holds', ({ expressions, holds }) => {
    expect(ask(...expressions)).toBe(holds);
  });

  it('say which of them can not be evaluated', () => {
    expect(() => ask('object.spec.none == 1', 'true')).toThrow(/match condition "c0": /);
  });

  it.each([{ text: 'self.x' }, { text: 'object.' }, { text: '"text"' }, { text: '' }])('refuse $text', ({ text }) => {
    expect(compileCondition(text).ok).toBe(false);
  });
});
