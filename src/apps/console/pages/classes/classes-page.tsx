import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import type { StorageClass } from '#api/generated/kubernetes.ts';
import { persistentVolumeClaims, storageClasses } from '#api/resources.ts';
import { useLink, useLiveList, useLiveStore } from '../../data/live-context.tsx';
import { Age } from '../../ui/age.tsx';
import { compareText } from '../../ui/compare.ts';
import { ListPage, type ListSearch } from '../../ui/list-page.tsx';
import type { Column } from '../../ui/resource-table.tsx';

const DEFAULT_ANNOTATION = 'storageclass.kubernetes.io/is-default-class';

interface ClassRow {
  readonly item: StorageClass;
  readonly claims: number;
}

/** Administrator › Storage classes. */
export function ClassesPage({
  search,
  onSearch,
}: {
  readonly search: ListSearch;
  readonly onSearch: (change: Partial<ListSearch>) => void;
}) {
  const { t } = useTranslation();
  const list = useLiveList(storageClasses);
  const claims = useLiveList(persistentVolumeClaims);
  const link = useLink();
  const columns = useColumns();
  const rows = useMemo(
    () => list.items.map((item) => ({ item, claims: claims.byIndex('class', item.metadata.name).length })),
    [list.items, claims],
  );
  return (
    <ListPage
      title={t('classes.title')}
      placeholder={t('classes.searchPlaceholder')}
      columns={columns}
      rows={rows}
      rowKey={rowKey}
      searchText={searchText}
      defaultSort="name"
      search={search}
      onSearch={onSearch}
      isLoading={list.state === 'loading' && list.problem === undefined}
      isStale={list.state === 'stale' || link.state === 'offline'}
      problem={list.problem}
      empty={{ title: t('classes.emptyTitle'), help: t('classes.emptyHelp') }}
    />
  );
}

function rowKey({ item }: ClassRow): string {
  return item.metadata.name;
}

function searchText({ item }: ClassRow): string {
  return `${item.metadata.name} ${item.provisioner}`.toLowerCase();
}

function useColumns(): readonly Column<ClassRow>[] {
  const { t } = useTranslation();
  const store = useLiveStore();
  return useMemo(() => {
    const binding = (item: StorageClass): string =>
      t(item.volumeBindingMode === 'WaitForFirstConsumer' ? 'classes.firstConsumer' : 'classes.immediate');
    const aheadMs = store.serverNowMs() - Date.now();
    return [
      {
        key: 'name',
        title: t('classes.name'),
        width: '24%',
        cell: ({ item }) => (
          <>
            {item.metadata.name}{' '}
            {item.metadata.annotations?.[DEFAULT_ANNOTATION] === 'true' && <span className="badge">{t('classes.isDefault')}</span>}
          </>
        ),
        compare: (a, b) => compareText(a.item.metadata.name, b.item.metadata.name),
      },
      {
        key: 'provisioner',
        title: t('classes.provisioner'),
        width: '24%',
        cell: ({ item }) => item.provisioner,
        compare: (a, b) => compareText(a.item.provisioner, b.item.provisioner),
      },
      {
        key: 'binding',
        title: t('classes.binding'),
        width: '16%',
        cell: ({ item }) => binding(item),
        compare: (a, b) => compareText(binding(a.item), binding(b.item)),
      },
      { key: 'reclaim', title: t('classes.reclaim'), width: '12%', cell: ({ item }) => item.reclaimPolicy ?? 'Delete' },
      {
        key: 'expansion',
        title: t('classes.expansion'),
        width: '9%',
        cell: ({ item }) => t(item.allowVolumeExpansion === true ? 'classes.yes' : 'classes.no'),
      },
      {
        key: 'claims',
        title: t('classes.claims'),
        width: '8%',
        align: 'end',
        cell: (row) => row.claims,
        compare: (a, b) => a.claims - b.claims,
      },
      {
        key: 'age',
        title: t('classes.age'),
        width: '7%',
        align: 'end',
        cell: ({ item }) => <Age atMs={Date.parse(item.metadata.creationTimestamp)} aheadMs={aheadMs} />,
        compare: (a, b) => compareText(b.item.metadata.creationTimestamp, a.item.metadata.creationTimestamp),
      },
    ];
  }, [t, store]);
}
