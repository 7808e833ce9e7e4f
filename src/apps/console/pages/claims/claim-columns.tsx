import type { StatusTone } from '#api/claim-status.ts';
import { useTranslation } from 'react-i18next';
import { useMemo } from 'react';
import { Age } from '../../ui/age.tsx';
import { compareText, compareBigInt } from '../../ui/compare.ts';
import type { Column } from '../../ui/resource-table.tsx';
import { StatusText } from '../../ui/status.tsx';
import type { ClaimRow } from './claim-rows.ts';
import { useClaimSentence } from './claim-sentence.ts';

/** What needs somebody comes first. */
const URGENCY: Readonly<Record<StatusTone, number>> = { bad: 0, waiting: 1, busy: 2, good: 3 };

/** The columns of the list of claims. */
export function useClaimColumns(aheadMs: number): readonly Column<ClaimRow>[] {
  const { t } = useTranslation();
  const sentence = useClaimSentence();
  return useMemo(
    () => [
      { key: 'name', title: t('claims.name'), width: '17%', cell: (row) => row.name, compare: (a, b) => compareText(a.name, b.name) },
      {
        key: 'namespace',
        title: t('claims.namespace'),
        width: '12%',
        cell: (row) => row.namespace,
        compare: (a, b) => compareText(a.namespace, b.namespace),
      },
      {
        key: 'status',
        title: t('claims.status'),
        width: '27%',
        cell: (row) => <StatusText tone={row.status.tone} text={sentence(row.status)} />,
        compare: (a, b) => URGENCY[a.status.tone] - URGENCY[b.status.tone] || compareText(a.status.code, b.status.code),
      },
      {
        key: 'size',
        title: t('claims.size'),
        width: '7%',
        align: 'end',
        cell: (row) => row.size.text,
        compare: (a, b) => compareBigInt(a.size.sizeBytes, b.size.sizeBytes),
      },
      {
        key: 'class',
        title: t('claims.class'),
        width: '12%',
        cell: (row) => (row.className === '' ? <span className="faint">{t('claims.noClass')}</span> : row.className),
        compare: (a, b) => compareText(a.className, b.className),
      },
      { key: 'modes', title: t('claims.modes'), width: '8%', cell: (row) => row.modes },
      {
        key: 'pods',
        title: t('claims.pods'),
        width: '11%',
        cell: (row) => <PodNames names={row.podNames} none={t('claims.noPods')} />,
        compare: (a, b) => a.podNames.length - b.podNames.length,
      },
      // why the turned order: an age grows while the time of creation stands still
      {
        key: 'age',
        title: t('claims.age'),
        width: '6%',
        align: 'end',
        cell: (row) => <Age atMs={row.createdMs} aheadMs={aheadMs} />,
        compare: (a, b) => b.createdMs - a.createdMs,
      },
    ],
    [t, sentence, aheadMs],
  );
}

function PodNames({ names, none }: { readonly names: readonly string[]; readonly none: string }) {
  const [first, ...rest] = names;
  if (first === undefined) return <span className="faint">{none}</span>;
  return <span title={names.join('\n')}>{rest.length === 0 ? first : `${first} +${rest.length}`}</span>;
}
