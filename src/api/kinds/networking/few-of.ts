/** How many items of a list a table shows (kubectl printers). */
const SHOWN = 3;

/** The first items of a list as tables show them; `empty` where there are none. */
export function fewOf(items: readonly string[], empty: string): string {
  if (items.length === 0) return empty;
  const text = items.slice(0, SHOWN).join(',');
  return items.length > SHOWN ? `${text} + ${items.length - SHOWN} more...` : text;
}
