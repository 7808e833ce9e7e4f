import { describe, expect, it } from 'vitest';
import { persistentVolumeClaims, storageClasses } from '#api/resources.ts';
import { said } from '#api/explanation.ts';
import type { Resource } from '#api/meta/resource.ts';
import type { ExplainedKind } from './explained-kind.ts';
import { parseQuestion, questionPath } from './questions.ts';
import { fine } from './states.ts';

function kind(type: string, resource: Resource, asked?: string): ExplainedKind {
  const load = async () => ({ resource, explain: async () => fine(said('all is well')) });
  return { type, aliases: [], ...(asked === undefined ? {} : { asked }), load };
}
const KINDS = [kind('pvc', persistentVolumeClaims), kind('sc', storageClasses, 'storageclass')];
const SHOP = { namespace: 'shop', name: 'a' };

describe('CON-7: questions to a running platform', () => {
  it.each([
    { type: 'pvc', path: '/console/api/explain?kind=pvc&namespace=shop&name=a', resource: persistentVolumeClaims },
    { type: 'sc', path: '/console/api/explain?kind=storageclass&namespace=shop&name=a', resource: storageClasses },
  ])('about a $type are a path and back', async ({ type, path, resource }) => {
    const asked = KINDS.find((each) => each.type === type) ?? kind('none', resource);
    expect(questionPath({ kind: asked, key: SHOP })).toBe(path);
    const question = await parseQuestion(new URL(path, 'http://x').searchParams, KINDS);
    expect(question).toMatchObject({ key: SHOP, explainer: { resource } });
  });

  it.each([
    { query: 'kind=tape&namespace=shop&name=a', why: 'a kind that no module explains' },
    { query: 'kind=sc&namespace=shop&name=a', why: 'a name of the command line alone' },
    { query: 'kind=pvc&name=a', why: 'a claim without namespace' },
    { query: 'kind=pvc&namespace=shop', why: 'no name' },
    { query: '', why: 'nothing' },
  ])('name no object: $why', async ({ query }) => {
    expect(await parseQuestion(new URLSearchParams(query), KINDS)).toBeUndefined();
  });

  it('need no namespace for what has none', async () => {
    expect(await parseQuestion(new URLSearchParams('kind=storageclass&name=fast'), KINDS)).toMatchObject({ key: { name: 'fast' } });
  });
});
