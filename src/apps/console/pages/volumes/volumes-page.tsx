import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { shortAccessMode, volumeSize } from '#api/claim-facts.ts';
import type { StatusTone } from '#api/claim-status.ts';
import type { PersistentVolume } from '#api/generated/kubernetes.ts';
import { persistentVolumes } from '#api/resources.ts';
import { useLink, useLiveList, useLiveStore } from '../../data/live-context.tsx';
import { Age } from '../../ui/age.tsx';
import { compareBigInt, compareText } from '../../ui/compare.ts';
import { ListPage, type ListSearch } from '../../ui/list-page.tsx';
import type { Column } from '../../ui/resource-table.tsx';
import { StatusText } from '../../ui/status.tsx';

const TONES = {
  Available: 'waiting',
  Bound: 'good',
  Released: 'waiting',
  Failed: 'bad',
  Pending: 'busy',
  Terminating: 'busy',
} as const satisfies Record<string, StatusTone>;

/** Administrator › Persistent volumes. */
export function VolumesPage({
  search,
  onSearch,
}: {
  readonly search: ListSearch;
  readonly onSearch: (change: Partial<ListSearch>) => void;
}) {
  const { t } = useTranslation();
  const list = useLiveList(persistentVolumes);
  const link = useLink();
  const columns = useColumns();
  return (
    <ListPage
      title={t('volumes.title')}
      placeholder={t('volumes.searchPlaceholder')}
      columns={columns}
      rows={list.items}
      rowKey={rowKey}
      searchText={searchText}
      defaultSort="name"
      search={search}
      onSearch={onSearch}
      isLoading={list.state === 'loading' && list.problem === undefined}
      isStale={list.state === 'stale' || link.state === 'offline'}
      problem={list.problem}
      empty={{ title: t('volumes.emptyTitle'), help: t('volumes.emptyHelp') }}
    />
  );
}

function rowKey(volume: PersistentVolume): string {
  return volume.metadata.name;
}

function searchText(volume: PersistentVolume): string {
  return `${volume.metadata.name} ${claimOf(volume)} ${volume.spec?.storageClassName ?? ''}`.toLowerCase();
}

function claimOf(volume: PersistentVolume): string {
  const reference = volume.spec?.claimRef;
  return reference === undefined ? '' : `${reference.namespace}/${reference.name}`;
}

function sizeOf(volume: PersistentVolume): ReturnType<typeof volumeSize> {
  return volumeSize(volume.spec?.capacity?.['storage']);
}

function phaseOf(volume: PersistentVolume): keyof typeof TONES {
  if (volume.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const phase = volume.status?.phase;
  return phase === 'Available' || phase === 'Bound' || phase === 'Released' || phase === 'Failed' ? phase : 'Pending';
}

/** The policy, with what is wrong with it: nobody deletes the directory of a static NFS volume (kubernetes pkg/volume/nfs has no deleter). */
function ReclaimPolicy({ volume: { spec } }: { readonly volume: PersistentVolume }) {
  const { t } = useTranslation();
  const policy = spec?.persistentVolumeReclaimPolicy ?? 'Retain';
  return spec?.nfs !== undefined && policy === 'Delete' ? <StatusText tone="bad" text={t('volumes.nfsDelete')} /> : policy;
}

function useColumns(): readonly Column<PersistentVolume>[] {
  const { t } = useTranslation();
  const store = useLiveStore();
  return useMemo(() => {
    const aheadMs = store.serverNowMs() - Date.now();
    const faint = <span className="faint">{t('volumes.none')}</span>;
    return [
      {
        key: 'name',
        title: t('volumes.name'),
        width: '26%',
        cell: (volume) => volume.metadata.name,
        compare: (a, b) => compareText(a.metadata.name, b.metadata.name),
      },
      {
        key: 'status',
        title: t('volumes.status'),
        width: '14%',
        cell: (volume) => <StatusText tone={TONES[phaseOf(volume)]} text={t(`volumePhase.${phaseOf(volume)}`)} />,
        compare: (a, b) => compareText(phaseOf(a), phaseOf(b)),
      },
      {
        key: 'size',
        title: t('volumes.size'),
        width: '7%',
        align: 'end',
        cell: (volume) => sizeOf(volume).text,
        compare: (a, b) => compareBigInt(sizeOf(a).sizeBytes, sizeOf(b).sizeBytes),
      },
      {
        key: 'claim',
        title: t('volumes.claim'),
        width: '18%',
        cell: (volume) => claimOf(volume) || faint,
        compare: (a, b) => compareText(claimOf(a), claimOf(b)),
      },
      { key: 'class', title: t('volumes.class'), width: '11%', cell: (volume) => volume.spec?.storageClassName || faint },
      {
        key: 'modes',
        title: t('volumes.modes'),
        width: '8%',
        cell: (volume) => (volume.spec?.accessModes ?? []).map(shortAccessMode).join(' '),
      },
      {
        key: 'reclaim',
        title: t('volumes.reclaim'),
        width: '10%',
        cell: (volume) => <ReclaimPolicy volume={volume} />,
      },
      {
        key: 'age',
        title: t('volumes.age'),
        width: '6%',
        align: 'end',
        cell: (volume) => <Age atMs={Date.parse(volume.metadata.creationTimestamp)} aheadMs={aheadMs} />,
        compare: (a, b) => compareText(b.metadata.creationTimestamp, a.metadata.creationTimestamp),
      },
    ];
  }, [t, store]);
}
