import { useTranslation } from 'react-i18next';
import { lastSeenMs } from '#api/claim-facts.ts';
import type { Event } from '#api/generated/kubernetes.ts';
import { Age } from './age.tsx';
import { StatusSign } from './status.tsx';

/** Events of one object, the newest first. */
export function EventList({ events, aheadMs }: { readonly events: readonly Event[]; readonly aheadMs: number }) {
  const { t } = useTranslation();
  if (events.length === 0) return <p className="faint">{t('details.noEvents')}</p>;
  const sorted = [...events].sort((a, b) => lastSeenMs(b) - lastSeenMs(a));
  return (
    <ol className="event-list">
      {sorted.map((event) => {
        const count = event.series?.count ?? event.count ?? 1;
        const isWarning = event.type === 'Warning';
        return (
          <li key={event.metadata.uid}>
            <header>
              <StatusSign tone={isWarning ? 'bad' : 'good'} />
              <span className="sr-only">{t(isWarning ? 'details.warning' : 'details.normal')}</span>
              <strong>{event.reason}</strong>
              {count > 1 && <span className="faint">{t('details.times', { count })}</span>}
              <span className="event-age">
                <Age atMs={lastSeenMs(event)} aheadMs={aheadMs} />
              </span>
            </header>
            <p>{event.message}</p>
          </li>
        );
      })}
    </ol>
  );
}
