import { describe, expect, it } from 'vitest';
import type { ExplainedKind } from '#controllers/stowage/explain/explained-kind.ts';
import { namespaceExplainer } from '#controllers/stowage/explain/explainers.ts';
import { explainedKinds, inOrder } from './manifest.ts';

const aModule = (name: string, ...needs: readonly string[]) => ({ name, needs });

describe('modules stand in the order of what they need', () => {
  it.each([
    { name: 'as they are listed', modules: [aModule('a'), aModule('b')], order: ['a', 'b'] },
    { name: 'what is needed first', modules: [aModule('a', 'b'), aModule('b', 'c'), aModule('c')], order: ['c', 'b', 'a'] },
    { name: 'each once', modules: [aModule('a', 'c'), aModule('b', 'c', 'a'), aModule('c')], order: ['c', 'a', 'b'] },
  ])('$name', ({ modules, order }) => {
    expect(inOrder(modules).map(({ name }) => name)).toEqual(order);
  });

  it.each([
    { fault: 'twice', modules: [aModule('a'), aModule('a')], says: 'twice' },
    { fault: 'missing', modules: [aModule('a', 'b')], says: 'a needs the module b' },
    { fault: 'a circle', modules: [aModule('a', 'b'), aModule('b', 'a')], says: 'a, b, a' },
    { fault: 'itself', modules: [aModule('a', 'a')], says: 'a, a' },
  ])('refuses a module that is needed $fault', ({ modules, says }) => {
    expect(() => inOrder(modules)).toThrow(says);
  });
});

describe('kinds that can be explained', () => {
  const kind = (type: string, ...aliases: readonly string[]): ExplainedKind => ({ type, aliases, load: async () => namespaceExplainer });
  const of = (...explanations: readonly ExplainedKind[]) => ({ explanations });

  it('are those of all modules, in their order', () => {
    const kinds = explainedKinds([of(kind('pvc'), kind('pod', 'po')), {}, of(kind('tape'))]);
    expect(kinds.map(({ type }) => type)).toEqual(['pvc', 'pod', 'tape']);
  });

  it.each([
    { name: 'type', other: kind('pod') },
    { name: 'alias', other: kind('tape', 'pod') },
  ])('have names of their own: $name', ({ other }) => {
    expect(() => explainedKinds([of(kind('pod')), of(other)])).toThrow('two kinds that can be explained are called pod');
  });
});
