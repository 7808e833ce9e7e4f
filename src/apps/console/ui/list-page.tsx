import { Alert, Button, Input, type InputRef } from 'antd';
import { type ReactNode, useEffect, useMemo, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { Words } from '#api/explanation.ts';
import { useWords } from '../i18n/use-words.ts';
import { SearchIcon } from './icons.tsx';
import { type Column, ResourceTable, type Sort } from './resource-table.tsx';

/** What of a list stands in the URL. */
export interface ListSearch {
  readonly q?: string | undefined;
  /** A column's key; with a leading `-` the largest first. */
  readonly sort?: string | undefined;
  readonly status?: string | undefined;
  /** The row whose details are open. */
  readonly open?: string | undefined;
}

/** One button of the status filter. */
export interface Facet {
  readonly key: string;
  readonly label: ReactNode;
  readonly count: number;
}

/** What a list page is made of. */
export interface ListPageProps<R> {
  readonly title: string;
  readonly placeholder: string;
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  readonly rowKey: (row: R) => string;
  /** Lower-case text in which the search looks. */
  readonly searchText: (row: R) => string;
  readonly facets?: readonly Facet[];
  readonly facetOf?: (row: R) => string;
  readonly defaultSort: string;
  readonly search: ListSearch;
  readonly onSearch: (change: Partial<ListSearch>) => void;
  readonly canOpen?: boolean;
  readonly isLoading: boolean;
  readonly isStale: boolean;
  readonly problem: { readonly type: 'denied' | 'error'; readonly words: Words } | undefined;
  readonly empty: { readonly title: string; readonly help: string; readonly example?: string };
}

/** The one list page of the product: search, status filter, sorted table, and a sentence where there is nothing to show. */
export function ListPage<R>(props: ListPageProps<R>) {
  const { t } = useTranslation();
  const say = useWords();
  const { rows, search, onSearch, columns, defaultSort } = props;
  const shown = useShownRows(props);
  const sort = parseSort(search.sort ?? defaultSort);
  const changeSort = (key: string): void => {
    const isTurned = sort.key === key && !sort.isDescending;
    onSearch({ sort: `${isTurned ? '-' : ''}${key}` });
  };
  const isFiltered = (search.q ?? '') !== '' || search.status !== undefined;
  const count = isFiltered ? t('list.filtered', { shown: shown.length, count: rows.length }) : t('list.count', { count: rows.length });
  return (
    <section className="list-page" aria-labelledby="page-title">
      <header className="page-head">
        <h1 id="page-title">{props.title}</h1>
        <span className="count" role="status">
          {props.isLoading ? t('list.loading') : count}
        </span>
      </header>
      <Toolbar {...props} />
      {props.problem !== undefined && rows.length > 0 && (
        <Alert type="warning" showIcon title={say(props.problem.words)} description={t('list.errorHelp')} />
      )}
      {shown.length === 0 ? (
        <Nothing {...props} isFiltered={isFiltered} />
      ) : (
        <ResourceTable
          label={props.title}
          columns={columns}
          rows={shown}
          rowKey={props.rowKey}
          sort={sort}
          onSort={changeSort}
          onOpen={props.canOpen === true ? (row) => onSearch({ open: props.rowKey(row) }) : undefined}
          openKey={search.open}
          isStale={props.isStale}
        />
      )}
    </section>
  );
}

function Toolbar<R>({ placeholder, search, onSearch, facets }: ListPageProps<R>) {
  const { t } = useTranslation();
  const input = useRef<InputRef>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const isTyping = event.target instanceof HTMLElement && event.target.closest('input, textarea, [contenteditable]') !== null;
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      input.current?.focus();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, []);
  return (
    <div className="toolbar" role="search">
      <Input
        ref={input}
        className="search"
        prefix={<SearchIcon />}
        placeholder={placeholder}
        aria-label={t('list.search')}
        title={t('list.searchHint')}
        allowClear
        value={search.q ?? ''}
        onChange={(event) => onSearch({ q: event.target.value === '' ? undefined : event.target.value })}
      />
      {facets !== undefined && (
        <div className="facets" role="group" aria-label={t('list.status')}>
          {facets.map((facet) => (
            <FacetButton key={facet.key} facet={facet} search={search} onSearch={onSearch} />
          ))}
        </div>
      )}
    </div>
  );
}

function FacetButton({ facet, search, onSearch }: { readonly facet: Facet } & Pick<ListPageProps<unknown>, 'search' | 'onSearch'>) {
  const isPressed = (search.status ?? '') === facet.key;
  return (
    <button
      type="button"
      className="facet"
      aria-pressed={isPressed}
      onClick={() => onSearch({ status: isPressed || facet.key === '' ? undefined : facet.key })}
    >
      {facet.label}
      <span className="facet-count">{facet.count}</span>
    </button>
  );
}

function Nothing<R>({ isLoading, problem, isFiltered, rows, empty, onSearch }: ListPageProps<R> & { readonly isFiltered: boolean }) {
  const { t } = useTranslation();
  const say = useWords();
  if (problem !== undefined && rows.length === 0) {
    const isDenied = problem.type === 'denied';
    return (
      <div className="nothing" role="alert">
        <h2>{t(isDenied ? 'list.deniedTitle' : 'list.errorTitle')}</h2>
        <p>{t(isDenied ? 'list.deniedHelp' : 'list.errorHelp')}</p>
        <code>{say(problem.words)}</code>
      </div>
    );
  }
  if (isLoading) return <div className="table-scroll loading-rows" aria-hidden="true" />;
  if (isFiltered && rows.length > 0) {
    return (
      <div className="nothing">
        <p>{t('list.emptyFiltered')}</p>
        <Button onClick={() => onSearch({ q: undefined, status: undefined })}>{t('list.clear')}</Button>
      </div>
    );
  }
  return (
    <div className="nothing">
      <h2>{empty.title}</h2>
      <p>{empty.help}</p>
      {empty.example !== undefined && <pre>{empty.example}</pre>}
    </div>
  );
}

function useShownRows<R>({ rows, search, searchText, facetOf, columns, defaultSort }: ListPageProps<R>): readonly R[] {
  const needle = (search.q ?? '').trim().toLowerCase();
  const found = useMemo(
    () =>
      rows.filter(
        (row) => (search.status === undefined || facetOf?.(row) === search.status) && (needle === '' || searchText(row).includes(needle)),
      ),
    [rows, needle, search.status, facetOf, searchText],
  );
  const sortText = search.sort ?? defaultSort;
  return useMemo(() => {
    const sort = parseSort(sortText);
    const compare = columns.find((column) => column.key === sort.key)?.compare;
    if (compare === undefined) return found;
    return [...found].sort((a, b) => (sort.isDescending ? compare(b, a) : compare(a, b)));
  }, [found, columns, sortText]);
}

function parseSort(text: string): Sort {
  return text.startsWith('-') ? { key: text.slice(1), isDescending: true } : { key: text, isDescending: false };
}
