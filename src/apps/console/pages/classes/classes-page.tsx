import { lazy, Suspense, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { formatAccessModes } from '#api/access-modes.ts';
import { classCapabilities } from '#api/capabilities/class-capabilities.ts';
import type { ClassCapabilities } from '#api/capabilities/resolve.ts';
import type { StorageClass } from '#api/generated/kubernetes.ts';
import { persistentVolumeClaims, storageClasses } from '#api/resources.ts';
import { useLink, useLiveList, useLiveStore } from '../../data/live-context.tsx';
import { Age } from '../../ui/age.tsx';
import { compareText } from '../../ui/compare.ts';
import { ListPage, type ListSearch } from '../../ui/list-page.tsx';
import type { Column } from '../../ui/resource-table.tsx';

const DEFAULT_ANNOTATION = 'storageclass.kubernetes.io/is-default-class';

const ClassDrawer = lazy(() => import('./class-drawer.tsx').then((module) => ({ default: module.ClassDrawer })));

interface ClassRow {
  readonly item: StorageClass;
  /** What claims of it can ask for; undefined until that is known. */
  readonly can: ClassCapabilities | undefined;
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
  const resolved = useLiveList(classCapabilities);
  const rows = useMemo(() => {
    const known = new Map(resolved.items.map(({ metadata, capabilities }) => [metadata.uid, capabilities]));
    return list.items.map((item) => ({
      item,
      can: known.get(item.metadata.uid),
      claims: claims.byIndex('class', item.metadata.name).length,
    }));
  }, [list.items, resolved.items, claims]);
  const opened = rows.find(({ item }) => item.metadata.name === search.open);
  const { open } = search;
  return (
    <>
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
        canOpen
      />
      {open !== undefined && list.state !== 'loading' && (
        <Suspense>
          <ClassDrawer key={open} name={open} item={opened?.item} can={opened?.can} onClose={() => onSearch({ open: undefined })} />
        </Suspense>
      )}
    </>
  );
}

function rowKey({ item }: ClassRow): string {
  return item.metadata.name;
}

function searchText({ item, can }: ClassRow): string {
  return `${item.metadata.name} ${item.provisioner} ${can?.displayName ?? ''} ${modesText(can)}`.toLowerCase();
}

/** The access modes of file systems, as short as kubectl has them; '' where nobody told. */
function modesText(can: ClassCapabilities | undefined): string {
  return can?.accessModes === undefined ? '' : formatAccessModes(can.accessModes.value);
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
        width: '19%',
        cell: ({ item }) => <ClassName item={item} />,
        compare: (a, b) => compareText(a.item.metadata.name, b.item.metadata.name),
      },
      {
        key: 'provisioner',
        title: t('classes.provisioner'),
        width: '20%',
        cell: ({ item }) => item.provisioner,
        compare: (a, b) => compareText(a.item.provisioner, b.item.provisioner),
      },
      { key: 'modes', title: t('classes.modes'), width: '14%', cell: ({ can }) => modesText(can) || t('capability.unknown') },
      {
        key: 'binding',
        title: t('classes.binding'),
        width: '12%',
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
        width: '7%',
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

function ClassName({ item: { metadata } }: Pick<ClassRow, 'item'>) {
  const { t } = useTranslation();
  return (
    <>
      {metadata.name} {metadata.annotations?.[DEFAULT_ANNOTATION] === 'true' && <span className="badge">{t('classes.isDefault')}</span>}
    </>
  );
}
