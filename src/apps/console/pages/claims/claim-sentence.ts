import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { type ClaimStatus, shorten } from '#api/claim-status.ts';
import { useWords } from '../../i18n/use-words.ts';

/** Turns a status into a sentence of the present language. */
export function useClaimSentence(): (status: ClaimStatus) => string {
  const { t } = useTranslation();
  const say = useWords();
  return useCallback(
    ({ code, values, reason }: ClaimStatus) => {
      const text = reason === undefined ? {} : { reason: shorten(say(reason)) };
      return t(`claimStatus.${code}`, { ...values, ...text, defaultValue: code });
    },
    [t, say],
  );
}
