import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import type { ClaimStatus } from '#api/claim-status.ts';

/** Turns a status into a sentence of the present language. */
export function useClaimSentence(): (status: ClaimStatus) => string {
  const { t } = useTranslation();
  return useCallback((status: ClaimStatus) => t(`claimStatus.${status.code}`, { ...status.values, defaultValue: status.code }), [t]);
}
