import type { VolumeRollback } from '#api/generated/definitions.ts';

/** The status of a rollback. */
export type RollbackStatus = NonNullable<VolumeRollback['status']>;
/** How far it is. */
export type Phase = NonNullable<RollbackStatus['phase']>;
/** One of its claims, with its volumes before and after. */
export type RolledClaim = NonNullable<RollbackStatus['claims']>[number];

/** On a rollback: what it has begun is brought to an end before it goes. */
export const ROLLBACK_FINALIZER = 'volumes.stowage.dev/rollback';
/** On a claim: the snapshot that it went back to. */
export const ROLLED_BACK_TO = 'volumes.stowage.dev/rolled-back-to';

const FINAL: ReadonlySet<Phase> = new Set(['Confirmed', 'Undone', 'Refused']);

/** True where nothing is to be done for it any more. */
export function isFinal({ status }: VolumeRollback): boolean {
  return status?.phase !== undefined && FINAL.has(status.phase);
}

/** The claim that the new volume of the `index`-th claim is made for: the rollback's own. */
export function newClaimName({ metadata }: VolumeRollback, index: number): string {
  return `rollback-${metadata.uid}-${index}`;
}

/** The names of the claims that a rollback is about, while it is not at its end. */
export function claimNamesOf({ spec, status }: VolumeRollback): readonly string[] {
  return [...new Set([...(spec.claims ?? []), ...(status?.claims ?? [])].map(({ claimName }) => claimName))];
}
