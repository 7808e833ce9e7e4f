import type { StatefulSet } from './generated/kubernetes.ts';

/** The name of the claim that a template makes for the pod with that number (stateful_set_utils.go `getPersistentVolumeClaimName`). */
export function setClaimName({ metadata }: StatefulSet, templateName: string, ordinal: number): string {
  return `${templateName}-${metadata.name}-${ordinal}`;
}

/** The numbers of the pods that a StatefulSet is to have: from the first to before the last. */
export function ordinalsOf({ spec }: StatefulSet): { readonly from: number; readonly to: number } {
  const from = spec.ordinals?.start ?? 0;
  return { from, to: from + (spec.replicas ?? 1) };
}

/** For which number a claim of that name is made by one of the templates; undefined where it is none of the StatefulSet. */
export function setOrdinalOf(set: StatefulSet, claimName: string): number | undefined {
  const digits = /-(0|[1-9]\d*)$/.exec(claimName)?.[1];
  if (digits === undefined) return undefined;
  const ordinal = Number(digits);
  const isOwn = (set.spec.volumeClaimTemplates ?? []).some(
    ({ metadata }) => setClaimName(set, metadata?.name ?? '', ordinal) === claimName,
  );
  return isOwn ? ordinal : undefined;
}
