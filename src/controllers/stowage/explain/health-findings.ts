import { type Finding, type Words, type WordsCode, words } from '#api/explanation.ts';
import type { VolumeHealthStatus } from '#api/generated/kubernetes.ts';

/** What is wrong with a volume, and what helps. */
export interface HealthFindings {
  readonly findings: readonly Finding[];
  readonly remedies: readonly Words[];
}

/** What helps against each status, the worst first (core/v1 VolumeHealthStatusType). */
const REMEDIES: readonly (readonly [status: string, remedy: WordsCode])[] = [
  ['DataLoss', 'restoreLostData'],
  ['Inaccessible', 'mendInaccessible'],
  ['Degraded', 'mendDegraded'],
];

/** What a driver says of a volume (KEP-1432). `subject` says of which, where there are several. Pure. */
export function healthOf(health: VolumeHealthStatus | undefined, subject = 'health'): HealthFindings {
  const conditions = health?.healthConditions ?? [];
  const statuses = new Set(conditions.map(({ status }) => status));
  return {
    findings: conditions.map(({ status, reason, message = '' }) => ({
      subject: `${subject} ${status}`,
      words: words('healthSaid', { reason, since: health?.lastTransitionTime ?? '?', text: message }),
    })),
    remedies: REMEDIES.flatMap(([status, remedy]) => (statuses.has(status) ? [words(remedy)] : [])),
  };
}
