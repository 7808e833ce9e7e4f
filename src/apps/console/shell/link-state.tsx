import { Button } from 'antd';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useLink, useLiveStore } from '../data/live-context.tsx';
import { useSessionCheck } from '../data/use-session.ts';

/** A dot and a word: whether what is shown is live. */
export function LinkDot() {
  const { t } = useTranslation();
  const { state } = useLink();
  return (
    <span className={`link-dot link-${state}`} role="status">
      <i aria-hidden="true" />
      {t(`link.${state}`)}
    </span>
  );
}

/** Says since when the data stands still; goes by itself. */
export function OfflineBanner() {
  const { t, i18n } = useTranslation();
  const link = useLink();
  const store = useLiveStore();
  useSessionEndCheck(link.state === 'offline');
  if (link.state !== 'offline') return null;
  const time = new Date(link.lostAtMs).toLocaleTimeString(i18n.language, { hour: '2-digit', minute: '2-digit' });
  return (
    <div className="offline-banner" role="alert">
      <span>{t('link.lost', { time })}</span>
      <Button size="small" onClick={() => store.connect()}>
        {t('link.retry')}
      </Button>
    </div>
  );
}

/** A browser isn't told why a socket was refused, so a lost one is the moment to ask whether the session still lives. */
function useSessionEndCheck(isOffline: boolean): void {
  const check = useSessionCheck();
  const latest = useRef(check);
  latest.current = check;
  useEffect(() => {
    if (!isOffline) return;
    latest.current();
    const timer = setInterval(() => latest.current(), SESSION_CHECK_MS);
    return () => clearInterval(timer);
  }, [isOffline]);
}

const SESSION_CHECK_MS = 5_000;
