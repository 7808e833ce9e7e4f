// @vitest-environment jsdom
import { said } from '#api/explanation.ts';
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { initTexts } from '../i18n/i18n.ts';
import { formatAge } from './age.tsx';
import { ListPage, type ListPageProps } from './list-page.tsx';
import { parseListSearch } from './list-search.ts';

interface Fruit {
  readonly name: string;
  readonly grams: number;
}

const FRUIT: readonly Fruit[] = [
  { name: 'pear', grams: 200 },
  { name: 'apple', grams: 150 },
  { name: 'cherry', grams: 8 },
];

const PROPS: ListPageProps<Fruit> = {
  title: 'Fruit',
  placeholder: 'Name',
  columns: [
    { key: 'name', title: 'Name', width: '50%', cell: (row) => row.name, compare: (a, b) => a.name.localeCompare(b.name) },
    { key: 'grams', title: 'Weight', width: '50%', cell: (row) => row.grams, compare: (a, b) => a.grams - b.grams },
  ],
  rows: FRUIT,
  rowKey: (row) => row.name,
  searchText: (row) => row.name,
  facets: [{ key: 'light', label: 'Light', count: 1 }],
  facetOf: (row) => (row.grams < 100 ? 'light' : 'heavy'),
  defaultSort: 'name',
  search: {},
  onSearch: () => {},
  canOpen: true,
  isLoading: false,
  isStale: false,
  problem: undefined,
  empty: { title: 'No fruit', help: 'Grow some.' },
};

function shownNames(): readonly string[] {
  return within(screen.getByRole('table'))
    .getAllByRole('button', { name: /^(pear|apple|cherry)$/ })
    .map((button) => button.textContent ?? '');
}

beforeAll(() => {
  initTexts('en');
  // jsdom draws nothing: without sizes the table would think that no row is visible
  vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600);
  vi.spyOn(Element.prototype, 'clientWidth', 'get').mockReturnValue(1_000);
  globalThis.ResizeObserver = class {
    observe(): void {}
    unobserve(): void {}
    disconnect(): void {}
  };
  vi.stubGlobal('matchMedia', () => ({
    matches: false,
    addListener() {},
    removeListener() {},
    addEventListener() {},
    removeEventListener() {},
  }));
});
afterEach(cleanup);

describe('ListPage', () => {
  it.each([
    { name: 'by default', search: {}, shown: ['apple', 'cherry', 'pear'] },
    { name: 'turned round', search: { sort: '-grams' }, shown: ['pear', 'apple', 'cherry'] },
    { name: 'searched, in any case', search: { q: 'PE' }, shown: ['pear'] },
    { name: 'of one status', search: { status: 'light' }, shown: ['cherry'] },
  ])('shows rows $name', ({ search, shown }) => {
    render(<ListPage {...PROPS} search={search} />);
    expect(shownNames()).toEqual(shown);
  });

  it.each([
    { name: 'empty', change: { rows: [] }, text: 'No fruit' },
    { name: 'filtered to nothing', change: { search: { q: 'zzz' } }, text: 'Nothing matches these filters.' },
    {
      name: 'denied',
      change: { rows: [], problem: { type: 'denied' as const, words: said('fruit is forbidden') } },
      text: 'fruit is forbidden',
    },
    { name: 'broken', change: { rows: [], problem: { type: 'error' as const, words: said('fruit is out') } }, text: 'fruit is out' },
  ])('says why nothing is shown: $name', ({ change, text }) => {
    render(<ListPage {...PROPS} {...change} />);
    expect(screen.getByText(text)).toBeTruthy();
    expect(screen.queryByRole('table')).toBeNull();
  });

  it('turns a column at its second click and opens a row', () => {
    const onSearch = vi.fn();
    render(<ListPage {...PROPS} onSearch={onSearch} />);
    fireEvent.click(screen.getByRole('button', { name: 'Weight' }));
    fireEvent.click(screen.getByRole('button', { name: 'Name' }));
    fireEvent.click(screen.getByRole('button', { name: 'cherry' }));
    expect(onSearch.mock.calls).toEqual([[{ sort: 'grams' }], [{ sort: '-name' }], [{ open: 'cherry' }]]);
    expect(screen.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort')).toBe('ascending');
  });

  it('CON-5: focuses the search at /, and says how many rows there are in all', () => {
    render(<ListPage {...PROPS} />);
    fireEvent.keyDown(document.body, { key: '/' });
    expect(document.activeElement).toBe(screen.getByRole('textbox', { name: 'Search' }));
    expect(screen.getByRole('table').getAttribute('aria-rowcount')).toBe('4');
  });
});

describe('formatAge', () => {
  it.each([
    { name: 'seconds', ms: 45_000, en: '45s', zh: '45秒' },
    { name: 'minutes', ms: 720_000, en: '12m', zh: '12分钟' },
    { name: 'hours', ms: 7_200_000, en: '2h', zh: '2小时' },
    { name: 'days', ms: 9 * 86_400_000, en: '9d', zh: '9天' },
  ])('$name', ({ ms, en, zh }) => {
    expect(formatAge(ms, 'en')).toBe(en);
    expect(formatAge(ms, 'zh-CN')).toBe(zh);
  });
});

describe('parseListSearch', () => {
  it('keeps text, turns numbers back into text and drops the rest', () => {
    expect(parseListSearch({ q: 10, sort: '-age', status: '', open: { a: 1 } })).toEqual({
      q: '10',
      sort: '-age',
      status: undefined,
      open: undefined,
    });
  });
});
