import { lazy, Suspense, useCallback, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { StatusTone } from '#api/claim-status.ts';
import { useLiveStore } from '../../data/live-context.tsx';
import { type Facet, ListPage, type ListSearch } from '../../ui/list-page.tsx';
import { StatusSign } from '../../ui/status.tsx';
import { useClaimColumns } from './claim-columns.tsx';
import type { ClaimRow } from './claim-rows.ts';
import { useClaimRows } from './use-claim-rows.ts';

const ClaimDrawer = lazy(() => import('./claim-drawer.tsx').then((module) => ({ default: module.ClaimDrawer })));

const TONES: readonly StatusTone[] = ['good', 'busy', 'waiting', 'bad'];

/** What of the page stands in the URL. */
export interface ClaimsSearch extends ListSearch {
  /** Namespace; absent = all. */
  readonly ns?: string | undefined;
}

/** Container Platform › Claims. */
export function ClaimsPage({
  search,
  onSearch,
}: {
  readonly search: ClaimsSearch;
  readonly onSearch: (change: Partial<ClaimsSearch>) => void;
}) {
  const { t } = useTranslation();
  const { rows, claims, isStale } = useClaimRows(search.ns);
  const aheadMs = useServerAhead();
  const columns = useClaimColumns(aheadMs);
  const shownColumns = useMemo(
    () => (search.ns === undefined ? columns : columns.filter((column) => column.key !== 'namespace')),
    [columns, search.ns],
  );
  const close = useCallback(() => onSearch({ open: undefined }), [onSearch]);
  const opened = search.open === undefined ? undefined : rows.find((row) => row.key === search.open);
  return (
    <>
      <ListPage
        title={t('claims.title')}
        placeholder={t('claims.searchPlaceholder')}
        columns={shownColumns}
        rows={rows}
        rowKey={rowKey}
        searchText={searchText}
        facets={useFacets(rows)}
        facetOf={toneOf}
        defaultSort="name"
        search={search}
        onSearch={onSearch}
        canOpen
        isLoading={claims.state === 'loading' && claims.problem === undefined}
        isStale={isStale}
        problem={claims.problem}
        empty={{ title: t('claims.emptyTitle'), help: t('claims.emptyHelp'), example: exampleClaim(search.ns ?? 'default') }}
      />
      {search.open !== undefined && claims.state !== 'loading' && (
        <Suspense>
          <ClaimDrawer key={search.open} claimKey={search.open} row={opened} onClose={close} aheadMs={aheadMs} />
        </Suspense>
      )}
    </>
  );
}

function rowKey(row: ClaimRow): string {
  return row.key;
}

function searchText(row: ClaimRow): string {
  return row.searchText;
}

function toneOf(row: ClaimRow): string {
  return row.status.tone;
}

/** How far the server's clock is ahead of the browser's, to the second, in milliseconds. */
function useServerAhead(): number {
  const store = useLiveStore();
  return Math.round((store.serverNowMs() - Date.now()) / 1_000) * 1_000;
}

function useFacets(rows: readonly ClaimRow[]): readonly Facet[] {
  const { t } = useTranslation();
  return useMemo(() => {
    const counts: Record<StatusTone, number> = { good: 0, busy: 0, waiting: 0, bad: 0 };
    for (const row of rows) counts[row.status.tone] += 1;
    const byTone = TONES.map((tone) => ({
      key: tone,
      count: counts[tone],
      label: (
        <>
          <StatusSign tone={tone} />
          {t(`phase.${tone}`)}
        </>
      ),
    }));
    return [{ key: '', label: t('list.allStatuses'), count: rows.length }, ...byTone];
  }, [rows, t]);
}

function exampleClaim(namespace: string): string {
  return `kubectl apply -f - <<'EOF'
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: data
  namespace: ${namespace}
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests:
      storage: 1Gi
EOF`;
}
