import type { ListSearch } from './list-page.tsx';

/** Reads a list's state from the URL; what is no text is left out. */
export function parseListSearch(search: Record<string, unknown>): ListSearch {
  return { q: textOf(search['q']), sort: textOf(search['sort']), status: textOf(search['status']), open: textOf(search['open']) };
}

/** A search parameter as text: the router reads `?q=10` as a number. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
