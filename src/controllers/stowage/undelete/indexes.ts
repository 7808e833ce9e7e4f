import type { PersistentVolume, PersistentVolumeClaim } from '#api/generated/kubernetes.ts';
import { classOfClaim } from '#api/storage/claim.ts';
import { isKept } from '#api/undelete/claim-record.ts';
import { CLAIM_INDEXES, VOLUME_INDEXES } from '../../indexes.ts';

/** How volumes whose claims can be brought back are found: all of them under `''`. */
export const KEPT_INDEXES = {
  ...VOLUME_INDEXES,
  kept: (volume: PersistentVolume): readonly string[] => (isKept(volume) ? [''] : []),
} as const;

/** How claims are found by their class, whatever they wait for. */
export const CLASS_INDEXES = {
  ...CLAIM_INDEXES,
  ofClass: (claim: PersistentVolumeClaim): readonly string[] => [classOfClaim(claim)],
} as const;
