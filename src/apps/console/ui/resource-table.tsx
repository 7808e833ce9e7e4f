import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

/** A column; static, beside its page. */
export interface Column<R> {
  readonly key: string;
  readonly title: string;
  /** Width as CSS has it in `<col>`. */
  readonly width: string;
  readonly cell: (row: R) => ReactNode;
  readonly align?: 'end';
  /** Absent = not sortable. */
  readonly compare?: (a: R, b: R) => number;
}

/** The order of a table. */
export interface Sort {
  readonly key: string;
  readonly isDescending: boolean;
}

/** What a table shows. */
export interface ResourceTableProps<R> {
  readonly label: string;
  readonly columns: readonly Column<R>[];
  /** In the order to show. */
  readonly rows: readonly R[];
  readonly rowKey: (row: R) => string;
  readonly sort: Sort;
  readonly onSort: (key: string) => void;
  /** Absent = rows can't be opened. The first column then is plain text. */
  readonly onOpen?: ((row: R) => void) | undefined;
  readonly openKey: string | undefined;
  readonly isStale: boolean;
}

/** Height of a row in pixels; console.css has the same. */
const ROW_PX = 36;
const HEAD_PX = 34;

/** The one table of the product: a real table, of which only the visible rows exist. */
export function ResourceTable<R>(props: ResourceTableProps<R>) {
  const { columns, rows, label, isStale } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
    scrollMargin: HEAD_PX,
    initialRect: { width: 1200, height: 800 },
  });
  const visible = virtualizer.getVirtualItems();
  const above = (visible[0]?.start ?? HEAD_PX) - HEAD_PX;
  const below = rows.length * ROW_PX - above - visible.length * ROW_PX;
  const activeIndex = Math.min(active, rows.length - 1);

  const focusRow = (index: number): void => {
    const target = Math.max(0, Math.min(rows.length - 1, index));
    setActive(target);
    virtualizer.scrollToIndex(target);
    // why: the row may only exist after the scroll has been drawn
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-row="${target}"]`)?.focus());
  };
  useFocusAfterDetails(props, focusRow);
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    focusRow(activeIndex + step);
  };
  return (
    <div ref={scroller} className={isStale ? 'table-scroll is-stale' : 'table-scroll'} onKeyDown={onKeyDown}>
      <table className="resource-table" aria-label={label} aria-rowcount={rows.length + 1}>
        <colgroup>
          {columns.map((column) => (
            <col key={column.key} style={{ width: column.width }} />
          ))}
        </colgroup>
        <TableHead {...props} />
        <tbody>
          {above > 0 && <Spacer heightPx={above} columns={columns.length} />}
          {visible.map((item) => {
            const row = rows[item.index];
            return row === undefined ? null : (
              <TableRow key={props.rowKey(row)} {...props} row={row} index={item.index} isActive={item.index === activeIndex} />
            );
          })}
          {below > 0 && <Spacer heightPx={below} columns={columns.length} />}
        </tbody>
      </table>
    </div>
  );
}

/** Who closes the details of a row is back on it (WCAG 2.2, 2.4.3), or on its neighbour where it is gone. */
function useFocusAfterDetails<R>({ rows, rowKey, openKey }: ResourceTableProps<R>, focusRow: (index: number) => void): void {
  const opened = useRef<{ readonly key: string; readonly index: number }>(undefined);
  useEffect(() => {
    const before = opened.current;
    const index = openKey === undefined ? -1 : rows.findIndex((row) => rowKey(row) === openKey);
    opened.current = openKey === undefined ? undefined : { key: openKey, index: index < 0 ? (before?.index ?? 0) : index };
    if (before === undefined || openKey !== undefined) return;
    const now = rows.findIndex((row) => rowKey(row) === before.key);
    focusRow(now < 0 ? before.index : now);
  });
}

const STEPS: Readonly<Record<string, number>> = {
  j: 1,
  ArrowDown: 1,
  k: -1,
  ArrowUp: -1,
  PageDown: 15,
  PageUp: -15,
  Home: -Infinity,
  End: Infinity,
};

function TableHead<R>({ columns, sort, onSort }: ResourceTableProps<R>) {
  const { t } = useTranslation();
  return (
    <thead>
      <tr aria-rowindex={1}>
        {columns.map((column) => {
          const isSorted = sort.key === column.key;
          const direction = sort.isDescending ? 'descending' : 'ascending';
          return (
            <th key={column.key} scope="col" className={column.align} aria-sort={isSorted ? direction : undefined}>
              {column.compare === undefined ? (
                column.title
              ) : (
                <button
                  type="button"
                  className="sort"
                  onClick={() => onSort(column.key)}
                  title={t('list.sortBy', { column: column.title })}
                >
                  {column.title}
                  <span className={isSorted ? `arrow ${direction}` : 'arrow'} aria-hidden="true" />
                </button>
              )}
            </th>
          );
        })}
      </tr>
    </thead>
  );
}

interface RowProps<R> extends ResourceTableProps<R> {
  readonly row: R;
  readonly index: number;
  readonly isActive: boolean;
}

function TableRow<R>({ columns, row, index, isActive, onOpen, openKey, rowKey }: RowProps<R>) {
  const isOpen = openKey === rowKey(row);
  const open = onOpen === undefined ? undefined : (): void => onOpen(row);
  return (
    <tr aria-rowindex={index + 2} className={isOpen ? 'is-open' : undefined} data-openable={open !== undefined} onClick={open}>
      {columns.map((column, position) => (
        <td key={column.key} className={column.align}>
          {position === 0 && open !== undefined ? (
            <button type="button" className="row-link" data-row={index} tabIndex={isActive ? 0 : -1} aria-haspopup="dialog">
              {column.cell(row)}
            </button>
          ) : position === 0 ? (
            <span data-row={index} tabIndex={isActive ? 0 : -1}>
              {column.cell(row)}
            </span>
          ) : (
            column.cell(row)
          )}
        </td>
      ))}
    </tr>
  );
}

function Spacer({ heightPx, columns }: { readonly heightPx: number; readonly columns: number }) {
  return (
    <tr aria-hidden="true" className="spacer">
      <td colSpan={columns} style={{ height: heightPx }} />
    </tr>
  );
}
