import { useTranslation } from 'react-i18next';
import { claimQuotas } from '#api/quota/claim-quotas.ts';
import { resourceQuotas } from '#api/resources.ts';
import { useWords } from '../../i18n/use-words.ts';
import { useLiveList } from '../../data/live-context.tsx';

/** What the namespace's quotas leave of claims and storage. */
export function QuotaLeft({ namespace }: { readonly namespace: string }) {
  const { t } = useTranslation();
  const say = useWords();
  const { items, state, problem } = useLiveList(resourceQuotas, { namespace });
  if (problem !== undefined) return <p className="faint">{say(problem.words)}</p>;
  if (state === 'loading') return <p className="faint">…</p>;
  const limits = claimQuotas(items);
  if (limits.length === 0) return <p className="faint">{t('quota.none')}</p>;
  return (
    <ul className="quota-list">
      {limits.map(({ quota, resource, hard, usage }) => (
        <li key={`${quota}/${resource}`}>
          <strong>{usage === undefined ? t('quota.unknown') : t('quota.left', { left: usage.left })}</strong>{' '}
          <span>{t('quota.used', { used: usage?.used ?? '—', hard })}</span>{' '}
          <span className="faint">
            <code>{resource}</code> · {quota}
          </span>
        </li>
      ))}
    </ul>
  );
}
