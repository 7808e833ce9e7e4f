import { describe, expect, it } from 'vitest';
import { isExplanation, tell, words, wordsText } from './explanation.ts';
import { SENTENCES } from './sentences.ts';

const placeholders = (text: string): readonly string[] =>
  [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name))].toSorted((a, b) => a.localeCompare(b));

describe('CON-7: what is said in both languages', () => {
  const sentences = Object.entries(SENTENCES).filter(([code]) => code !== 'inBoth');
  it.each(sentences)('%s says the same', (_code, { en, zh }) => {
    expect(placeholders(zh)).toEqual(placeholders(en));
    expect(en.trim()).not.toBe('');
    expect(zh.trim()).not.toBe('');
  });

  it('leaves no English sentence in Chinese', () => {
    const left = sentences.filter(([, { zh }]) => {
      // why: what has only values, and a command, are the same in every language
      const own = zh.replace(/\{\w+\}/g, '');
      return /[a-z]/.test(own) && !own.startsWith('kubectl ') && !/[\u4e00-\u9fff]/.test(own);
    });
    expect(left).toEqual([]);
  });

  it.each([
    { language: 'en', text: 'pod a/b is Pending: no node will do' },
    { language: 'zh', text: 'pod a/b 处于 Pending：没有合适的节点' },
  ] as const)('stand in each other: $language', ({ language, text }) => {
    expect(wordsText(words('pendingBecause', { object: 'pod a/b', why: words('noNodeWillDo') }), language)).toBe(text);
  });

  it.each([
    { language: 'en', text: 'busy (claim a lies on n; claim b lies on no node that is here)' },
    { language: 'zh', text: 'busy（声明 a 的卷在 n 上；声明 b 的卷不在现有的任何节点上）' },
  ] as const)('make lists: $language', ({ language, text }) => {
    const places = [words('claimLiesOn', { claim: 'a', nodes: 'n' }), words('claimLiesNowhere', { claim: 'b' })];
    expect(wordsText(words('nodeAway', { reasons: 'busy', places }), language)).toBe(text);
  });

  it('are brought in both languages by a module', () => {
    const sentence = words('inBoth', { en: 'the tape is torn', zh: '磁带断了' });
    expect([wordsText(sentence, 'en'), wordsText(sentence, 'zh')]).toEqual(['the tape is torn', '磁带断了']);
  });

  it('leave values as they are, whatever they look like', () => {
    expect(wordsText(words('said', { text: 'a {object} and $& too' }), 'en')).toBe('a {object} and $& too');
  });
});

describe('isExplanation', () => {
  const explanation = {
    state: 'blocked',
    summary: words('noNodeAtAll'),
    findings: [{ subject: 'node', words: words('missing') }],
    remedies: [],
  };
  it.each([
    { name: 'an explanation', value: explanation, is: true },
    { name: 'a code that this version does not know', value: { ...explanation, summary: { code: 'later', values: {} } }, is: false },
    { name: 'a finding without words', value: { ...explanation, findings: [{ subject: 'node', text: 'x' }] }, is: false },
    { name: 'remedies as text', value: { ...explanation, remedies: ['x'] }, is: false },
  ])('$name: $is', ({ value, is }) => {
    expect(isExplanation(JSON.parse(JSON.stringify(value)))).toBe(is);
  });

  it('is told in a language', () => {
    expect(
      tell(
        {
          state: 'blocked',
          summary: words('noNodeAtAll'),
          findings: [{ subject: 'node n', words: words('missing') }],
          remedies: [words('startNode')],
        },
        'zh',
      ),
    ).toEqual({
      state: 'blocked',
      code: 'noNodeAtAll',
      summary: '没有节点',
      findings: [{ subject: 'node n', text: '不存在', code: 'missing' }],
      remedies: ['等待节点，或启动一个节点'],
    });
  });
});
