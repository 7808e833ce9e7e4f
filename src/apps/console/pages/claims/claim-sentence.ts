import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { type ClaimStatus, shorten } from '#api/claim-status.ts';
import { wordsText } from '#api/explanation.ts';

/** Turns a status into a sentence of the present language. */
export function useClaimSentence(): (status: ClaimStatus) => string {
  const { t, i18n } = useTranslation();
  const language = i18n.language.startsWith('zh') ? 'zh' : 'en';
  return useCallback(
    ({ code, values, reason }: ClaimStatus) => {
      const text = reason === undefined ? {} : { reason: shorten(wordsText(reason, language)) };
      return t(`claimStatus.${code}`, { ...values, ...text, defaultValue: code });
    },
    [t, language],
  );
}
