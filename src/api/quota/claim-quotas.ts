import { formatQuantity, parseQuantity, subtractQuantity } from '#kit/quantity.ts';
import type { ResourceQuota } from '../generated/kubernetes.ts';

/** One limit of a namespace on claims or storage; quantities in canonical form. */
export interface ClaimQuota {
  readonly quota: string;
  /** As the quota names it, for example `requests.storage`. */
  readonly resource: string;
  readonly hard: string;
  /** Absent before the quota was counted. */
  readonly usage?: { readonly left: string; readonly used: string };
}

/** What quotas limit of claims and storage, those for one class included (core/v1 ResourceQuota). */
const LIMITS = /^(?:count\/persistentvolumeclaims|(?:.+\.storageclass\.storage\.k8s\.io\/)?(?:persistentvolumeclaims|requests\.storage))$/;

/** True for what limits claims or storage. Pure. */
export function limitsClaims(resource: string): boolean {
  return LIMITS.test(resource);
}

/** Each limit on claims or storage with what is left of it; what is over the limit leaves `0`. Pure. */
export function claimQuotas(quotas: readonly ResourceQuota[]): readonly ClaimQuota[] {
  return quotas.flatMap(({ metadata, spec, status }) =>
    Object.entries(status?.hard ?? spec?.hard ?? {})
      .filter(([resource]) => limitsClaims(resource))
      .map(([resource, hard]) => ({ quota: metadata.name, resource, ...amounts(hard, status?.used?.[resource]) })),
  );
}

function amounts(hardText: string, usedText: string | undefined): Pick<ClaimQuota, 'hard' | 'usage'> {
  const hard = parseQuantity(hardText);
  const used = parseQuantity(usedText ?? '');
  if (!hard.ok) return { hard: hardText };
  if (!used.ok) return { hard: formatQuantity(hard.value) };
  const left = subtractQuantity(hard.value, used.value);
  return {
    hard: formatQuantity(hard.value),
    usage: { left: left.mantissa < 0n ? '0' : formatQuantity(left), used: formatQuantity(used.value) },
  };
}
