import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { volumeSize } from '#api/claim-facts.ts';
import { canGiveUpGrowth } from '#api/storage/growth.ts';
import { useFailureText } from '../../data/failure-text.ts';
import { useWords } from '../../i18n/use-words.ts';
import type { ClaimRow } from './claim-rows.ts';
import type { Recovery } from './use-recovery.ts';

/** Gives up a growth that failed: what would happen, the question, what was done, and how it ended. Nothing where there is nothing to give up. */
export function GrowthRecovery({ row, recovery }: { readonly row: ClaimRow | undefined; readonly recovery: Recovery }) {
  if (recovery.state !== 'idle') return <Progress recovery={recovery} />;
  return row === undefined || !canGiveUpGrowth(row.claim) ? null : <Offer row={row} onConfirm={recovery.start} />;
}

function Offer({ row, onConfirm }: { readonly row: ClaimRow; readonly onConfirm: () => void }) {
  const { t } = useTranslation();
  const [stage, setStage] = useState<'offered' | 'asking' | 'canceled'>('offered');
  const size = volumeSize(row.claim.status?.capacity?.['storage']).text;
  const isInUse = row.podNames.length > 0;
  return (
    <section className="recovery" aria-label={t('recovery.offer')}>
      <p>{isInUse ? t('recovery.inUse', { pods: row.podNames.join(', ') }) : t('recovery.what', { size })}</p>
      {stage === 'asking' && !isInUse ? (
        <>
          <h4>{t('recovery.steps')}</h4>
          <ol>
            <li>{t('recovery.keep', { volume: row.claim.spec.volumeName ?? '' })}</li>
            <li>{t('recovery.remove')}</li>
            <li>{t('recovery.make', { size })}</li>
            <li>{t('recovery.restore')}</li>
          </ol>
          <div className="recovery-choice">
            <Button type="primary" danger onClick={onConfirm}>
              {t('recovery.confirm')}
            </Button>
            <Button autoFocus onClick={() => setStage('canceled')}>
              {t('recovery.cancel')}
            </Button>
          </div>
        </>
      ) : (
        <Button autoFocus={stage === 'canceled'} disabled={isInUse} onClick={() => setStage('asking')}>
          {t('recovery.offer')}
        </Button>
      )}
    </section>
  );
}

/** The button that began it is gone: the keyboard stays in the drawer. */
function takeFocus(element: HTMLElement | null): void {
  element?.focus();
}

function Progress({ recovery: { state, steps, error, start } }: { readonly recovery: Recovery }) {
  const { t } = useTranslation();
  const say = useWords();
  const failureText = useFailureText();
  return (
    <section ref={takeFocus} tabIndex={-1} className="recovery" aria-label={t('recovery.offer')}>
      <ol>
        {steps.map((step) => (
          <li key={step.code}>{say(step)}</li>
        ))}
      </ol>
      {error === null ? (
        <p role="status">{t(state === 'success' ? 'recovery.done' : 'recovery.running')}</p>
      ) : (
        <>
          <div className="problem" role="alert">
            {t('recovery.failed')}: {failureText(error)}
          </div>
          <Button onClick={start}>{t('recovery.again')}</Button>
        </>
      )}
    </section>
  );
}
