import { describe, expect, it } from 'vitest';
import { en } from './en.ts';
import { zh } from './zh.ts';

type Tree = { readonly [key: string]: string | Tree };

function flatten(tree: Tree, prefix = ''): Map<string, string> {
  const flat = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') flat.set(`${prefix}${key}`, value);
    else for (const [inner, text] of flatten(value, `${prefix}${key}.`)) flat.set(inner, text);
  }
  return flat;
}

function placeholders(text: string): readonly string[] {
  return [...text.matchAll(/\{\{(\w+)\}\}/g)].map((match) => match[1] ?? '').sort();
}

const english = flatten(en);
const chinese = flatten(zh);

describe('CON-1: English and Chinese', () => {
  it('have the same keys', () => expect([...chinese.keys()].sort()).toEqual([...english.keys()].sort()));

  it.each([...english.keys()].map((key) => ({ name: key })))('$name is filled in both and has the same placeholders', ({ name }) => {
    expect(english.get(name)?.trim()).not.toBe('');
    expect(chinese.get(name)?.trim()).not.toBe('');
    expect(placeholders(chinese.get(name) ?? '')).toEqual(placeholders(english.get(name) ?? ''));
  });

  it('leaves no English sentence in Chinese', () => {
    const left = [...chinese].filter(([key, text]) => text === english.get(key) && /[A-Za-z]{2,} [A-Za-z]{2,}/.test(text));
    expect(left).toEqual([]);
  });
});
