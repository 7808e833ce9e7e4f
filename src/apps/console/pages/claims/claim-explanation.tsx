import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { ClaimStatusCode } from '#api/claim-status.ts';
import { tell } from '#api/explanation.ts';
import type { PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { useFailureText } from '../../data/failure-text.ts';
import { useWordsLanguage } from '../../i18n/use-words.ts';
import { fetchExplanation } from '../../data/session.ts';

/** Every volume, class, driver and quota that was looked at for a claim that waits, with the reason against it, and what helps; asked anew when the claim or its status changes. */
export function ClaimExplanation({ claim, code }: { readonly claim: PersistentVolumeClaim; readonly code: ClaimStatusCode }) {
  const { t } = useTranslation();
  const language = useWordsLanguage();
  const failureText = useFailureText();
  const { metadata } = claim;
  const { data, error } = useQuery({
    queryKey: ['explanation', metadata.uid, metadata.resourceVersion, code],
    queryFn: () => fetchExplanation(metadata),
    placeholderData: (previous) => previous,
    refetchInterval: REFRESH_MS,
  });
  if (error !== null) return <p className="faint">{failureText(error)}</p>;
  if (data === undefined) return <p className="faint">…</p>;
  const told = tell(data, language);
  return (
    <div className="explanation">
      <p>{told.summary}</p>
      {told.remedies.length > 0 && <Remedies remedies={told.remedies} title={t('details.whatHelps')} />}
      <dl>
        {told.findings.map(({ subject, text }, index) => (
          <div key={`${subject}/${index}`}>
            <dt>
              <code>{subject}</code>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function Remedies({ remedies, title }: { readonly remedies: readonly string[]; readonly title: string }) {
  return (
    <>
      <h4>{title}</h4>
      <ul>
        {remedies.map((remedy) => (
          <li key={remedy}>{remedy}</li>
        ))}
      </ul>
    </>
  );
}

/** What is looked at beside the claim changes too. */
const REFRESH_MS = 10_000;
